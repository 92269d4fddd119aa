"""Retention: what nobody confirmed is forgotten when its link has expired, spent proofs when they are of no use."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone

from signatures.models import SpentProof

# In slices, so that no lock is held long; a row that is being confirmed at this moment is skipped. One that was
# withdrawn and then signed again has mails of its earlier life, which go with it (their constraint is checked at the
# commit).
_FORGET = """
WITH old AS (
    SELECT s.id FROM signatures_signature AS s
    WHERE s.created_at < %(before)s
      AND (
          s.state = 'pending'
          OR s.state = 'held' AND s.held_from = 'pending' AND s.held_at < %(before)s
          OR s.state = 'withdrawn' AND s.confirmed_at IS NULL
      )
    LIMIT 5000 FOR UPDATE SKIP LOCKED
), mails AS (
    DELETE FROM signatures_outgoingmail WHERE signature_id IN (SELECT id FROM old)
)
DELETE FROM signatures_signature WHERE id IN (SELECT id FROM old)
"""


def forget_unconfirmed() -> int:
    """Delete signatures that nobody confirmed within LINK_DAYS. Returns how many went.

    Also those that were held, or taken back for another address, before anybody confirmed them. A person under review
    is given LINK_DAYS from when the review began.
    """
    before = timezone.now() - timedelta(days=settings.LINK_DAYS)
    gone = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(_FORGET, {"before": before})
            gone += cursor.rowcount
            if cursor.rowcount < 5000:
                return gone


def forget_spent_proofs() -> int:
    """Delete used proofs and passes that have expired and so cannot be used again anyway. Returns how many went."""
    gone, _each = SpentProof.objects.filter(expires_at__lt=timezone.now()).delete()
    return gone
