"""The worker's side: take a job, do steps of it for a while, give it back.

What happens when a worker dies: before a step's commit nothing of the step has happened, after it the job says so. Its
lease runs out (JOB_LEASE), and another worker goes on.
"""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from petition.database import session_lock
from signatures.models import Job

from .claim import claim, claim_settling, give_back
from .finish import end
from .kinds import InOneGo, JobProblem, Kind, Step, Stepwise, Stopped, kind_of, kinds
from .start import note

log = logging.getLogger(__name__)

LANE_LOCK = 0x6A6F6273  # "jobs": the class of the lanes' advisory locks
FIRST_LIMIT, MOST = 500, 4000  # things in one step
BRISK, SLOW = 0.15, 0.5  # seconds: a step below the first doubles the next one, one above the second halves it
FIRST_WAIT, LONGEST_WAIT = 2.0, 300.0  # seconds before the next try, doubled by each

Runner = Callable[[Job], Step]


def run_jobs(*, lane: int, seconds: float) -> int:
    """Work on what is due for about `seconds`; returns how many slices of jobs were worked on.

    Returns at once when another worker has the lane: lanes bound how many processes jobs take from mail and fold. Lane
    0 takes work in steps alone, so that a long file never keeps a hold waiting.
    """
    slices = 0
    names = [name for name, kind in kinds().items() if lane or isinstance(kind, Stepwise)]
    with session_lock(LANE_LOCK, lane) as ours:
        ends = time.monotonic() + seconds
        while ours and time.monotonic() < ends:
            if taken := claim(kinds=names):
                _work(*taken, ends=ends)
            elif taken := claim_settling():
                _settle(*taken, ends=ends)
            else:
                break
            slices += 1
    return slices


def run_now(job: Job, *, seconds: float = 1.0) -> None:
    """Do the first steps of a job here and now, for what is small: the same leases, whatever a worker does meanwhile.

    Not within a transaction. `job` is as it is afterwards; what is left, or waits for its turn, the worker does.
    """
    if taken := claim(kinds=[job.kind], only=job.pk):
        _work(*taken, ends=time.monotonic() + seconds)
    job.refresh_from_db()


def _work(job_id: UUID, lease: UUID, *, ends: float) -> None:
    job = Job.objects.get(pk=job_id)
    try:
        kind = kind_of(job)
        if job.attempts >= settings.JOB_MAX_ATTEMPTS:
            raise JobProblem("The workers that tried it were stopped, each of them.")
        if isinstance(kind, InOneGo):
            _in_one_go(job, kind, lease)
        elif isinstance(kind, Stepwise):
            _in_steps(job, kind, lease, ends=ends)
    except Stopped:
        pass
    except Exception as error:
        _failed(job_id, lease, error)
    else:
        give_back(job_id, lease)


def _in_steps(job: Job, kind: Stepwise, lease: UUID, *, ends: float) -> None:
    limit = FIRST_LIMIT
    while True:
        began = time.monotonic()
        with transaction.atomic(durable=True):
            locked = _locked(job.pk, lease)
            if locked is None:
                return
            step = (kind.undo_step if locked.undoing else kind.step)(locked, limit=limit)
            _advance(locked, step)
        if step.finished or time.monotonic() > ends:
            return
        limit = _next_limit(limit, took=time.monotonic() - began)


def _next_limit(limit: int, *, took: float) -> int:
    if took < BRISK:
        return min(limit * 2, MOST)
    return max(limit // 2, 1) if took > SLOW else limit


def _locked(job_id: UUID, lease: UUID) -> Job | None:
    """The job under our lease, locked until the step commits; None when it is ours no more, or was told to stop."""
    return Job.objects.select_for_update(no_key=True).filter(pk=job_id, lease=lease, state=Job.State.RUNNING).first()


def _advance(job: Job, step: Step) -> None:
    """Store what a step came to, in its transaction."""
    if job.undoing:
        job.undone += step.done
        job.not_undone += step.skipped
    else:
        job.done += step.done
        job.skipped += step.skipped
        job.cursor = step.cursor
    if step.result is not None:
        job.result = step.result
    job.attempts, job.error = 0, ""
    if step.finished:
        end(job, state=Job.State.UNDONE if job.undoing else Job.State.DONE)
    else:
        job.leased_until = timezone.now() + timedelta(seconds=settings.JOB_LEASE)
        job.save()


def _in_one_go(job: Job, kind: InOneGo, lease: UUID) -> None:
    def progress(done: int, *, total: int | None = None, cursor: str | None = None) -> None:
        changes: dict[str, Any] = {"done": done}
        changes |= {} if total is None else {"total": total}
        changes |= {} if cursor is None else {"cursor": cursor}
        until = timezone.now() + timedelta(seconds=settings.JOB_LEASE)
        ours = Job.objects.filter(pk=job.pk, lease=lease, state=Job.State.RUNNING)
        if not ours.update(leased_until=until, **changes):
            raise Stopped

    result = kind.run(job, progress=progress)
    with transaction.atomic():
        locked = _locked(job.pk, lease)
        if locked is None:
            raise Stopped
        locked.result = result
        locked.attempts, locked.error = 0, ""
        end(locked, state=Job.State.DONE)


def _failed(job_id: UUID, lease: UUID, error: Exception) -> None:
    """Try later, or give up and say why. An error's own text may quote a row, so only its name and place are kept."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    words = str(error) if isinstance(error, JobProblem) else f"{type(error).__name__}, {place.name}:{place.lineno}"
    log.error("Job %s: %s", job_id, words if not isinstance(error, JobProblem) else "cannot go on")
    with transaction.atomic():
        job = _locked(job_id, lease)
        if job is None:
            return
        job.error = words[:200]
        job.attempts += 1
        if isinstance(error, JobProblem) or job.attempts >= settings.JOB_MAX_ATTEMPTS:
            end(job, state=Job.State.FAILED)
            return
        wait = min(FIRST_WAIT * 2 ** (job.attempts - 1), LONGEST_WAIT)
        job.state, job.lease, job.leased_until = Job.State.WAITING, None, None
        job.due_at = timezone.now() + timedelta(seconds=wait)
        job.save()


def _settle(job_id: UUID, lease: UUID, *, ends: float) -> None:
    """Forget what an ended job moved, in steps; what a dead worker left is gone on with. A failure is tried again."""
    limit, finished = FIRST_LIMIT, False
    try:
        while not finished and time.monotonic() < ends:
            with transaction.atomic(durable=True):
                rows = Job.objects.select_for_update(no_key=True).filter(pk=job_id, lease=lease, settled_at=None)
                job = rows.filter(state__in=Job.ENDED).first()
                if job is None:
                    return
                kind = kind_of(job)
                step = kind.settle_step(job, limit=limit) if isinstance(kind, Stepwise) else Step(finished=True)
                finished = step.finished
                _settled(job, step, kind=kind)
    except Exception as error:
        log.error("Job %s cannot be settled: %s", job_id, type(error).__name__)
        later = timezone.now() + timedelta(seconds=FIRST_WAIT * 30)
        Job.objects.filter(pk=job_id, lease=lease).update(due_at=later, lease=None, leased_until=None)
    else:
        give_back(job_id, lease)


def _settled(job: Job, step: Step, *, kind: Kind) -> None:
    if step.result is not None:
        job.result = step.result
    if step.finished:
        now = timezone.now()
        job.settled_at = now
        # A selection may name signatures, or a small mail domain: that is of no use any more.
        job.params = kind.remembered(job)
    job.leased_until = timezone.now() + timedelta(seconds=settings.JOB_LEASE)
    job.save()
    if step.finished and (erased := (job.result or {}).get("erased")):
        note(job, kind=kind, action="erased for good", actor=job.created_by, count=erased, reason=job.reason)
