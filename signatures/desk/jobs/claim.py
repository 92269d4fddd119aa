"""Who works on which job: leases, in SQL.

A worker takes a job by writing a lease into its row and commits that before it works. Every step names the lease. What
a killed worker held is anybody's when its lease has run out; a lease that was given back in order is NULL at once.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import IntegrityError, connection, transaction

# SKIP LOCKED: a job in the middle of a step, or being taken by another worker, is left to it. Of two workers that take
# two jobs which move the same petition's signatures, at the same moment, the unique constraint stops one. A lease that
# is still there had a worker that did not come back: that counts as an attempt, so a job that kills its workers fails
# in the end. Whoever waited longest is next; a job given back after its slice goes to the end of the line.
_CLAIM = """
WITH next AS (
    SELECT id FROM signatures_job AS j
    WHERE state IN ('waiting', 'running') AND due_at <= statement_timestamp()
      AND (leased_until IS NULL OR leased_until < now())
      AND kind = ANY(%(kinds)s) AND (%(only)s::uuid IS NULL OR id = %(only)s::uuid)
      AND NOT (moves AND EXISTS (
          SELECT 1 FROM signatures_job AS other
          WHERE other.petition_id = j.petition_id AND other.moves AND other.state = 'running' AND other.id <> j.id
      ))
    ORDER BY due_at, id
    LIMIT 1
    FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE signatures_job AS j
SET state = 'running', lease = %(lease)s, leased_until = now() + make_interval(secs => %(seconds)s),
    started_at = COALESCE(started_at, now()), attempts = attempts + (lease IS NOT NULL)::int
FROM next WHERE j.id = next.id
RETURNING j.id
"""

# Ended, and the time for undoing is over, with a minute to spare for an undo that was asked for in its last second. A
# half-done undoing is left alone: somebody wants those signatures back, and has to be asked again.
_CLAIM_SETTLING = """
WITH next AS (
    SELECT id FROM signatures_job
    WHERE settled_at IS NULL AND undo_until < now() - interval '1 minute'
      AND (state IN ('done', 'cancelled', 'undone') OR state = 'failed' AND NOT undoing)
      AND (leased_until IS NULL OR leased_until < now()) AND due_at <= now()
    ORDER BY undo_until
    LIMIT 1
    FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE signatures_job AS j
SET lease = %(lease)s, leased_until = now() + make_interval(secs => %(seconds)s)
FROM next WHERE j.id = next.id
RETURNING j.id
"""


def claim(*, kinds: list[str], only: UUID | None = None) -> tuple[UUID, UUID] | None:
    """Lease a job of one of `kinds` that is due (`only` this one); its id and the lease, or None. Commits.

    Raises RuntimeError inside a transaction: a lease that may be rolled back is none.
    """
    return _take(_CLAIM, {"kinds": kinds, "only": only})


def claim_settling() -> tuple[UUID, UUID] | None:
    """Lease a job whose time for undoing is over, to forget what it moved; its id and the lease, or None. Commits."""
    return _take(_CLAIM_SETTLING, {})


def _take(sql: str, values: dict[str, Any]) -> tuple[UUID, UUID] | None:
    lease = uuid4()
    try:
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            cursor.execute(sql, values | {"lease": lease, "seconds": settings.JOB_LEASE})
            row = cursor.fetchone()
    except IntegrityError:
        return None  # another job moves this petition's signatures since a moment ago
    return (row[0], lease) if row else None


def give_back(job_id: UUID, lease: UUID) -> None:
    """End a lease in order, and let the others have their turn."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE signatures_job SET lease = NULL, leased_until = NULL, due_at = GREATEST(due_at, now()) "
            "WHERE id = %s AND lease = %s",
            [job_id, lease],
        )
