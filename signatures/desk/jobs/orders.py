"""What staff order a job to do: pause, resume, cancel, undo, try again.

Each is one guarded UPDATE of the job's row. A worker holds that row's lock while it takes a step, so an order waits for
the step under way (a fraction of a second) and the next step does not happen.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from signatures.models import Job

from .finish import end
from .kinds import kind_of
from .start import note


class OrderRefused(Exception):
    """The job is not in a state for this; says why, for staff."""


def _order(
    job: Job, rows: QuerySet[Job], *, action: str, actor: User | None, reason: str, refused: str, **changes: Any
) -> None:
    with transaction.atomic():
        if not rows.filter(pk=job.pk).update(**changes):
            raise OrderRefused(refused)
        job.refresh_from_db()
        note(job, kind=kind_of(job), action=action, actor=actor, count=job.done, reason=reason.strip())


def _must_say_why(reason: str) -> None:
    if not reason.strip():
        raise ValueError("Say why.")


def pause(job: Job, *, actor: User | None, reason: str = "") -> None:
    """Stop after the step under way, until somebody resumes it; needs no reason. Raises OrderRefused."""
    _order(
        job,
        Job.objects.filter(state__in=Job.ACTIVE),
        action="pause job",
        actor=actor,
        reason=reason,
        refused=_("It is not at work."),
        state=Job.State.PAUSED,
        lease=None,
        leased_until=None,
    )


def resume(job: Job, *, actor: User | None, reason: str = "") -> None:
    """Go on where it was paused, for the reason it was begun with. Raises OrderRefused."""
    _order(
        job,
        Job.objects.filter(state=Job.State.PAUSED),
        action="resume job",
        actor=actor,
        reason=reason,
        refused=_("It is not paused."),
        state=Job.State.WAITING,
        due_at=timezone.now(),
    )


def try_again(job: Job, *, actor: User | None, reason: str) -> None:
    """Go on where it failed, forward or undoing. Raises OrderRefused, ValueError without a reason."""
    _must_say_why(reason)
    _order(
        job,
        Job.objects.filter(state=Job.State.FAILED).filter(Q(moves=False) | Q(undoing=True) | Q(undo_until__gt=Now())),
        action="try job again",
        actor=actor,
        reason=reason,
        refused=_("It has not failed, or too long ago: start a new one."),
        state=Job.State.WAITING,
        due_at=timezone.now(),
        finished_at=None,
        undo_until=None,
        settled_at=None,
        attempts=0,
        error="",
    )


def cancel(job: Job, *, actor: User | None, reason: str) -> None:
    """Stop for good after the step under way; what it did stays done, and can be undone. Raises as the others do.

    An undoing is not cancelled: it would leave nobody knows what.
    """
    _must_say_why(reason)
    with transaction.atomic():
        rows = Job.objects.select_for_update(no_key=True)
        locked = rows.filter(pk=job.pk, state__in=(*Job.ACTIVE, Job.State.PAUSED), undoing=False).first()
        if locked is None:
            raise OrderRefused(_("It has ended, or is being undone."))
        end(locked, state=Job.State.CANCELLED, actor=actor, reason=reason.strip())
    job.refresh_from_db()


def undo(job: Job, *, actor: User | None, reason: str) -> None:
    """Put back what it moved, as a job of its own. Raises OrderRefused after the hour, ValueError without a reason."""
    _must_say_why(reason)
    open_still = Job.objects.filter(state__in=Job.ENDED, undo_until__gt=Now(), settled_at=None)
    _order(
        job,
        (open_still | Job.objects.filter(state=Job.State.PAUSED)).filter(moves=True, undoing=False),
        action="undo job",
        actor=actor,
        reason=reason,
        refused=_("It can no longer be undone."),
        state=Job.State.WAITING,
        undoing=True,
        due_at=timezone.now(),
        finished_at=None,
        undo_until=None,
        attempts=0,
        error="",
    )
