"""A worker that is killed in the middle of a job, and of its undoing: every signature moves once all the same."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from signatures.desk.jobs import orders
from signatures.models import Job, JobItem, TallyEntry
from signatures.tally.fold import fold

from .conftest import Wave

pytestmark = pytest.mark.django_db(transaction=True)

# A worker that takes small steps, with a breath between them to be killed in, or within one.
WORKER = """
import django; django.setup()
import time
from signatures.desk.jobs import run
run.FIRST_LIMIT = run.MOST = 20
advance, settled = run._advance, run._settled
def slowly(job, step):
    advance(job, step)
    time.sleep(0.05)  # before the commit: whoever is killed here has done nothing of the step
def settled_slowly(job, step, *, kind):
    settled(job, step, kind=kind)
    time.sleep(0.05)
run._advance, run._settled = slowly, settled_slowly
run.run_jobs(lane=0, seconds=60)
"""


def killed_after(job: Job, *, far_enough: Callable[[], bool]) -> None:
    """Start a real worker, and kill it once it is far enough."""
    database = connection.settings_dict
    address = f"postgres://{database['USER']}:{quote(database['PASSWORD'] or '')}@{quote(database['HOST'], safe='')}"
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "petition.settings",
        "DATABASE_URL": f"{address}:{database['PORT']}/{database['NAME']}",
    }
    worker = subprocess.Popen([sys.executable, "-c", WORKER], cwd=settings.BASE_DIR, env=env)
    try:
        deadline = time.monotonic() + 60
        while not far_enough():
            assert time.monotonic() < deadline, "the worker never got so far"
            assert worker.poll() is None, "the worker was through before it was killed: this proved nothing"
            time.sleep(0.01)
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait(timeout=20)
    deadline = time.monotonic() + 20
    while not _nobody_works(job):  # PostgreSQL notices a moment later that its client is gone
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _nobody_works(job: Job) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM signatures_job WHERE id = %s FOR UPDATE SKIP LOCKED", [job.pk])
        return cursor.fetchone() is not None


def lease_runs_out(job: Job) -> None:
    assert Job.objects.filter(pk=job.pk, lease__isnull=False).update(leased_until=timezone.now() - timedelta(seconds=1))


def test_a_worker_killed_in_a_hold_and_another_in_its_undoing_move_every_signature_once(wave: Wave):
    wave.sign(300)
    fold()
    before = wave.look()
    job = wave.start("hold")
    killed_after(job, far_enough=lambda: Job.objects.get(pk=job.pk).done >= 60)
    half = Job.objects.get(pk=job.pk)
    assert half.state == "running"
    assert 60 <= half.done < 300
    assert wave.states().count("held") == half.done == wave.items(job)
    assert wave.count() == 300 - half.done
    wave.work(job)
    assert job.done == half.done, "its lease still holds: nobody else may work on it"

    lease_runs_out(job)
    assert (wave.work(job).state, job.done) == ("done", 300)
    assert TallyEntry.objects.filter(petition=wave.petition, delta=-1).count() == 300
    assert wave.items(job) == 300
    assert wave.count() == 0

    orders.undo(job, actor=wave.moderator, reason="a school")
    killed_after(job, far_enough=lambda: Job.objects.get(pk=job.pk).undone >= 60)
    half = Job.objects.get(pk=job.pk)
    assert 60 <= half.undone < 300
    assert wave.count() == half.undone == 300 - wave.items(job)
    fold()
    assert wave.count() == half.undone

    lease_runs_out(job)
    assert (wave.work(job).state, job.undone, job.not_undone) == ("undone", 300, 0)
    assert TallyEntry.objects.filter(petition=wave.petition, delta=1).count() == 600
    assert wave.count() == 300
    assert wave.look() == before
    fold()
    assert wave.count() == 300
    assert wave.corrections() == {"held": -300, "released": 300}


def test_a_worker_killed_while_it_erases_leaves_nothing_unerased(wave: Wave):
    wave.sign(200)
    job = wave.done("erase")
    Job.objects.filter(pk=job.pk).update(undo_until=timezone.now() - timedelta(minutes=2))
    killed_after(job, far_enough=lambda: "erased" in wave.states())
    erased = wave.states().count("erased")
    assert 0 < erased < 200
    assert JobItem.objects.filter(job=job).count() == 200 - erased
    lease_runs_out(job)
    assert wave.work(job).result == {"erased": 200}
    assert wave.states() == ["erased"] * 200
    assert wave.items(job) == 0
