"""Moves of many signatures by staff, each one statement: hold, release, invalidate, take off; and each one undone.

All have the same shape. `was` locks the rows in the order of their ids, so that two moves never wait for each other in
a circle, and has them as they are once the lock is ours: a row that somebody moved in between drops out, so a double
click, or two moderators, move each signature once. The ledger's steps, the public correction and, for a job, the items
that it can be undone from are written from what was moved, in the same statement: all of it commits, or none.

`left_at` is the transaction's own time, which the move writes into the signature too. An undo finds it there, or
somebody has changed the signature since and it stays as it is. What an undo puts back comes from the item, typed by
the table itself (`jsonb_populate_record`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

# What an item remembers: the columns that any of the moves changes, and `mail_sent_at`, to know whether a mail went
# out in between. No personal data among them.
_REMEMBERED = tuple(
    "state held_from held_reason held_at withdrawn_at invalid_at invalid_reason mail_due_at mail_asked mail_sent_at "
    "show_name hand_over wants_updates".split()
)

_WAS = """
WITH was AS (
    SELECT * FROM signatures_signature
    WHERE id = ANY(%(ids)s::uuid[]) AND state = ANY(%(states)s)
    ORDER BY id FOR NO KEY UPDATE
), noted AS (
    INSERT INTO signatures_jobitem (job_id, signature_id, left_at, before)
    SELECT %(job)s::uuid, id, now(), jsonb_build_object({remembered}) FROM was WHERE %(job)s::uuid IS NOT NULL
), """.format(remembered=", ".join(f"'{column}', {column}" for column in _REMEMBERED))

# The items of an undo and their signatures as they were before, locked, and as they are now: `as_left` says which still
# are what the move made of them.
_ITEMS = """
WITH item AS (
    SELECT id, signature_id, left_at, before FROM signatures_jobitem
    WHERE job_id = %(job)s ORDER BY id LIMIT %(limit)s
), found AS (
    SELECT s.id, s.mail_sent_at, item.before
    FROM signatures_signature AS s JOIN item ON item.signature_id = s.id
    WHERE {as_left}
    ORDER BY s.id FOR NO KEY UPDATE OF s
), was AS (
    SELECT found.id, found.mail_sent_at IS DISTINCT FROM old.mail_sent_at AS mailed, {remembered}
    FROM found, LATERAL jsonb_populate_record(NULL::signatures_signature, found.before) AS old
), gone AS (
    DELETE FROM signatures_jobitem WHERE id IN (SELECT id FROM item)
), """
_AND_COUNTS = "SELECT (SELECT count(*) FROM item), (SELECT count(*) FROM moved)"


def _undo_of(*, as_left: str, then: str) -> str:
    remembered = ", ".join(f"old.{column}" for column in _REMEMBERED)
    return _ITEMS.format(as_left=as_left, remembered=remembered) + then + _AND_COUNTS


# `delta` and which of `moved` it is for; the day is that of the confirmation, in the ledger also for the way back.
# Those on paper move a figure of their own; the public corrections are of the count that they are not in.
_LEDGER = """entry AS (
    INSERT INTO signatures_tallyentry (petition_id, country, day, delta, paper, folded)
    SELECT petition_id, COALESCE(country, ''), (confirmed_at AT TIME ZONE 'UTC')::date, {delta},
           paper_import_id IS NOT NULL, false
    FROM moved WHERE {which}
)"""
_CORRECTION = """correction AS (
    INSERT INTO signatures_correction (petition_id, day, kind, delta)
    SELECT petition_id, (now() AT TIME ZONE 'UTC')::date, '{kind}', {sign} count(*)
    FROM moved WHERE ({which}) AND paper_import_id IS NULL GROUP BY petition_id
)"""


def _off(*, which: str, kind: str) -> str:
    return _LEDGER.format(delta=-1, which=which) + ", " + _CORRECTION.format(kind=kind, sign="-", which=which)


def _back(*, which: str, corrected: str) -> str:
    return _LEDGER.format(delta=1, which=which) + ", " + _CORRECTION.format(kind="released", sign="", which=corrected)


@dataclass(frozen=True, slots=True)
class Move:
    """One way signatures are moved. `states`: those it takes; other signatures stay as they are."""

    states: tuple[str, ...]
    sql: str
    undo: str


HOLD = Move(
    states=("pending", "confirmed"),
    sql=_WAS
    + """moved AS (
    UPDATE signatures_signature AS s
    SET state = 'held', held_from = was.state, held_at = now(), held_reason = %(reason)s
    FROM was WHERE s.id = was.id
    RETURNING s.petition_id, s.country, s.paper_import_id, s.confirmed_at, s.held_from
), """
    + _off(which="held_from = 'confirmed'", kind="held")
    + " SELECT count(*) FROM moved",
    # As if it had not been held: who confirmed meanwhile counts, and hears so, having been told "under review".
    undo=_undo_of(
        as_left="s.state = 'held' AND s.held_at = item.left_at",
        then="""moved AS (
    UPDATE signatures_signature AS s
    SET state = s.held_from, held_from = '', held_reason = was.held_reason, held_at = was.held_at,
        mail_due_at = CASE WHEN s.held_from = 'pending' AND was.mailed THEN now() ELSE s.mail_due_at END
    FROM was WHERE s.id = was.id
    RETURNING s.id, s.petition_id, s.country, s.paper_import_id, s.state, s.confirmed_at, was.state AS before
), told AS (
    INSERT INTO signatures_outgoingmail (signature_id, kind, created_at, due_at, attempts, error)
    SELECT id, 'released', now(), now(), 0, '' FROM moved
    WHERE state = 'confirmed' AND before = 'pending' AND paper_import_id IS NULL
), """
        + _back(which="state = 'confirmed'", corrected="state = 'confirmed' AND before = 'confirmed'")
        + " ",
    ),
)

# Whoever confirmed while held was told "under review", and now hears that it counts (for the first time, so that is no
# correction); an unconfirmed signature gets its confirmation mail again, in case the first one said "under review".
RELEASE = Move(
    states=("held",),
    sql=_WAS
    + """moved AS (
    UPDATE signatures_signature AS s
    SET state = s.held_from, held_from = '', held_reason = '',
        mail_due_at = CASE WHEN s.held_from = 'pending' THEN now() ELSE s.mail_due_at END
    FROM was WHERE s.id = was.id
    RETURNING s.id, s.petition_id, s.country, s.paper_import_id, s.state, s.confirmed_at, s.held_at
), told AS (
    INSERT INTO signatures_outgoingmail (signature_id, kind, created_at, due_at, attempts, error)
    SELECT id, 'released', now(), now(), 0, '' FROM moved
    WHERE state = 'confirmed' AND confirmed_at >= held_at AND paper_import_id IS NULL
), """
    + _back(which="state = 'confirmed'", corrected="state = 'confirmed' AND confirmed_at < held_at")
    + " SELECT count(*) FROM moved",
    # A mail that waits for a signature which does not count any more is not sent (`mail.deliver`); one that was sent is
    # not taken back: as with any hold, nobody is written to.
    undo=_undo_of(
        as_left="""s.held_at = (item.before ->> 'held_at')::timestamptz AND s.held_from = ''
      AND s.state = item.before ->> 'held_from'""",
        then="""moved AS (
    UPDATE signatures_signature AS s
    SET state = 'held', held_from = was.held_from, held_reason = was.held_reason,
        mail_due_at = CASE WHEN was.held_from = 'pending' AND NOT was.mailed THEN was.mail_due_at
                           ELSE s.mail_due_at END
    FROM was WHERE s.id = was.id
    RETURNING s.petition_id, s.country, s.paper_import_id, s.confirmed_at, s.held_at, s.held_from
), """
        + _LEDGER.format(delta=-1, which="held_from = 'confirmed'")
        + ", "
        + _CORRECTION.format(kind="held", sign="-", which="held_from = 'confirmed' AND confirmed_at < held_at")
        + " ",
    ),
)

# Nobody is written to: most of these addresses are nobody's. Whoever signs with one again is told by mail.
INVALIDATE = Move(
    states=("pending", "confirmed", "held"),
    sql=_WAS
    + """moved AS (
    UPDATE signatures_signature AS s
    SET state = 'invalid', invalid_at = now(), invalid_reason = %(reason)s, held_from = '', held_reason = '',
        mail_due_at = NULL, mail_asked = ''
    FROM was WHERE s.id = was.id
    RETURNING s.petition_id, s.country, s.paper_import_id, s.confirmed_at, was.state AS before
), """
    + _off(which="before = 'confirmed'", kind="removed")
    + " SELECT count(*) FROM moved",
    undo=_undo_of(
        as_left="s.state = 'invalid' AND s.invalid_at = item.left_at",
        then="""moved AS (
    UPDATE signatures_signature AS s
    SET state = was.state, invalid_at = was.invalid_at, invalid_reason = was.invalid_reason,
        held_from = was.held_from, held_reason = was.held_reason,
        mail_due_at = CASE WHEN was.mailed THEN s.mail_due_at ELSE was.mail_due_at END,
        mail_asked = CASE WHEN was.mailed THEN s.mail_asked ELSE was.mail_asked END
    FROM was WHERE s.id = was.id
    RETURNING s.petition_id, s.country, s.paper_import_id, s.confirmed_at, s.state
), """
        + _back(which="state = 'confirmed'", corrected="state = 'confirmed'")
        + " ",
    ),
)

# The first half of an erasure, which can still be undone; the second is `privacy.erasure.blank_many`.
TAKE_OFF = Move(
    states=("pending", "confirmed", "held", "withdrawn", "invalid"),
    sql=_WAS
    + """moved AS (
    UPDATE signatures_signature AS s
    SET state = 'withdrawn', withdrawn_at = now(), held_from = '', held_reason = '', mail_due_at = NULL,
        mail_asked = '', show_name = false, hand_over = false, wants_updates = false
    FROM was WHERE s.id = was.id
    RETURNING s.petition_id, s.country, s.paper_import_id, s.confirmed_at, was.state AS before
), """
    + _off(which="before = 'confirmed'", kind="removed")
    + " SELECT count(*) FROM moved",
    undo=_undo_of(
        as_left="s.state = 'withdrawn' AND s.withdrawn_at = item.left_at",
        then="""moved AS (
    UPDATE signatures_signature AS s
    SET state = was.state, withdrawn_at = was.withdrawn_at, held_from = was.held_from, held_reason = was.held_reason,
        show_name = was.show_name, hand_over = was.hand_over, wants_updates = was.wants_updates,
        mail_due_at = CASE WHEN was.mailed THEN s.mail_due_at ELSE was.mail_due_at END,
        mail_asked = CASE WHEN was.mailed THEN s.mail_asked ELSE was.mail_asked END
    FROM was WHERE s.id = was.id
    RETURNING s.petition_id, s.country, s.paper_import_id, s.confirmed_at, s.state
), """
        + _back(which="state = 'confirmed'", corrected="state = 'confirmed'")
        + " ",
    ),
)


def move(move: Move, *, signature_ids: Sequence[UUID], reason: str, job_id: UUID | None = None) -> int:
    """Move those of the signatures that are in one of the move's states; returns how many. Joins a transaction.

    With `job_id` each leaves an item, from which `undo` puts it back. Who moves says so in the audit.
    """
    values: dict[str, Any] = {
        "ids": list(signature_ids),
        "states": list(move.states),
        "reason": reason[:200],
        "job": job_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(move.sql, values)
        (count,) = cursor.fetchone()
    return int(count)


def undo(move: Move, *, job_id: UUID, limit: int) -> tuple[int, int]:
    """Put back the signatures of the job's next `limit` items, and delete these. Joins a transaction.

    Returns how many items there were, and how many signatures went back: the others were changed or deleted since.
    """
    with connection.cursor() as cursor:
        cursor.execute(move.undo, {"job": job_id, "limit": limit})
        items, moved = cursor.fetchone()
    return int(items), int(moved)
