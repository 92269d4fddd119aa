"""Updates and one signature: what was mailed to it, and what leaving and withdrawing mean."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from signatures.models import UpdateRecipient

_DROP = """
WITH gone AS (
    DELETE FROM signatures_updaterecipient WHERE signature_id = %s AND state = 'waiting' RETURNING sending_id
)
UPDATE signatures_updatesending AS g SET passed_over = passed_over + 1 FROM gone WHERE g.id = gone.sending_id
"""

# Whoever leaves is counted with the update they had last.
_COUNT = """
UPDATE signatures_updatesending AS g SET unsubscribed = unsubscribed + 1
WHERE g.id = (
    SELECT sending_id FROM signatures_updaterecipient
    WHERE signature_id = %s AND state IN ('sent', 'unknown') ORDER BY began_at DESC LIMIT 1
)
"""


def leave(signature_id: UUID) -> None:
    """Stop what is queued for somebody who wants no more updates. In the transaction of that wish."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_DROP, [signature_id])
        cursor.execute(_COUNT, [signature_id])


def updates_mailed(signature_id: UUID) -> list[datetime]:
    """When updates were mailed to one signature, as far as that is still remembered, the oldest first."""
    rows = UpdateRecipient.objects.filter(signature_id=signature_id, state__in=["sent", "unknown"])
    return [at for at in rows.order_by("began_at").values_list("began_at", flat=True) if at]


def forget_who_got_what(signature_id: UUID) -> None:
    """Delete every trace of updates to one signature: it is withdrawn."""
    UpdateRecipient.objects.filter(signature_id=signature_id).delete()
