"""How long a petition keeps people's names and addresses after it closes, and their destruction when the time is over.

The signatures stay, and stay counted: state, country and dates are not touched, so no tally moves. A petition that is
opened again stops the clock; closing it again starts it anew. Nothing goes while there is a legal hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from signatures.models import Petition, RetentionRun

from .retention import SLICE

Kind = RetentionRun.Kind
FIRST_ID = UUID(int=0)

# What a slice looks for, what it clears, and the mails and verdicts that go with it. The keyed hash of the person binds
# both sealed values (`sealing`), so it goes with the later of the two; until then it keeps anybody from signing twice
# when the petition is opened again.
_NAMES = (
    "name_sealed",
    """name_sealed = NULL, name_reviewed = NULL, show_name = false, hand_over = false,
       paper_index = NULL, reference_sealed = NULL,
       person_index = CASE WHEN email_sealed IS NULL THEN NULL ELSE person_index END""",
    "names_kept_days",
    "names_gone_at",
)
_EMAILS = (
    "email_sealed",
    """email_sealed = NULL, email_index = NULL, domain_index = NULL, wants_updates = false,
       mail_due_at = NULL, mail_error = '', mail_asked = '',
       person_index = CASE WHEN name_sealed IS NULL THEN NULL ELSE person_index END""",
    "emails_kept_days",
    "emails_gone_at",
)

# One slice by rising id. The petition is looked at anew, and locked against a change, in each: a legal hold or another
# period that is set meanwhile waits for this slice and stops the next. A signature that somebody is changing at this
# moment is skipped and found by the next night. What went is noted in the same statement, so a worker that is killed
# has either done a slice and noted it, or neither.
_SLICE = """
WITH due AS (
    SELECT s.id FROM signatures_signature AS s
    JOIN signatures_petition AS p ON p.id = s.petition_id
    WHERE s.petition_id = %(petition)s AND s.id > %(after)s AND s.{what} IS NOT NULL
      AND p.state = ANY(%(ended)s) AND p.legal_hold_at IS NULL
      AND COALESCE(p.closed_at, p.delivered_at) + make_interval(days => p.{days}) <= now()
    ORDER BY s.id LIMIT %(slice)s
    FOR NO KEY UPDATE OF s SKIP LOCKED FOR SHARE OF p
), gone AS (
    UPDATE signatures_signature SET {clear} WHERE id IN (SELECT id FROM due) RETURNING id
), {also}, noted AS (
    INSERT INTO signatures_retentionrun (petition_id, day, kind, count)
    SELECT %(petition)s, (now() AT TIME ZONE 'UTC')::date, %(kind)s, count(*) FROM gone HAVING count(*) > 0
    ON CONFLICT (petition_id, day, kind) DO UPDATE SET count = signatures_retentionrun.count + EXCLUDED.count
)
SELECT id FROM gone ORDER BY id DESC
"""
# After the last slice: noted only if nothing is left, so a row that was skipped keeps the petition on the list of the
# next night. The row of the petition is locked by this and by opening it again: whichever comes second sees the other.
# The subquery comes last, after all that is cheap to ask, and stops at the first row.
_FINISH = """
UPDATE signatures_petition AS p SET {gone} = now()
WHERE p.id = %(petition)s AND p.{gone} IS NULL AND p.state = ANY(%(ended)s) AND p.legal_hold_at IS NULL
  AND COALESCE(p.closed_at, p.delivered_at) + make_interval(days => p.{days}) <= now()
  AND (SELECT s.id FROM signatures_signature AS s WHERE s.petition_id = p.id AND s.{what} IS NOT NULL LIMIT 1) IS NULL
"""
_DELETE = "{table}s AS (DELETE FROM signatures_{table} WHERE signature_id IN (SELECT id FROM due))"


def _slice(of: tuple[str, str, str, str], *tables: str) -> str:
    what, clear, days, _gone = of
    also = ", ".join(_DELETE.format(table=table) for table in tables)
    return _SLICE.format(what=what, clear=clear, days=days, also=also)


def _finish(of: tuple[str, str, str, str]) -> str:
    what, _clear, days, gone = of
    return _FINISH.format(what=what, days=days, gone=gone)


_SQL = {
    Kind.NAMES: _slice(_NAMES, "namereview"),
    Kind.EMAILS: _slice(_EMAILS, "outgoingmail", "updaterecipient"),
}
_FINISHED = {Kind.NAMES: _finish(_NAMES), Kind.EMAILS: _finish(_EMAILS)}


def forget_after_closing() -> int:
    """Destroy the names and addresses whose time is over, of every petition. Returns how many went.

    Safe to run twice and at the same time; one that dies is finished by the next. What is noted as gone is not looked
    for again: a closed petition takes nothing in.
    """
    gone = 0
    for petition in Petition.objects.filter(state__in=Petition.ENDED, legal_hold_at=None).order_by("pk"):
        gone += sum(_forget(petition.pk, kind) for kind in (Kind.EMAILS, Kind.NAMES) if not _is_gone(petition, kind))
    return gone


def _is_gone(petition: Petition, kind: Kind) -> bool:
    return (petition.names_gone_at if kind == Kind.NAMES else petition.emails_gone_at) is not None


def _forget(petition_id: int, kind: Kind) -> int:
    """The statements themselves ask whether the time has come."""
    gone, after = 0, FIRST_ID
    petition: dict[str, Any] = {"petition": petition_id, "ended": list(Petition.ENDED)}
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_SQL[kind], petition | {"after": after, "slice": SLICE, "kind": kind})
            ids = [row[0] for row in cursor.fetchall()]
            if not ids:
                # Whoever brings signers in holds this lock (`signing.paper`): the next statement sees them.
                cursor.execute("SELECT id FROM signatures_petition WHERE id = %(petition)s FOR NO KEY UPDATE", petition)
                cursor.execute(_FINISHED[kind], petition)
                return gone
        gone += len(ids)
        after = ids[0]


@dataclass(frozen=True, slots=True)
class Due:
    """What of a petition goes on which day (UTC)."""

    kind: RetentionRun.Kind
    on: date


def due_next(petition: Petition) -> list[Due]:
    """What goes when, the earlier first, without what is gone.

    Nothing while the petition takes signatures, or under a legal hold.
    """
    closed = petition.closed_at or petition.delivered_at
    if petition.state not in Petition.ENDED or closed is None or petition.legal_hold_at is not None:
        return []
    days = {Kind.EMAILS: petition.emails_kept_days, Kind.NAMES: petition.names_kept_days}
    dues = (
        Due(kind=kind, on=(closed + timedelta(days=kept)).date())
        for kind, kept in days.items()
        if not _is_gone(petition, kind)
    )
    return sorted(dues, key=lambda due: due.on)
