"""Retention: what nobody confirmed is forgotten when its link has expired, spent proofs when they are of no use."""

from __future__ import annotations

from django.conf import settings
from django.db import connection
from django.utils import timezone

from signatures.models import SpentProof

SLICE = 5000  # rows of one statement: no lock is held long

# A row that is being confirmed at this moment is skipped. One that was withdrawn and then signed again has mails of its
# earlier life, which go with it (their constraint is checked at the commit). A legal hold keeps what is under review or
# was removed; of the others nobody has shown that they are anybody's, and their mail names the day on which they go.
_FORGET = """
WITH old AS (
    SELECT s.id, s.petition_id FROM signatures_signature AS s
    JOIN signatures_petition AS p ON p.id = s.petition_id
    WHERE s.created_at < now() - make_interval(days => LEAST(p.pending_kept_days, %(days)s))
      AND (
          s.state = 'pending'
          OR s.state = 'held' AND s.held_from = 'pending' AND p.legal_hold_at IS NULL
             AND s.held_at < now() - make_interval(days => LEAST(p.pending_kept_days, %(days)s))
          OR s.state = 'invalid' AND s.confirmed_at IS NULL AND p.legal_hold_at IS NULL
             AND s.invalid_at < now() - make_interval(days => LEAST(p.pending_kept_days, %(days)s))
          OR s.state = 'withdrawn' AND s.confirmed_at IS NULL
      )
    LIMIT %(slice)s FOR UPDATE OF s SKIP LOCKED
), mails AS (
    DELETE FROM signatures_outgoingmail WHERE signature_id IN (SELECT id FROM old)
), noted AS (
    INSERT INTO signatures_retentionrun (petition_id, day, kind, count)
    SELECT petition_id, (now() AT TIME ZONE 'UTC')::date, 'unconfirmed', count(*) FROM old GROUP BY petition_id
    ON CONFLICT (petition_id, day, kind) DO UPDATE SET count = signatures_retentionrun.count + EXCLUDED.count
)
DELETE FROM signatures_signature WHERE id IN (SELECT id FROM old)
"""


def forget_unconfirmed() -> int:
    """Delete signatures that nobody confirmed within their petition's `pending_kept_days`. Returns how many went.

    Also those that were held, removed, or taken back for another address, before anybody confirmed them. A person
    under review, or whose signature was removed, is given the same time from then on. LINK_DAYS is the most: no link
    lives longer.
    """
    gone = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(_FORGET, {"days": settings.LINK_DAYS, "slice": SLICE})
            gone += cursor.rowcount
            if cursor.rowcount < SLICE:
                return gone


def forget_spent_proofs() -> int:
    """Delete used proofs and passes that have expired and so cannot be used again anyway. Returns how many went."""
    gone, _each = SpentProof.objects.filter(expires_at__lt=timezone.now()).delete()
    return gone
