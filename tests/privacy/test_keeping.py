"""What goes after a petition has closed, when, and what stops it. The count never moves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from threading import Event, Thread
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from signatures.letters.lifecycle import LifecycleProblem, reopen_petition
from signatures.models import AuditEntry, NameReview, OutgoingMail, Petition, RetentionRun, Signature
from signatures.privacy import keeping
from signatures.privacy.keeping import due_next, forget_after_closing
from signatures.privacy.periods import KeepingProblem, lift_legal_hold, set_legal_hold, set_periods
from signatures.privacy.retention import forget_unconfirmed
from tests.factories import make_mail, make_petition, make_signature

pytestmark = pytest.mark.django_db

DEFAULTS = {"names_kept_days": 30, "emails_kept_days": 10}


def closed(days_ago, **fields):
    at = timezone.now() - timedelta(days=days_ago)
    return make_petition(state="closed", closed_at=at, **DEFAULTS | fields)


def held_of(row):
    row.refresh_from_db()
    return {name for name in ("name_sealed", "email_sealed", "email_index", "person_index") if getattr(row, name)}


def test_nothing_goes_before_its_day():
    row = make_signature(closed(9), state="confirmed")
    assert forget_after_closing() == 0
    assert len(held_of(row)) == 4


def test_the_address_goes_first_and_the_name_can_still_be_read():
    row = make_signature(closed(11), state="confirmed", wants_updates=True, hand_over=True)
    mail = make_mail(row)
    assert forget_after_closing() == 1
    assert held_of(row) == {"name_sealed", "person_index"}
    assert (row.state, row.country, row.wants_updates, row.hand_over) == ("confirmed", "FR", False, True)
    assert not OutgoingMail.objects.filter(pk=mail.pk).exists()
    assert keeping.RetentionRun.objects.get().kind == "emails"


def test_with_the_later_of_the_two_everything_goes():
    row = make_signature(closed(31), state="confirmed", show_name=True)
    NameReview.objects.create(
        signature=row,
        petition=row.petition,
        name_digest=b"x",
        verdict="shown",
        reviewed_at=row.created_at,
        place=row.pk,
    )
    assert forget_after_closing() == 2
    assert held_of(row) == set()
    assert (row.state, row.show_name) == ("confirmed", False)
    assert not NameReview.objects.exists()
    assert {(run.kind, run.count) for run in RetentionRun.objects.all()} == {("names", 1), ("emails", 1)}


def test_the_name_may_go_first():
    row = make_signature(closed(11, names_kept_days=5, emails_kept_days=20), state="confirmed")
    forget_after_closing()
    assert held_of(row) == {"email_sealed", "email_index", "person_index"}


@pytest.mark.parametrize("state", ["withdrawn", "held"])
def test_what_is_not_counted_goes_too(state):
    row = make_signature(closed(31), state=state, held_from="confirmed" if state == "held" else "")
    Signature.objects.filter(pk=row.pk).update(confirmed_at=row.created_at)
    forget_after_closing()
    assert held_of(row) == set()
    assert row.state == state


def test_a_second_run_finds_nothing_and_one_day_adds_up():
    petition = closed(31)
    make_signature(petition, state="confirmed")
    forget_after_closing()
    assert forget_after_closing() == 0
    make_signature(petition, state="confirmed")
    Petition.objects.update(names_gone_at=None, emails_gone_at=None)
    forget_after_closing()
    assert RetentionRun.objects.get(kind="names").count == 2


def test_what_is_gone_is_noted_and_not_looked_for_again():
    petition = closed(11)
    make_signature(petition, state="confirmed")
    forget_after_closing()
    petition.refresh_from_db()
    assert (petition.emails_gone_at is None, petition.names_gone_at is None) == (False, True)
    assert [due.kind for due in due_next(petition)] == ["names"]
    Petition.objects.update(names_kept_days=5)
    forget_after_closing()
    with CaptureQueriesContext(connection) as queries:
        assert forget_after_closing() == 0
    assert not [query for query in queries if "signatures_signature" in query["sql"]]
    petition.refresh_from_db()
    assert due_next(petition) == []


def test_before_its_day_nothing_is_noted_as_gone():
    petition = closed(9)
    forget_after_closing()
    petition.refresh_from_db()
    assert (petition.emails_gone_at, petition.names_gone_at) == (None, None)


@pytest.mark.django_db(transaction=True)
def test_a_row_that_somebody_holds_is_found_by_the_next_night():
    petition = closed(31)
    rows = [make_signature(petition, state="confirmed") for _ in range(2)]
    locked, done = Event(), Event()

    def hold():
        with transaction.atomic():
            Signature.objects.select_for_update().get(pk=rows[0].pk)
            locked.set()
            done.wait(30)
        connection.close()

    holder = Thread(target=hold)
    holder.start()
    assert locked.wait(30)
    try:
        assert forget_after_closing() == 2
    finally:
        done.set()
        holder.join()
    petition.refresh_from_db()
    assert (petition.emails_gone_at, petition.names_gone_at) == (None, None)
    assert forget_after_closing() == 2
    petition.refresh_from_db()
    assert petition.emails_gone_at is not None
    assert petition.names_gone_at is not None


def test_opened_again_there_is_something_to_look_for(admin_user):
    petition = closed(11)
    make_signature(petition, state="confirmed")
    forget_after_closing()
    reopen_petition(petition_id=petition.pk, actor=admin_user, reason="why")
    late = make_signature(petition, state="confirmed")
    at = timezone.now() - timedelta(days=11)
    Petition.objects.update(state="closed", closed_at=at)
    assert forget_after_closing() == 1
    assert held_of(late) == {"name_sealed", "person_index"}


@pytest.mark.parametrize("state", ["open", "draft"])
def test_a_petition_that_takes_signatures_loses_nothing(state):
    petition = closed(400)
    row = make_signature(petition, state="confirmed")
    type(petition).objects.filter(pk=petition.pk).update(state=state, opened_at=timezone.now())
    assert forget_after_closing() == 0
    assert len(held_of(row)) == 4


def test_slices_go_on_where_the_last_one_ended(monkeypatch):
    monkeypatch.setattr(keeping, "SLICE", 2)
    petition = closed(31)
    rows = [make_signature(petition, state="confirmed") for _ in range(5)]
    assert forget_after_closing() == 10
    assert all(held_of(row) == set() for row in rows)


def test_a_legal_hold_stops_it_and_is_recorded(admin_user):
    petition = closed(400)
    row = make_signature(petition, state="confirmed")
    waiting = make_signature(petition, state="held", at=timezone.now() - timedelta(days=20))
    set_legal_hold(petition_id=petition.pk, actor=admin_user, reason="order of a court")
    assert forget_after_closing() == 0
    assert forget_unconfirmed() == 0
    assert len(held_of(row)) == 4
    assert len(held_of(waiting)) == 4
    with pytest.raises(KeepingProblem):
        set_legal_hold(petition_id=petition.pk, actor=admin_user, reason="again")
    lift_legal_hold(petition_id=petition.pk, actor=admin_user, reason="lifted by the court")
    assert forget_after_closing() == 4
    assert [each.action for each in AuditEntry.objects.order_by("pk")] == ["set legal hold", "lift legal hold"]


def test_an_unconfirmed_signature_goes_when_its_petition_says_and_is_noted():
    petition = make_petition(pending_kept_days=3)
    make_signature(petition, at=timezone.now() - timedelta(days=4))
    kept = make_signature(petition, at=timezone.now() - timedelta(days=2))
    assert forget_unconfirmed() == 1
    assert Signature.objects.get() == kept
    assert RetentionRun.objects.get(petition=petition, kind="unconfirmed").count == 1


def test_a_period_becomes_shorter_and_never_longer_once_people_have_signed(admin_user):
    petition = make_petition(**DEFAULTS)
    with pytest.raises(KeepingProblem, match="legal hold"):
        set_periods(petition_id=petition.pk, days={"names_kept_days": 31}, actor=admin_user, reason="why")
    set_periods(petition_id=petition.pk, days={"names_kept_days": 29}, actor=admin_user, reason="why")
    petition.refresh_from_db()
    assert petition.names_kept_days == 29
    assert AuditEntry.objects.get().reason == "names_kept_days 30 → 29; why"


def test_a_draft_may_promise_anything(admin_user):
    petition = make_petition(state="draft", **DEFAULTS)
    set_periods(petition_id=petition.pk, days={"names_kept_days": 700}, actor=admin_user, reason="why")
    petition.refresh_from_db()
    assert petition.names_kept_days == 700


def test_staff_see_what_goes_next():
    petition = closed(1)
    day = petition.closed_at.date()
    assert [(due.kind, due.on) for due in due_next(petition)] == [
        ("emails", day + timedelta(days=10)),
        ("names", day + timedelta(days=30)),
    ]
    assert due_next(make_petition()) == []


def test_a_petition_whose_signers_cannot_be_recognised_is_not_opened_again(admin_user):
    petition = closed(31)
    make_signature(petition, state="confirmed")
    forget_after_closing()
    with pytest.raises(LifecycleProblem, match="twice"):
        reopen_petition(petition_id=petition.pk, actor=admin_user, reason="why")


KILLED = """
import os, django
django.setup()
from signatures.privacy import keeping
keeping.SLICE = 50
real, seen = keeping._forget, []
from django.db import connection
class Killer:
    def __call__(self, execute, sql, params, many, context):
        answer = execute(sql, params, many, context)
        if "signatures_retentionrun" in sql:
            seen.append(1)
            if len(seen) == 3:
                print("slices", flush=True); os.kill(os.getpid(), 9)
        return answer
with connection.execute_wrapper(Killer()):
    keeping.forget_after_closing()
"""


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_killed_in_the_middle_has_noted_just_what_went():
    petition = closed(31)
    rows = [make_signature(petition, state="confirmed") for _ in range(200)]
    database = connection.settings_dict
    address = f"postgres://{database['USER']}:{quote(database['PASSWORD'] or '')}@{quote(database['HOST'], safe='')}"
    url = f"{address}:{database['PORT']}/{database['NAME']}"
    env = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "petition.settings"}
    died = subprocess.run(
        [sys.executable, "-c", KILLED],
        cwd=settings.BASE_DIR,
        check=False,
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert died.returncode == -signal.SIGKILL, died.stderr
    gone = Signature.objects.filter(email_sealed=None).count()
    assert gone == RetentionRun.objects.get().count == 100  # the third slice was not committed
    forget_after_closing()
    assert not Signature.objects.exclude(name_sealed=None, email_sealed=None, person_index=None).exists()
    assert {run.kind: run.count for run in RetentionRun.objects.all()} == {"names": len(rows), "emails": len(rows)}
