"""Erasure: what goes when a signature's data goes."""

from __future__ import annotations

from uuid import UUID

from django.db import connection
from django.utils import timezone

from signatures.models import NameReview, OutgoingMail, Signature, UpdateRecipient

PERSONAL = (
    *("name_sealed", "email_sealed", "email_index", "person_index", "domain_index", "country", "name_reviewed"),
    *("paper_index", "reference_sealed"),
    "mail_due_at",
)


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
    signature.invalid_reason = ""
    signature.save()
    OutgoingMail.objects.filter(signature=signature).delete()
    UpdateRecipient.objects.filter(signature=signature).delete()
    NameReview.objects.filter(signature=signature).delete()


# The same for many that a job took off the count (`signing.review.moves.TAKE_OFF`), and its items go with them: nothing
# tells any more which they were. Only what is still as the job left it; locked in the order of ids, as every move does.
_BLANK_ITEMS = f"""
WITH item AS (
    SELECT id, signature_id, left_at FROM signatures_jobitem WHERE job_id = %(job)s ORDER BY id LIMIT %(limit)s
), found AS (
    SELECT s.id FROM signatures_signature AS s JOIN item ON item.signature_id = s.id
    WHERE s.state = 'withdrawn' AND s.withdrawn_at = item.left_at
    ORDER BY s.id FOR NO KEY UPDATE OF s
), blanked AS (
    UPDATE signatures_signature AS s
    SET {", ".join(f"{column} = NULL" for column in PERSONAL)}, state = 'erased', erased_at = now(),
        show_name = false, hand_over = false, wants_updates = false,
        source = '', held_from = '', held_reason = '', mail_error = '', mail_asked = '', invalid_reason = ''
    FROM found WHERE s.id = found.id
    RETURNING s.id
), mails AS (
    DELETE FROM signatures_outgoingmail WHERE signature_id IN (SELECT id FROM blanked)
), updates AS (
    DELETE FROM signatures_updaterecipient WHERE signature_id IN (SELECT id FROM blanked)
), names AS (
    DELETE FROM signatures_namereview WHERE signature_id IN (SELECT id FROM blanked)
), gone AS (
    DELETE FROM signatures_jobitem WHERE id IN (SELECT id FROM item)
)
SELECT (SELECT count(*) FROM item), (SELECT count(*) FROM blanked)
"""


def blank_items(*, job_id: UUID, limit: int) -> tuple[int, int]:
    """Destroy what the signatures of the job's next `limit` items hold; joins a transaction.

    Returns how many items there were, and how many signatures were erased: the others were changed since.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BLANK_ITEMS, {"job": job_id, "limit": limit})
        items, erased = cursor.fetchone()
    return int(items), int(erased)
