"""Hold and release: doubtful signatures leave the count with a stated reason, and come back the same way."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.contrib.auth.models import User
from django.db import connection, transaction

from signatures.models import AuditEntry

# Guarded by state, so that a double click or two moderators move each signature, and the count, once. RETURNING sees
# the new row; `held_from` tells which of them had been counted. Those are what the public corrections log tells of.
_HOLD = """
WITH moved AS (
    UPDATE signatures_signature
    SET state = 'held', held_from = state, held_at = now(), held_reason = %(reason)s
    WHERE id = ANY(%(ids)s) AND state IN ('pending', 'confirmed')
    RETURNING petition_id, country, confirmed_at, held_from
), entry AS (
    INSERT INTO signatures_tallyentry (petition_id, country, day, delta, folded)
    SELECT petition_id, COALESCE(country, ''), (confirmed_at AT TIME ZONE 'UTC')::date, -1, false
    FROM moved WHERE held_from = 'confirmed'
), correction AS (
    INSERT INTO signatures_correction (petition_id, day, kind, delta)
    SELECT petition_id, (now() AT TIME ZONE 'UTC')::date, 'held', -count(*)
    FROM moved WHERE held_from = 'confirmed' GROUP BY petition_id
)
SELECT count(*) FROM moved
"""

# Whoever confirmed while held was told "under review", and now hears that it counts (for the first time, so that is no
# correction); an unconfirmed signature gets its confirmation mail again, in case the first one said "under review".
_RELEASE = """
WITH moved AS (
    UPDATE signatures_signature
    SET state = held_from, held_from = '', held_reason = '',
        mail_due_at = CASE WHEN held_from = 'pending' THEN now() ELSE mail_due_at END
    WHERE id = ANY(%(ids)s) AND state = 'held'
    RETURNING id, petition_id, country, state, confirmed_at, held_at
), entry AS (
    INSERT INTO signatures_tallyentry (petition_id, country, day, delta, folded)
    SELECT petition_id, COALESCE(country, ''), (confirmed_at AT TIME ZONE 'UTC')::date, 1, false
    FROM moved WHERE state = 'confirmed'
), told AS (
    INSERT INTO signatures_outgoingmail (signature_id, kind, created_at, due_at, attempts, error)
    SELECT id, 'released', now(), now(), 0, '' FROM moved WHERE state = 'confirmed' AND confirmed_at >= held_at
), correction AS (
    INSERT INTO signatures_correction (petition_id, day, kind, delta)
    SELECT petition_id, (now() AT TIME ZONE 'UTC')::date, 'released', count(*)
    FROM moved WHERE state = 'confirmed' AND confirmed_at < held_at GROUP BY petition_id
)
SELECT count(*) FROM moved
"""


def _move(sql: str, *, action: str, signature_ids: Iterable[UUID], reason: str, actor: User | None) -> int:
    if not reason.strip():
        raise ValueError("Say why.")
    ids = list(signature_ids)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(sql, {"ids": ids, "reason": reason.strip()[:200]})
            (count,) = cursor.fetchone()
        if count:
            AuditEntry.objects.create(
                actor=actor,
                action=action,
                object_type="signature",
                object_id=str(ids[0]) if len(ids) == 1 else "",
                count=count,
                reason=reason.strip()[:200],
            )
    return int(count)


def hold(*, signature_ids: Iterable[UUID], reason: str, actor: User | None) -> int:
    """Take pending and counted signatures into review; returns how many moved. Raises ValueError without a reason."""
    return _move(_HOLD, action="hold", signature_ids=signature_ids, reason=reason, actor=actor)


def release(*, signature_ids: Iterable[UUID], reason: str, actor: User | None) -> int:
    """Undo `hold`: each goes back to the state it came from; returns how many moved."""
    return _move(_RELEASE, action="release", signature_ids=signature_ids, reason=reason, actor=actor)
