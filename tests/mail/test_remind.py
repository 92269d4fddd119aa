"""Who has not confirmed is reminded after a day and after three, each at most once, and nobody else is."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings as django_settings
from django.db import connection, transaction
from django.utils import timezone

from signatures.mail import remind as module
from signatures.mail.deliver import Delivered, deliver_due
from signatures.mail.remind import remind_unconfirmed, silences
from signatures.models import OutgoingMail, Petition, Signature
from signatures.privacy.retention import forget_unconfirmed
from signatures.signing.confirm import confirm
from signatures.signing.review.hold import hold
from signatures.signing.withdraw import refuse, withdraw
from tests.factories import make_mail, make_petition, make_signature

from .conftest import Sink

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def petition() -> Petition:
    return make_petition(slug="water", languages=("fr",))


def waiting(petition: Petition, *, hours: float, **fields: Any) -> Signature:
    """A signature that was signed, and mailed, so many hours ago."""
    at = timezone.now() - timedelta(hours=hours)
    fields.setdefault("mail_sent_at", at)
    fields.setdefault("mail_count", 1)
    return make_signature(petition, at=at, **fields)


def age(hours: float) -> None:
    """As if so much time had passed."""
    for row in Signature.objects.all():
        row.created_at -= timedelta(hours=hours)
        if row.mail_sent_at:
            row.mail_sent_at -= timedelta(hours=hours)
        row.save()


def test_two_reminders_come_after_a_day_and_after_three_and_no_third(petition: Petition, sink: Sink) -> None:
    signature = waiting(petition, hours=0, email="ada@mail.example", language="fr")
    came = []
    for hour in range(1, 14 * 24, 1):
        age(1)
        remind_unconfirmed()
        if deliver_due(lane=0).sent:
            came.append(hour)
    assert came == [24, 72]
    assert sink.recipients == {"ada@mail.example": 2}
    assert all("/fr/water/confirm/" in mail.get_body(("plain",)).get_content() for mail in sink.mails)  # type: ignore[union-attr]
    signature.refresh_from_db()
    assert (signature.mail_count, signature.reminders_sent, signature.mail_asked) == (3, 2, "")
    age(24)
    assert forget_unconfirmed() == 1


def test_a_reminder_has_a_subject_that_names_nothing_and_says_when_all_is_deleted(
    petition: Petition, sink: Sink
) -> None:
    signature = waiting(petition, hours=73, reminders_sent=1, email="ada@mail.example")
    remind_unconfirmed()
    deliver_due(lane=0)
    (mail,) = sink.mails
    assert mail["Subject"] == "One step is still missing"
    text = " ".join(mail.get_body(("plain",)).get_content().split())  # type: ignore[union-attr]
    day = signature.created_at + timedelta(days=14, hours=1)
    assert f"deleted by {day.day} {day:%B %Y}" in text
    assert "This is the last time we remind you." in text


@pytest.mark.parametrize(
    "fields",
    [
        {"hours": 23},
        {"hours": 13.5 * 24},  # the link is about to go
        {"hours": 30, "mail_sent_at": None},
        {"hours": 30, "bounced_at": timezone.now()},
        {"hours": 30, "mail_count": 5},
        {"hours": 30, "mail_sent_at": timezone.now() - timedelta(minutes=10)},
        {"hours": 30, "state": "held"},
        {"hours": 30, "state": "confirmed"},
        {"hours": 30, "state": "withdrawn"},
        {"hours": 30, "mail_due_at": timezone.now()},
        {"hours": 50, "reminders_sent": 1, "mail_sent_at": timezone.now() - timedelta(hours=26)},
        {"hours": 300, "reminders_sent": 2},
    ],
)
def test_nobody_else_is_reminded(petition: Petition, fields: dict[str, Any]) -> None:
    waiting(petition, **fields)
    assert remind_unconfirmed() == 0


@pytest.mark.parametrize(("state", "reminded"), [("draft", 0), ("open", 1), ("closed", 1), ("delivered", 0)])
def test_only_while_a_confirmation_would_count(state: str, reminded: int) -> None:
    waiting(make_petition(state=state), hours=30)
    assert remind_unconfirmed() == reminded


@pytest.mark.parametrize("settled", ["held", "withdrawn", "refused", "confirmed", "delivered", "expired"])
def test_what_became_of_it_between_the_marking_and_the_sending_is_respected(
    petition: Petition, sink: Sink, settled: str
) -> None:
    signature = waiting(petition, hours=30, email="ada@mail.example")
    assert remind_unconfirmed() == 1
    match settled:
        case "held":
            hold(signature_ids=[signature.pk], reason="doubtful", actor=None)
        case "withdrawn":
            withdraw(signature_id=signature.pk)
            OutgoingMail.objects.all().delete()
        case "refused":
            refuse(signature_id=signature.pk)
        case "confirmed":
            confirm(signature_id=signature.pk, revision=0)
        case "delivered":
            Petition.objects.update(state="delivered", closed_at=timezone.now(), delivered_at=timezone.now())
        case "expired":
            age(14 * 24)
    deliver_due(lane=0)
    subjects = [mail["Subject"] for mail in sink.mails]
    assert subjects == (["Thank you, all is done"] if settled == "confirmed" else [])
    signature.refresh_from_db()
    assert signature.mail_due_at is None and signature.mail_asked == ""


def test_the_setting_decides_how_many_and_when(petition: Petition, settings: Any) -> None:
    assert silences() == [24 * 3600, 48 * 3600]
    settings.REMIND_AFTER_HOURS = []
    waiting(petition, hours=100)
    assert remind_unconfirmed() == 0
    settings.REMIND_AFTER_HOURS = [2]
    assert remind_unconfirmed() == 1
    assert remind_unconfirmed() == 0


def test_reminders_wait_while_mail_is_waiting_and_come_in_slices(
    petition: Petition, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SLICE", 3)
    for _ in range(5):
        waiting(petition, hours=30)
    behind = make_signature(petition, mail_due_at=timezone.now() - timedelta(seconds=90))
    assert remind_unconfirmed() == 0
    behind.delete()
    assert [remind_unconfirmed(), remind_unconfirmed(), remind_unconfirmed()] == [3, 2, 0]


def test_twenty_at_once_remind_everybody_exactly_once(
    petition: Petition, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SLICE", 20)
    for number in range(100):
        waiting(petition, hours=30, email=f"{number}@mail.example")
    start = threading.Barrier(20)

    def work(_number: int) -> int:
        try:
            connection.ensure_connection()
            start.wait(timeout=20)
            return sum(remind_unconfirmed() for _ in range(6))
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as workers:
        marked = list(workers.map(work, range(20)))
    while remind_unconfirmed():  # a worker may have skipped what another one held at that moment
        pass
    assert sum(marked) >= 20 and sum(each > 0 for each in marked) > 1
    assert set(Signature.objects.values_list("reminders_sent", flat=True)) == {1}
    assert deliver_due(lane=0) == Delivered(sent=100)
    assert set(sink.recipients.values()) == {1}


def test_a_confirmation_that_comes_while_it_is_marked_wins(petition: Petition, sink: Sink) -> None:
    """The row is locked by a confirm that has not committed: the reminder passes it by instead of waiting."""
    signature = waiting(petition, hours=30)
    confirmed = threading.Event()
    marked = threading.Event()

    def confirming() -> None:
        try:
            with transaction.atomic():
                confirm(signature_id=signature.pk, revision=0)
                confirmed.set()
                assert marked.wait(timeout=20)
        finally:
            connection.close()

    other = threading.Thread(target=confirming)
    other.start()
    assert confirmed.wait(timeout=20)
    assert remind_unconfirmed() == 0
    marked.set()
    other.join(timeout=20)
    assert remind_unconfirmed() == 0
    deliver_due(lane=0)
    assert [mail["Subject"] for mail in sink.mails] == ["Thank you, all is done"]


DIES = """
import django, os, signal
django.setup()
from django.db import connection, transaction
from signatures.mail.remind import remind_unconfirmed
with transaction.atomic():
    assert remind_unconfirmed() == 5
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_one_that_is_killed_before_its_commit_has_marked_nothing_and_the_next_goes_on(petition: Petition) -> None:
    for _ in range(5):
        waiting(petition, hours=30)
    database = connection.settings_dict
    where = f"{quote(database['HOST'] or '', safe='')}:{database['PORT'] or 5432}"
    who = quote(database["USER"] or "", safe="")
    secret = f":{quote(database['PASSWORD'], safe='')}" if database["PASSWORD"] else ""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "petition.settings",
        "DATABASE_URL": f"postgres://{who}{secret}@{where}/{database['NAME']}",
    }
    died = subprocess.run(
        [sys.executable, "-c", DIES], env=environment, cwd=django_settings.BASE_DIR, check=False, timeout=60
    )
    assert died.returncode == -9
    assert set(Signature.objects.values_list("reminders_sent", "mail_asked")) == {(0, "")}
    assert remind_unconfirmed() == 5


def test_nobody_is_reminded_on_the_last_day_that_their_petition_keeps(petition: Petition) -> None:
    Petition.objects.filter(pk=petition.pk).update(pending_kept_days=2)
    waiting(petition, hours=30)
    assert remind_unconfirmed() == 0
    Petition.objects.filter(pk=petition.pk).update(pending_kept_days=3)
    assert remind_unconfirmed() == 1


def test_the_search_reads_the_small_index_and_not_the_table(petition: Petition) -> None:
    for number in range(60):  # most wait for their first mail: only the others are in the index
        waiting(petition, hours=30, mail_due_at=timezone.now() if number else None)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE signatures_signature, signatures_petition")
        cursor.execute("SET enable_seqscan = off")
        try:
            cursor.execute(
                "EXPLAIN " + module._REMIND,
                {"number": 0, "silence": 86_400, "kept": 14, "days": 13, "mails": 5, "slice": 500},
            )
            plan = "\n".join(line for (line,) in cursor.fetchall())
        finally:
            cursor.execute("RESET enable_seqscan")
    assert "signature_unanswered" in plan, plan


def test_a_signature_that_was_withdrawn_once_is_forgotten_with_the_mails_of_its_earlier_life(
    petition: Petition,
) -> None:
    make_mail(waiting(petition, hours=15 * 24), kind="withdrawn", due_at=None, sent_at=timezone.now())
    waiting(petition, hours=13 * 24)
    assert forget_unconfirmed() == 1
    assert Signature.objects.count() == 1 and not OutgoingMail.objects.exists()
