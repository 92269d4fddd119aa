"""Erasure: what goes when a signature's data goes."""

from __future__ import annotations

from django.utils import timezone

from signatures.models import NameReview, OutgoingMail, Signature

PERSONAL = ("name_sealed", "email_sealed", "email_index", "person_index", "country", "name_reviewed", "mail_due_at")


def blank(signature: Signature) -> None:
    """Destroy every personal field of a locked signature, and the mails that wait for it.

    The row stays as a tombstone (constraint `erased_holds_nothing`), so that the ledger's steps remain explained. The
    caller has taken it off the count.
    """
    for field in PERSONAL:
        setattr(signature, field, None)
    signature.state = Signature.State.ERASED
    signature.erased_at = timezone.now()
    signature.show_name = signature.hand_over = signature.wants_updates = False
    signature.source = signature.held_from = signature.held_reason = signature.mail_error = signature.mail_asked = ""
    signature.save()
    OutgoingMail.objects.filter(signature=signature).delete()
    NameReview.objects.filter(signature=signature).delete()
