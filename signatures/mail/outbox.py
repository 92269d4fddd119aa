"""What the rest of the house asks of the outbox: put a mail in, and say how long it has been waiting."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import connection
from django.utils import timezone

from signatures.models import OutgoingMail


def queue(*, signature_id: UUID, kind: str, at: datetime | None = None) -> OutgoingMail:
    """Queue a mail of an OutgoingMail.Kind, due `at` (now by default), in the caller's transaction.

    A signature's first mail is not queued here: it waits in the signature's own row.
    """
    return OutgoingMail.objects.create(
        signature_id=signature_id,
        kind=OutgoingMail.Kind(kind),
        due_at=at or timezone.now(),
    )


# Each minimum is one step into a partial index, however large the tables are.
_OLDEST = """
SELECT LEAST(
    (SELECT min(mail_due_at) FROM signatures_signature WHERE mail_due_at <= now()),
    (SELECT min(due_at) FROM signatures_outgoingmail WHERE due_at <= now())
)
"""


def oldest_due() -> datetime | None:
    """Since when the mail that has waited longest is due; None when nothing is due now."""
    with connection.cursor() as cursor:
        cursor.execute(_OLDEST)
        found: datetime | None = cursor.fetchone()[0]
    return found
