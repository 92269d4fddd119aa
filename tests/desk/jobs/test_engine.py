"""Leases, orders and failures: what keeps a job right whatever happens to whoever works on it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from django.db import connection
from django.utils import timezone

from petition.database import session_lock
from signatures.desk.jobs import kinds, run
from signatures.desk.jobs.claim import claim, give_back
from signatures.desk.jobs.kinds import InOneGo, JobProblem, Progress, Step, Stepwise
from signatures.desk.jobs.orders import OrderRefused, cancel, pause, resume, try_again, undo
from signatures.desk.jobs.run import run_jobs, run_now
from signatures.desk.jobs.start import start_job
from signatures.models import AuditEntry, Job
from tests.factories import make_petition

from .conftest import Wave

pytestmark = pytest.mark.django_db(transaction=True)


class Counting(Stepwise):
    """Counts to `until`, one in a step; `before` is called in each step's transaction, before its work."""

    name = "counting"
    title = "Count"
    permission = "signatures.change_job"
    until: ClassVar[int] = 10
    before: ClassVar[Any] = None

    def step(self, job: Job, *, limit: int) -> Step:
        if Counting.before:
            Counting.before(job)
        at = int(job.cursor or 0) + 1
        return Step(done=1, cursor=str(at), finished=at >= Counting.until)


class Writing(InOneGo):
    """Calls `act` with its job and its progress."""

    name = "writing"
    title = "Write"
    permission = "signatures.change_job"
    act: ClassVar[Any] = None

    def run(self, job: Job, *, progress: Progress) -> dict[str, Any] | None:
        return Writing.act(job, progress)


@pytest.fixture(autouse=True)
def _kinds(monkeypatch):
    known = dict(kinds.kinds())
    monkeypatch.setattr(kinds, "_kinds", known | {"counting": Counting(), "writing": Writing()})
    Counting.before = Writing.act = None
    Counting.until = 10


@pytest.fixture
def begin(admin_user):
    def start(kind="counting", petition=None):
        return start_job(
            kind=kind, petition=petition or make_petition(), params={}, reason="to see", actor=admin_user, total=10
        )

    return start


def again_now(job: Job) -> None:
    """Let the wait after a failure, or a dead worker's lease, be over."""
    past = timezone.now() - timedelta(seconds=1)
    Job.objects.filter(pk=job.pk).update(due_at=past)
    Job.objects.filter(pk=job.pk, lease__isnull=False).update(leased_until=past)


def test_a_job_is_done_step_by_step_and_says_so(begin):
    job = begin()
    run_jobs(lane=0, seconds=10)
    job.refresh_from_db()
    assert (job.state, job.done, job.total, job.lease) == ("done", 10, 10, None)
    assert job.started_at <= job.finished_at
    assert job.settled_at  # it moved nothing: there is nothing to forget


def test_without_a_reason_or_a_known_kind_nothing_starts(begin, admin_user):
    for kind, reason in (("counting", " "), ("juggling", "for fun")):
        with pytest.raises(ValueError, match=r"why|kind"):
            start_job(kind=kind, petition=make_petition(), params={}, reason=reason, actor=admin_user)
    assert not Job.objects.exists()


def test_what_does_not_fit_into_a_slice_goes_on_in_the_next(begin):
    job = begin()
    for expected in range(1, 11):
        run_jobs(lane=0, seconds=0.001)
        job.refresh_from_db()
        assert job.done == expected
        assert job.lease is None
    assert job.state == "done"


def test_eight_workers_do_every_step_once(begin):
    jobs = [begin() for _ in range(6)]
    barrier = threading.Barrier(8)

    def work(lane: int) -> int:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=20)
            return run_jobs(lane=lane, seconds=10)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as workers:
        slices = list(workers.map(work, range(8)))
    assert sum(each > 0 for each in slices) > 1, "one worker did it all: this proved nothing"
    for job in jobs:
        job.refresh_from_db()
        assert (job.state, job.done) == ("done", 10)
    assert AuditEntry.objects.filter(action="job done").count() == 6


def test_two_workers_cannot_hold_one_lane(begin):
    begin()
    with session_lock(run.LANE_LOCK, 0) as ours, ThreadPoolExecutor(1) as other:
        assert ours

        def work() -> int:
            try:
                return run_jobs(lane=0, seconds=10)
            finally:
                connection.close()

        assert other.submit(work).result() == 0


def test_whoever_lost_the_lease_does_no_further_step(begin):
    job = begin()
    job_id, lease = claim(kinds=["counting"])
    again_now(job)
    assert claim(kinds=["counting"])[0] == job_id  # somebody else's now
    run._in_steps(job, Counting(), lease, ends=float("inf"))
    job.refresh_from_db()
    assert (job.state, job.done) == ("running", 0)


def test_a_lease_keeps_others_away_until_it_is_given_back(begin):
    begin()
    taken = claim(kinds=["counting"])
    assert claim(kinds=["counting"]) is None
    give_back(*taken)
    assert claim(kinds=["counting"])[0] == taken[0]


def test_a_job_that_kills_its_workers_fails_in_the_end(begin, settings):
    settings.JOB_MAX_ATTEMPTS = 3
    job = begin()
    for _ in range(3):
        assert claim(kinds=["counting"])
        again_now(job)
    run_jobs(lane=0, seconds=10)
    job.refresh_from_db()
    assert (job.state, job.done) == ("failed", 0)
    assert "stopped" in job.error


def test_pausing_in_the_middle_of_a_step_lets_that_step_finish_and_the_rest_wait(begin, admin_user):
    job, orders = begin(), []
    Counting.until = 2000

    def order() -> None:
        try:
            pause(Job.objects.get(pk=job.pk), actor=admin_user, reason="wait")
        finally:
            connection.close()

    def before(running: Job) -> None:
        if running.done == 3:
            orders.append(threading.Thread(target=order))
            orders[0].start()

    Counting.before = before
    run_jobs(lane=0, seconds=60)
    orders[0].join(timeout=20)
    job.refresh_from_db()
    assert job.state == "paused"
    assert 4 <= job.done < 2000
    assert job.cursor == str(job.done)
    assert job.lease is None


def test_a_paused_job_waits_and_a_resumed_one_repeats_nothing(begin, admin_user):
    job = begin()
    run_jobs(lane=0, seconds=0.001)
    pause(job, actor=admin_user, reason="wait")
    run_jobs(lane=0, seconds=10)
    job.refresh_from_db()
    assert (job.state, job.done) == ("paused", 1)
    resume(job, actor=admin_user, reason="go on")
    run_jobs(lane=0, seconds=10)
    job.refresh_from_db()
    assert (job.state, job.done) == ("done", 10)


def test_a_cancelled_job_stays_where_it_was(begin, admin_user):
    job = begin()
    run_jobs(lane=0, seconds=0.001)
    cancel(job, actor=admin_user, reason="enough")
    run_jobs(lane=0, seconds=10)
    job.refresh_from_db()
    assert (job.state, job.done) == ("cancelled", 1)
    for order in (pause, resume, cancel, try_again, undo):
        with pytest.raises(OrderRefused):
            order(job, actor=admin_user, reason="after all")


def test_every_order_that_changes_signatures_wants_a_reason(begin, admin_user):
    job = begin()
    for order in (cancel, try_again, undo):
        with pytest.raises(ValueError, match="why"):
            order(job, actor=admin_user, reason=" ")


def test_a_failing_step_is_rolled_back_tried_again_and_given_up_with_words(begin, admin_user, settings):
    settings.JOB_MAX_ATTEMPTS = 3
    job = begin()

    def fail(running: Job) -> None:
        if running.done == 2:
            Job.objects.filter(pk=running.pk).update(total=99)  # must not survive
            raise ZeroDivisionError("ada@mail.example")

    Counting.before = fail
    for attempt in range(1, 4):
        run_jobs(lane=0, seconds=10)
        job.refresh_from_db()
        assert (job.done, job.total, job.attempts) == (2, 10, attempt)
        assert job.state == ("failed" if attempt == 3 else "waiting")
        again_now(job)
    assert "ZeroDivisionError" in job.error
    assert "ada" not in job.error
    Counting.before = None
    try_again(job, actor=admin_user, reason="mended")
    run_jobs(lane=0, seconds=10)
    job.refresh_from_db()
    assert (job.state, job.done, job.error) == ("done", 10, "")


def test_a_failed_job_waits_longer_each_time(begin):
    job = begin()
    Counting.before = lambda running: 1 / 0
    waits = []
    for _ in range(3):
        run_jobs(lane=0, seconds=10)
        job.refresh_from_db()
        waits.append(round((job.due_at - timezone.now()).total_seconds()))
        again_now(job)
    assert waits == [2, 4, 8]


def test_a_problem_of_the_kind_fails_at_once_in_its_own_words(begin):
    job = begin()

    def fail(running: Job) -> None:
        raise JobProblem("The petition is a draft.")

    Counting.before = fail
    run_jobs(lane=0, seconds=10)
    job.refresh_from_db()
    assert (job.state, job.error) == ("failed", "The petition is a draft.")


def test_one_job_of_a_petition_moves_signatures_at_a_time(wave: Wave):
    wave.sign(4)
    first, second = wave.start("hold"), wave.start("release")
    taken = claim(kinds=["hold", "release"])
    assert taken[0] == first.pk
    assert claim(kinds=["hold", "release"]) is None
    give_back(*taken)
    wave.work(first)
    second.refresh_from_db()
    assert (first.state, second.state) == ("done", "done")
    assert wave.states() == ["confirmed"] * 4
    assert wave.count() == 4


def test_work_in_one_go_keeps_its_lease_by_saying_how_far_it_is(begin):
    job = begin("writing")

    def write(running: Job, progress: Progress) -> dict[str, Any]:
        before = Job.objects.get(pk=running.pk).leased_until
        progress(7, total=12, cursor="row 7")
        now = Job.objects.get(pk=running.pk)
        assert (now.done, now.total, now.cursor, now.leased_until > before) == (7, 12, "row 7", True)
        return {"rows": 12}

    Writing.act = write
    assert run_jobs(lane=0, seconds=10) == 0  # that lane is for quick work
    run_jobs(lane=1, seconds=10)
    job.refresh_from_db()
    assert (job.state, job.result) == ("done", {"rows": 12})


def test_work_in_one_go_is_stopped_where_it_says_how_far_it_is(begin, admin_user):
    job = begin("writing")
    written = []

    def write(running: Job, progress: Progress) -> None:
        for row in range(10):
            progress(row)
            written.append(row)
            if row == 4:
                cancel(Job.objects.get(pk=running.pk), actor=admin_user, reason="enough")

    Writing.act = write
    run_jobs(lane=1, seconds=10)
    job.refresh_from_db()
    assert (job.state, job.done, written) == ("cancelled", 4, [0, 1, 2, 3, 4])


def test_something_small_can_be_done_at_once(wave: Wave):
    wave.sign(3)
    job = wave.start("hold")
    run_now(job)
    assert (job.state, job.done) == ("done", 3)


def test_what_is_done_at_once_still_waits_for_its_turn(wave: Wave):
    wave.sign(3)
    wave.start("hold")
    claim(kinds=["hold"])
    job = wave.start("release")
    run_now(job)
    assert (job.state, job.done) == ("waiting", 0)
