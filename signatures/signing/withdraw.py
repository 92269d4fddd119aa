"""Withdraw, erase, and "I did not sign this": taking a signature back.

Each locks its one row, so that a confirm or a second click waits, and appends the -1 in the same transaction. Each is
idempotent.
"""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from signatures.mail.outbox import queue
from signatures.models import OutgoingMail, Signature, Suppression
from signatures.privacy.erasure import blank
from signatures.sending.leaving import forget_who_got_what
from signatures.tally.ledger import append


def _locked(signature_id: UUID) -> Signature | None:
    return Signature.objects.select_for_update().filter(id=signature_id).first()


def _uncount(signature: Signature) -> None:
    """Take a counted signature out of the tally, on the day that counted it."""
    if signature.state == Signature.State.CONFIRMED and signature.confirmed_at:
        append(
            petition_id=signature.petition_id,
            country=signature.country,
            day=signature.confirmed_at.date(),
            delta=-1,
            paper=signature.paper_import_id is not None,
        )


@transaction.atomic
def withdraw(*, signature_id: UUID) -> bool:
    """Take the signature off the count, keep its sealed row. False when there is none to withdraw any more.

    One that staff removed stays removed: withdrawn, it could be signed anew.
    """
    signature = _locked(signature_id)
    if signature is None or signature.state in (Signature.State.ERASED, Signature.State.INVALID):
        return False
    if signature.state != Signature.State.WITHDRAWN:
        _uncount(signature)
        signature.state = Signature.State.WITHDRAWN
        signature.withdrawn_at = timezone.now()
        signature.held_from = signature.held_reason = ""
        signature.mail_due_at = None
        signature.mail_asked = ""
        signature.show_name = signature.hand_over = signature.wants_updates = False
        signature.save()
        forget_who_got_what(signature.id)
        if signature.paper_import_id is None:
            queue(signature_id=signature.id, kind=OutgoingMail.Kind.WITHDRAWN)
    return True


@transaction.atomic
def erase(*, signature_id: UUID) -> bool:
    """Take the signature off the count and destroy every personal field. True also when that had been done."""
    signature = _locked(signature_id)
    if signature is None:
        return False
    if signature.state != Signature.State.ERASED:
        _uncount(signature)
        blank(signature)
    return True


@transaction.atomic
def refuse(*, signature_id: UUID) -> bool:
    """ "I did not sign this": erase the signature and never write to its address about this petition again.

    False when nothing is held any more (there is then no address to suppress either).
    """
    signature = _locked(signature_id)
    if signature is None or signature.person_index is None or signature.paper_import_id is not None:
        return False  # nobody was sent a link for what is on paper
    Suppression.objects.bulk_create(
        [Suppression(petition_id=signature.petition_id, person_index=signature.person_index)], ignore_conflicts=True
    )
    _uncount(signature)
    blank(signature)
    return True
