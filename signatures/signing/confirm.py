"""Confirm: count a signature once."""

from __future__ import annotations

from enum import Enum
from uuid import UUID

from petition.database import run_prepared
from signatures.models import Petition, Signature


class Confirmation(Enum):
    """What a confirmation met."""

    COUNTED = "counted"  # just now
    ALREADY = "already"  # by an earlier one
    UNDER_REVIEW = "under review"  # held; it will be counted when it is released
    REMOVED = "removed"  # by staff, as not genuine
    CHANGED = "changed"  # the form was sent again with other details since the page was shown
    GONE = "gone"  # withdrawn, erased, or deleted for its age
    OVER = "over"  # the petition has been handed over, or is a draft again


# The guarded UPDATE decides every race: of twenty confirms one finds the row pending, the others wait for it and then
# find it confirmed. Its ledger row commits with it or not at all. Nothing is read-modify-written on a shared row.
_CONFIRM = """
WITH counted AS (
    UPDATE signatures_signature AS s
    SET state = 'confirmed', confirmed_at = now(), bounced_at = NULL,
        mail_due_at = now(), mail_attempts = 0, mail_error = ''
    WHERE s.id = %(id)s AND s.state = 'pending' AND s.revision = %(revision)s
      AND EXISTS (
          SELECT 1 FROM signatures_petition AS p WHERE p.id = s.petition_id AND p.state IN ('open', 'paused', 'closed')
      )
    RETURNING s.petition_id, s.country, s.confirmed_at
)
INSERT INTO signatures_tallyentry (petition_id, country, day, delta, folded)
SELECT petition_id, COALESCE(country, ''), (confirmed_at AT TIME ZONE 'UTC')::date, 1, false FROM counted
"""

# A held signature that was never confirmed remembers that its owner has now done so, and counts from its release.
_CONFIRM_HELD = """
UPDATE signatures_signature SET held_from = 'confirmed', confirmed_at = now()
WHERE id = %(id)s AND state = 'held' AND held_from = 'pending'
"""


def confirm(*, signature_id: UUID, revision: int) -> Confirmation:
    """Count a pending signature, once however often it is asked.

    `revision` is that of the details the signer was shown. A signature made while the petition was open still counts
    while it is paused and after it closed, until it is delivered.
    """
    values = {"id": signature_id, "revision": revision}
    counted, _rows = run_prepared(_CONFIRM, values)
    if counted:
        return Confirmation.COUNTED
    run_prepared(_CONFIRM_HELD, {"id": signature_id})
    return standing(signature_id=signature_id)


def standing(*, signature_id: UUID) -> Confirmation:
    """What a confirmation would meet now; CHANGED stands for "pending, not yet confirmed"."""
    row = Signature.objects.filter(id=signature_id).values_list("state", "petition__state").first()
    match row:
        case (Signature.State.CONFIRMED, _):
            return Confirmation.ALREADY
        case (Signature.State.HELD, _):
            return Confirmation.UNDER_REVIEW
        case (Signature.State.INVALID, _):
            return Confirmation.REMOVED
        case (Signature.State.PENDING, Petition.State.OPEN | Petition.State.PAUSED | Petition.State.CLOSED):
            return Confirmation.CHANGED
        case (Signature.State.PENDING, _):
            return Confirmation.OVER
        case _:
            return Confirmation.GONE
