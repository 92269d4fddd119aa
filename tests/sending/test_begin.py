"""When an update can be sent, to how many, and that it happens once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from signatures.models import AuditEntry, CampaignUpdate, Petition, Suppression, UpdateSending
from signatures.sending.begin import SendingProblem
from signatures.sending.supporters import count_supporters
from tests.factories import make_petition, make_signature, make_update

from .conftest import begin, supporter

pytestmark = pytest.mark.django_db


def test_only_those_count_who_asked_confirmed_and_can_be_reached(petition: Petition) -> None:
    supporter(petition, "1@mail.example")
    supporter(petition, "2@mail.example", language="fr")
    supporter(petition, "3@mail.example", language="fr")
    supporter(petition, "4@mail.example", wants_updates=False)
    supporter(petition, "5@mail.example", bounced_at=timezone.now())
    for state in ("pending", "held", "withdrawn", "erased"):
        make_signature(petition, state=state, wants_updates=state != "erased")
    suppressed = supporter(petition, "6@mail.example", language="ar")
    Suppression.objects.create(petition=petition, person_index=suppressed.person_index)
    supporter(make_petition(), "7@mail.example")
    assert count_supporters(petition.pk) == {"fr": 2, "en": 1}


def test_the_count_reads_an_index_alone(petition: Petition) -> None:
    supporter(petition)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute(
            "EXPLAIN SELECT language, count(*) FROM signatures_signature AS s WHERE petition_id = 1 AND"
            " s.state = 'confirmed' AND s.wants_updates AND s.bounced_at IS NULL GROUP BY language"
        )
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Index Only Scan using signature_wants_updates" in plan


def test_a_draft_is_not_sent(petition: Petition) -> None:
    supporter(petition)
    with pytest.raises(SendingProblem, match="not published"):
        begin(make_update(petition, published=False))
    assert not UpdateSending.objects.exists() and not AuditEntry.objects.exists()


def test_nobody_to_send_to_is_said(update: CampaignUpdate) -> None:
    with pytest.raises(SendingProblem, match="Nobody"):
        begin(update)


def test_it_is_recorded_with_how_many_and_why(petition: Petition, update: CampaignUpdate) -> None:
    supporter(petition)
    begin(update)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.object_id, entry.count) == ("send", str(update.pk), 1)
    assert entry.reason == "the answer of the ministers"


def test_an_update_is_sent_at_most_once(petition: Petition, update: CampaignUpdate) -> None:
    supporter(petition)
    sending = begin(update)
    UpdateSending.objects.update(
        state="stopped", ended_at=timezone.now(), started_at=timezone.now() - timedelta(days=9)
    )
    with pytest.raises(SendingProblem, match="at most once"):
        begin(update)
    assert UpdateSending.objects.get().pk == sending.pk


def test_a_second_update_on_the_same_day_has_to_wait(petition: Petition, update: CampaignUpdate, settings: Any) -> None:
    supporter(petition)
    begin(update)
    another = make_update(petition)
    with pytest.raises(SendingProblem, match=r"at most 1 update in a day.*send this one after \d{4}-"):
        begin(another)
    settings.UPDATE_MAILS_PER_DAY = 2
    begin(another)
    with pytest.raises(SendingProblem, match="at most 2"):
        begin(make_update(petition))
    UpdateSending.objects.update(started_at=timezone.now() - timedelta(hours=25))
    begin(make_update(petition))
    elsewhere = make_petition()
    supporter(elsewhere)
    begin(make_update(elsewhere))  # another petition has its own day


@pytest.mark.django_db(transaction=True)
def test_twenty_who_press_the_button_at_once_begin_it_once(petition: Petition, update: CampaignUpdate) -> None:
    supporter(petition)
    start = threading.Barrier(20)

    def press(_: int) -> bool:
        try:
            connection.ensure_connection()
            start.wait(timeout=20)
            begin(update)
        except SendingProblem:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(20) as people:
        assert sum(people.map(press, range(20))) == 1
    assert UpdateSending.objects.count() == 1 and AuditEntry.objects.count() == 1
