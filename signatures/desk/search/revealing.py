"""Revealing one signer's name and address: to one person, in one answer, for a reason that stays in the audit."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from signatures.models import AuditEntry, Signature
from signatures.privacy.personal import Signer, signer_of

ACTION = "reveal"
DAY = timedelta(hours=24)


class TooManyRevealsError(Exception):
    """The person has revealed as many as one may within 24 hours."""


def reveals_left(actor_id: int) -> int:
    """How many more signatures the person may reveal now."""
    most = settings.DESK_REVEALS_A_DAY
    entries = AuditEntry.objects.filter(action=ACTION, actor_id=actor_id).order_by("-id")
    since = timezone.now() - DAY
    return most - sum(at > since for at in entries.values_list("at", flat=True)[:most])


def reveal(*, signature: Signature, actor_id: int, reason: str) -> Signer:
    """Open one signature's name and address, and write down who did so and why.

    The entry is committed with the answer, or there is neither: nothing is seen that the audit does not know. The
    person's row is locked, so that two windows together reveal no more than one may. Raises ValueError without a
    reason, TooManyRevealsError, sealing.Unreadable when nothing is held or a key is missing.
    """
    if not reason.strip():
        raise ValueError("Say why.")
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=actor_id)
        if reveals_left(actor_id) <= 0:
            raise TooManyRevealsError
        signer = signer_of(signature)
        _record(signature.pk, actor_id=actor_id, reason=reason.strip())
    return signer


def _record(signature_id: UUID, *, actor_id: int, reason: str) -> None:
    AuditEntry.objects.create(
        actor_id=actor_id,
        action=ACTION,
        object_type="signature",
        object_id=str(signature_id),
        reason=reason[:200],
    )
