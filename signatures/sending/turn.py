"""A sending paused, resumed, stopped."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from signatures.models import AuditEntry, UpdateSending

from .begin import SendingProblem
from .claim import drop_waiting

State = UpdateSending.State


def pause_sending(*, update_id: UUID, actor: User | None, reason: str, because: str = "") -> UpdateSending:
    """No mail goes out after the one that is under way. `because` says why it paused by itself."""
    return _turn(update_id, "pause", (State.RUNNING,), State.PAUSED, actor=actor, reason=reason, because=because)


def resume_sending(*, update_id: UUID, actor: User | None, reason: str) -> UpdateSending:
    """Go on where it stopped."""
    return _turn(update_id, "resume", (State.PAUSED,), State.RUNNING, actor=actor, reason=reason)


def stop_sending(*, update_id: UUID, actor: User | None, reason: str) -> UpdateSending:
    """End it for good: whoever has not got it yet never gets it."""
    return _turn(update_id, "stop", (State.RUNNING, State.PAUSED), State.STOPPED, actor=actor, reason=reason)


def _turn(
    update_id: UUID,
    action: str,
    allowed: tuple[State, ...],
    state: State,
    *,
    actor: User | None,
    reason: str,
    because: str = "",
) -> UpdateSending:
    """Raises SendingProblem when it is not in a state from which that is possible."""
    if not reason.strip():
        raise SendingProblem(_("Say why."))
    with transaction.atomic():
        sending = UpdateSending.objects.select_for_update().filter(update_id=update_id).first()
        if sending is None or sending.state not in allowed:
            raise SendingProblem(_("That is not possible any more: look at how it stands now."))
        sending.state, sending.paused_because = state, because
        changed = ["state", "paused_because"]
        if state == State.STOPPED:
            sending.ended_at = timezone.now()
            changed.append("ended_at")
        sending.save(update_fields=changed)
        AuditEntry.objects.create(
            actor=actor,
            action=action,
            object_type="campaignupdate",
            object_id=str(update_id),
            reason=reason.strip()[:200],
        )
    if state == State.STOPPED:
        drop_waiting(sending.pk)
    return sending
