"""Forgetting an address that its visitor says was wrong."""

from __future__ import annotations

from uuid import UUID

from petition.database import run_prepared

# Only the row that this visitor's own form made, and only while nobody else's form has touched it since (a form sent
# again raises `revision`): one that was there before belongs to somebody else, a counted one to whoever confirmed it. A
# row whose mail has not gone out is deleted. Where one has, or is under way, the row is taken back instead: its link
# opens nothing any more, and what it remembers of its mails keeps the limits, so that changing to and fro between two
# addresses sends no more mails than signing twice. It goes with the unconfirmed.
_FORGET = """
WITH mailed AS (
    UPDATE signatures_signature
    SET state = 'withdrawn', withdrawn_at = now(), held_from = '', held_reason = '', mail_due_at = NULL,
        show_name = false, hand_over = false, wants_updates = false
    WHERE id = %(id)s AND revision = %(again)s AND (state = 'pending' OR state = 'held' AND held_from = 'pending')
      AND (mail_count > 0 OR mail_attempts > 0)
      AND NOT EXISTS (SELECT 1 FROM signatures_outgoingmail AS m WHERE m.signature_id = %(id)s)
)
DELETE FROM signatures_signature
WHERE id = %(id)s AND revision = %(again)s AND (state = 'pending' OR state = 'held' AND held_from = 'pending')
  AND mail_count = 0 AND mail_attempts = 0
  AND NOT EXISTS (SELECT 1 FROM signatures_outgoingmail AS m WHERE m.signature_id = %(id)s)
"""
_NOBODY = UUID(int=0)


def forget_wrong(*, created_id: UUID | None, again: int) -> None:
    """Delete, or take back, the unconfirmed signature that a form made and its visitor sent `again` so often.

    Without one, as slow and nothing.
    """
    run_prepared(_FORGET, {"id": created_id or _NOBODY, "again": again})
