"""Hold and release: doubtful signatures leave the count with a stated reason, and come back the same way."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from signatures.models import AuditEntry

from .moves import HOLD, RELEASE, Move, move


def _move(which: Move, *, action: str, signature_ids: Iterable[UUID], reason: str, actor: User | None) -> int:
    if not reason.strip():
        raise ValueError("Say why.")
    ids = list(signature_ids)
    with transaction.atomic():
        count = move(which, signature_ids=ids, reason=reason.strip())
        if count:
            AuditEntry.objects.create(
                actor=actor,
                action=action,
                object_type="signature",
                object_id=str(ids[0]) if len(ids) == 1 else "",
                count=count,
                reason=reason.strip()[:200],
            )
    return count


def hold(*, signature_ids: Iterable[UUID], reason: str, actor: User | None) -> int:
    """Take pending and counted signatures into review; returns how many moved. Raises ValueError without a reason."""
    return _move(HOLD, action="hold", signature_ids=signature_ids, reason=reason, actor=actor)


def release(*, signature_ids: Iterable[UUID], reason: str, actor: User | None) -> int:
    """Undo `hold`: each goes back to the state it came from; returns how many moved."""
    return _move(RELEASE, action="release", signature_ids=signature_ids, reason=reason, actor=actor)
