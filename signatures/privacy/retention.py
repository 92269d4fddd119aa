"""Retention: unconfirmed signatures are forgotten when their links have expired."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone

# In slices, so that no lock is held long; a row that is being confirmed at this moment is skipped. One that was
# withdrawn and then signed again has mails of its earlier life, which go with it (their constraint is checked at the
# commit).
_FORGET = """
WITH old AS (
    SELECT s.id FROM signatures_signature AS s
    WHERE s.state = 'pending' AND s.created_at < %s
    LIMIT 5000 FOR UPDATE SKIP LOCKED
), mails AS (
    DELETE FROM signatures_outgoingmail WHERE signature_id IN (SELECT id FROM old)
)
DELETE FROM signatures_signature WHERE id IN (SELECT id FROM old)
"""


def forget_unconfirmed() -> int:
    """Delete signatures that nobody confirmed within LINK_DAYS. Returns how many went."""
    before = timezone.now() - timedelta(days=settings.LINK_DAYS)
    gone = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(_FORGET, [before])
            gone += cursor.rowcount
            if cursor.rowcount < 5000:
                return gone
