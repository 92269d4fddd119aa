"""The steps of a petition's life, one by one and against each other."""

import threading
import time
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from signatures.letters import lifecycle
from signatures.letters.clock import keep_time
from signatures.letters.lifecycle import LifecycleProblem
from signatures.letters.read import open_petitions, published
from signatures.models import AuditEntry, Letter, Petition
from tests.factories import make_petition

pytestmark = pytest.mark.django_db
SOON = timedelta(hours=1)


def take(step, petition, **fields):
    return getattr(lifecycle, step)(petition_id=petition.pk, actor=None, reason="because", **fields)


def scheduled(*, ago=None, **fields):
    """A petition whose opening time is to come, or was so long ago."""
    at = timezone.now() - ago if ago else timezone.now() + SOON
    return make_petition(state="scheduled", opened_at=None, opens_at=at, **fields)


def test_a_whole_life_is_recorded_with_who_and_why(admin_user):
    petition = make_petition(state="draft", opened_at=None)
    opens = timezone.now() + SOON
    steps = [
        ("schedule_petition", {"opens_at": opens}, "scheduled"),
        ("unschedule_petition", {}, "draft"),
        ("open_petition", {}, "open"),
        ("pause_petition", {"words": "We look into something."}, "paused"),
        ("resume_petition", {}, "open"),
        ("close_petition", {}, "closed"),
        ("reopen_petition", {}, "open"),
        ("close_petition", {}, "closed"),
        ("deliver_petition", {"on": timezone.now().date()}, "delivered"),
        ("undo_delivery", {}, "closed"),
    ]
    for step, fields, state in steps:
        how = {"petition_id": petition.pk, "actor": admin_user, "reason": "the plan"}
        assert getattr(lifecycle, step)(**how, **fields).state == state, step
    entries = AuditEntry.objects.order_by("id")
    assert [entry.action for entry in entries] == [
        *("schedule", "unschedule", "open", "pause", "resume", "close", "reopen", "close", "deliver", "undo delivery")
    ]
    assert {(entry.actor, entry.object_id) for entry in entries} == {(admin_user, petition.slug)}
    assert entries[0].reason == f"{opens.astimezone(UTC):%Y-%m-%d %H:%M} UTC; the plan"
    assert entries[2].reason == "the plan"


FROM = {
    "schedule_petition": {"draft", "scheduled"},
    "unschedule_petition": {"scheduled"},
    "open_petition": {"draft", "scheduled"},
    "pause_petition": {"open"},
    "resume_petition": {"paused"},
    "close_petition": {"open", "paused"},
    "plan_closing": {"open", "paused"},
    "reopen_petition": {"closed"},
    "deliver_petition": {"closed"},
    "undo_delivery": {"delivered"},
}
FIELDS = {
    "schedule_petition": lambda: {"opens_at": timezone.now() + SOON},
    "plan_closing": lambda: {"closes_at": timezone.now() + SOON},
    "deliver_petition": lambda: {"on": timezone.now().date()},
}


@pytest.mark.parametrize("state", Petition.State.values)
@pytest.mark.parametrize("step", FROM)
def test_a_step_is_taken_where_it_can_follow_and_refused_elsewhere(step, state):
    now = timezone.now()
    petition = make_petition(state=state, opens_at=now + SOON if state == "scheduled" else None, paused_at=now)
    fields = FIELDS.get(step, dict)()
    if state in FROM[step]:
        take(step, petition, **fields)
        assert AuditEntry.objects.count() == 1
    else:
        with pytest.raises(LifecycleProblem):
            take(step, petition, **fields)
        petition.refresh_from_db()
        assert (petition.state, AuditEntry.objects.count()) == (state, 0)


def test_a_step_needs_a_reason():
    with pytest.raises(LifecycleProblem):
        lifecycle.open_petition(petition_id=make_petition(state="draft").pk, actor=None, reason=" ")


@pytest.mark.parametrize("step", ["open_petition", "schedule_petition"])
def test_a_petition_without_its_letter_does_not_open(step):
    petition = make_petition(state="draft")
    Letter.objects.all().delete()
    with pytest.raises(LifecycleProblem, match="letter"):
        take(step, petition, **FIELDS.get(step, dict)())


def test_a_closed_petition_can_open_again_and_keeps_its_first_day():
    petition = make_petition(state="closed")
    opened = take("reopen_petition", petition)
    assert (opened.opened_at, opened.closed_at) == (petition.opened_at, None)


def test_times_that_make_no_sense_are_refused():
    now = timezone.now()
    draft, running = make_petition(state="draft"), make_petition()
    for fields in ({"opens_at": now}, {"opens_at": now + SOON, "closes_at": now + SOON}):
        with pytest.raises(LifecycleProblem):
            take("schedule_petition", draft, **fields)
    with pytest.raises(LifecycleProblem):
        take("plan_closing", running, closes_at=now - SOON)
    closed = make_petition(state="closed", opened_at=datetime(2021, 10, 1, 9, tzinfo=UTC))
    for day in (date(2021, 9, 30), now.date() + timedelta(days=1)):
        with pytest.raises(LifecycleProblem):
            take("deliver_petition", closed, on=day)
    assert take("deliver_petition", closed, on=date(2021, 10, 11)).delivered_at == datetime(2021, 10, 11, tzinfo=UTC)


def test_closing_forgets_the_pause_and_the_time():
    petition = make_petition(closes_at=timezone.now() + SOON)
    take("pause_petition", petition, words="  We look\ninto   something. ")
    assert published(petition.slug).paused_words == "We look into something."
    closed = take("close_petition", petition)
    assert (closed.paused_at, closed.paused_words, closed.closes_at) == (None, "", None)


def test_drafts_and_scheduled_ones_are_not_public_and_a_paused_one_is_listed():
    draft, waiting, running = make_petition(state="draft"), scheduled(), make_petition()
    take("pause_petition", running)
    assert (published(draft.slug), published(waiting.slug)) == (None, None)
    assert [each.slug for each in open_petitions()] == [running.slug]


# ------------------------------------------------------------------------------------------------------ the clock
def test_what_is_due_opens_and_closes_once_and_says_that_nobody_did_it():
    opens, closes = scheduled(ago=SOON), make_petition(closes_at=timezone.now() - SOON)
    later, stays = scheduled(), make_petition(closes_at=timezone.now() + SOON)
    assert (keep_time(), keep_time()) == (2, 0)
    states = dict(Petition.objects.values_list("slug", "state"))
    assert states == {opens.slug: "open", closes.slug: "closed", later.slug: "scheduled", stays.slug: "open"}
    entries = AuditEntry.objects.order_by("id").values_list("actor", "action", "object_id", "reason")
    assert list(entries) == [
        (None, "open", opens.slug, "the time that was set has come"),
        (None, "close", closes.slug, "the time that was set has come"),
    ]


def test_a_clock_that_stood_still_opens_before_it_closes():
    petition = scheduled(ago=2 * SOON, closes_at=timezone.now() - SOON)
    assert keep_time() == 2
    petition.refresh_from_db()
    assert petition.state == "closed"
    assert petition.opened_at is not None


def test_one_that_cannot_open_does_not_stop_the_others():
    broken, sound = scheduled(ago=SOON), scheduled(ago=SOON)
    broken.letters.all().delete()
    assert keep_time() == 1
    assert Petition.objects.get(pk=sound.pk).state == "open"
    assert Petition.objects.get(pk=broken.pk).state == "scheduled"


def test_a_paused_petition_closes_when_its_time_has_come():
    petition = make_petition(closes_at=timezone.now() + SOON)
    take("pause_petition", petition)
    Petition.objects.update(closes_at=timezone.now() - SOON)
    assert keep_time() == 1
    assert Petition.objects.get().state == "closed"


@pytest.mark.django_db(transaction=True)
def test_a_time_that_is_set_anew_in_the_last_moment_is_kept():
    petition = scheduled(ago=SOON)
    taken = []

    def clock():
        try:
            taken.append(keep_time())
        finally:
            connection.close()

    with transaction.atomic():  # somebody at the desk has the row
        Petition.objects.select_for_update().get(pk=petition.pk)
        thread = threading.Thread(target=clock)
        thread.start()
        waiting = False
        with connection.cursor() as cursor:
            while not waiting:  # until the clock has found it due and waits for its row
                cursor.execute("SELECT count(*) > 0 FROM pg_locks WHERE NOT granted")
                (waiting,) = cursor.fetchone()
                time.sleep(0.01)
        Petition.objects.filter(pk=petition.pk).update(opens_at=timezone.now() + SOON)
    thread.join()
    assert taken == [0]
    assert Petition.objects.get().state == "scheduled"
