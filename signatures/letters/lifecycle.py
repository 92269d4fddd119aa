"""A petition's life: draft → open → closed, and open again. Each step is recorded with who took it and why."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from signatures.models import AuditEntry, Petition

from .read import forget

State = Petition.State


class LifecycleProblem(ValueError):
    """Why a petition cannot take this step now, in words for staff."""


def _step(petition_id: int, *, to: str, came_from: tuple[str, ...], actor: User | None, reason: str) -> Petition:
    if not reason.strip():
        raise LifecycleProblem(_("Say why."))
    with transaction.atomic():
        petition = Petition.objects.select_for_update().get(pk=petition_id)
        if petition.state not in came_from:
            raise LifecycleProblem(
                _("A petition that is %(state)s cannot become %(to)s.")
                % {"state": petition.get_state_display(), "to": State(to).label}
            )
        if to == State.OPEN and not petition.letters.filter(language=petition.original_language).exists():
            raise LifecycleProblem(_("It has no letter in its original language yet."))
        now = timezone.now()
        petition.state = to
        if to == State.OPEN:
            petition.opened_at = petition.opened_at or now
            petition.closed_at = None
        else:
            petition.closed_at = now
        petition.save()
        AuditEntry.objects.create(
            actor=actor,
            action="open" if to == State.OPEN else "close",
            object_type="petition",
            object_id=petition.slug[:40],
            reason=reason.strip()[:200],
        )
    forget(petition.slug)
    return petition


def open_petition(*, petition_id: int, actor: User | None, reason: str) -> Petition:
    """Let people sign: from a draft, or again after it was closed. Raises LifecycleProblem."""
    return _step(petition_id, to=State.OPEN, came_from=(State.DRAFT, State.CLOSED), actor=actor, reason=reason)


def close_petition(*, petition_id: int, actor: User | None, reason: str) -> Petition:
    """Take no more signatures; those made in time can still be confirmed. Raises LifecycleProblem."""
    return _step(petition_id, to=State.CLOSED, came_from=(State.OPEN,), actor=actor, reason=reason)
