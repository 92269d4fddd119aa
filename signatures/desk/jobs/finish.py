"""How a job ends."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone

from signatures.models import Job

from .kinds import kind_of
from .start import note

_ACTIONS = {
    Job.State.DONE: "job done",
    Job.State.CANCELLED: "cancel job",
    Job.State.FAILED: "job failed",
    Job.State.UNDONE: "job undone",
}


def end(job: Job, *, state: Job.State, actor: User | None = None, reason: str = "") -> None:
    """Store that a locked job has ended, and how many it took. From now the time for undoing runs."""
    now = timezone.now()
    job.state, job.finished_at, job.lease, job.leased_until = state, now, None, None
    undoable = job.moves and state != Job.State.UNDONE
    # What was undone is forgotten at once, and a job that moved nothing leaves nothing to forget.
    job.undo_until = now + timedelta(seconds=settings.JOB_UNDO_SECONDS) if undoable else now
    job.settled_at = None if job.moves else now
    job.save()
    note(
        job,
        kind=kind_of(job),
        action=_ACTIONS[state],
        actor=actor or job.created_by,
        count=job.undone if job.undoing else job.done,
        reason=reason or job.reason,
    )
