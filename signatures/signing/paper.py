"""Signatures on paper: taken in, some at a time, counted apart from the first moment, and taken back.

Nobody confirmed them by mail, so they are in no live figure, are never written to and never shown by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from uuid_utils.compat import uuid7

from signatures.models import PaperImport, Petition, Signature
from signatures.privacy.indexes import domain_index, email_index, paper_indexes, person_index
from signatures.privacy.sealing import seal

TAKES = Petition.COUNTING  # a petition that was handed over, or that nobody can have signed, takes none in


class TakesNone(Exception):
    """The petition takes no signatures on paper in its present state."""


@dataclass(frozen=True, slots=True)
class PaperRow:
    """One checked line of a sheet. Nothing of it appears in the representation."""

    name: str = field(repr=False)
    country: str | None = field(default=None, repr=False)
    email: str = field(default="", repr=False)
    signed_on: date | None = field(default=None, repr=False)
    reference: str = field(default="", repr=False)

    def indexes(self) -> tuple[bytes, bytes | None]:
        return paper_indexes(name=self.name, country=self.country, email=self.email, reference=self.reference)


# One statement: the signatures, their steps in the ledger and the job's items commit together or not at all. A line
# that is there already meets one of two unique constraints. Whoever signed on our page, in whatever way that ended, is
# left out, by one look into the index for each line (as a join it might read a million); a form that nobody confirmed
# says nothing.
_TAKE_IN = """
WITH given AS (
    SELECT * FROM unnest(
        %(ids)s::uuid[], %(names)s::bytea[], %(emails)s::bytea[], %(spellings)s::bytea[], %(persons)s::bytea[],
        %(online)s::bytea[], %(domains)s::bytea[], %(lines)s::bytea[], %(references)s::bytea[],
        %(countries)s::text[], %(signed)s::timestamptz[]
    ) AS g (id, name, email, spelling, person, online, domain, line, reference, country, signed)
), stored AS (
    INSERT INTO signatures_signature (
        id, petition_id, state, paper_import_id, name_sealed, email_sealed, email_index, person_index, domain_index,
        paper_index, reference_sealed, country, language, show_name, hand_over, wants_updates, source, consented_at,
        revision, created_at, confirmed_at, held_from, held_reason, mail_attempts, mail_count, mail_error
    )
    SELECT g.id, %(petition)s, 'confirmed', %(import)s, g.name, g.email, g.spelling, g.person, g.domain,
           g.line, g.reference, g.country, %(language)s, false, %(hand_over)s, false, '', g.signed,
           0, now(), now(), '', '', 0, 0, ''
    FROM given AS g
    WHERE g.online IS NULL OR (
        SELECT s.id FROM signatures_signature AS s
        WHERE s.petition_id = %(petition)s AND s.person_index = g.online AND s.state <> 'pending' LIMIT 1
    ) IS NULL
    ORDER BY g.id
    ON CONFLICT DO NOTHING
    RETURNING id, petition_id, country, confirmed_at
), entry AS (
    INSERT INTO signatures_tallyentry (petition_id, country, day, delta, paper, folded)
    SELECT petition_id, COALESCE(country, ''), (confirmed_at AT TIME ZONE 'UTC')::date, 1, true, false FROM stored
), noted AS (
    INSERT INTO signatures_jobitem (job_id, signature_id, left_at, before)
    SELECT %(job)s, id, confirmed_at, '{}' FROM stored
)
SELECT count(*) FROM stored
"""

# Only what is still as it was taken in: whatever staff held, removed or erased since stays as they left it.
_TAKE_BACK = """
WITH item AS (
    SELECT id, signature_id, left_at FROM signatures_jobitem WHERE job_id = %(job)s ORDER BY id LIMIT %(limit)s
), found AS (
    SELECT s.id FROM signatures_signature AS s JOIN item ON item.signature_id = s.id
    WHERE s.state = 'confirmed' AND s.paper_import_id IS NOT NULL AND s.confirmed_at = item.left_at
    ORDER BY s.id FOR UPDATE OF s
), moved AS (
    DELETE FROM signatures_signature WHERE id IN (SELECT id FROM found)
    RETURNING petition_id, country, confirmed_at
), entry AS (
    INSERT INTO signatures_tallyentry (petition_id, country, day, delta, paper, folded)
    SELECT petition_id, COALESCE(country, ''), (confirmed_at AT TIME ZONE 'UTC')::date, -1, true, false FROM moved
), gone AS (
    DELETE FROM signatures_jobitem WHERE id IN (SELECT id FROM item)
)
SELECT (SELECT count(*) FROM item), (SELECT count(*) FROM moved)
"""


def take_in(rows: Sequence[PaperRow], *, paper_import: PaperImport, job_id: UUID) -> int:
    """Count these lines, each at most once in all; returns how many were new. Joins a transaction. Raises TakesNone.

    The petition's row is locked until the commit, so that retention does not note meanwhile that nothing is left; what
    it noted before is emptied, and the next night looks again. Who signs or confirms does not wait for that lock.
    """
    petition = Petition.objects.select_for_update(no_key=True).get(pk=paper_import.petition_id)
    if petition.state not in TAKES:
        raise TakesNone
    if petition.names_gone_at or petition.emails_gone_at:
        Petition.objects.filter(pk=petition.pk).update(names_gone_at=None, emails_gone_at=None)
    sealed = [_sealed(row, petition_id=petition.pk) for row in rows]
    values: dict[str, Any] = {name: [each[name] for each in sealed] for name in (sealed[0] if sealed else ())}
    values |= {
        "petition": petition.pk,
        "import": paper_import.pk,
        "job": job_id,
        "language": petition.original_language,
        "hand_over": paper_import.hand_over,
    }
    if not sealed:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_IN, values)
        (count,) = cursor.fetchone()
    return int(count)


def take_back(*, job_id: UUID, limit: int) -> tuple[int, int]:
    """Delete the signatures of the job's next `limit` items, and their steps from the count. Joins a transaction.

    Returns how many items there were, and how many signatures went: the others were changed since.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_BACK, {"job": job_id, "limit": limit})
        items, gone = cursor.fetchone()
    return int(items), int(gone)


def _sealed(row: PaperRow, *, petition_id: int) -> dict[str, Any]:
    """A line as it is stored, by the names in _TAKE_IN."""
    person, line = row.indexes()

    def sealed(text: str, field: str) -> bytes | None:
        return seal(text, petition_id=petition_id, person_index=person, field=field) if text else None

    return {
        "ids": uuid7(),
        "names": sealed(row.name, "name"),
        "emails": sealed(row.email, "email"),
        "spellings": email_index(row.email) if row.email else None,
        "persons": person,
        "online": person_index(row.email) if row.email else None,
        "domains": domain_index(row.email) if row.email else None,
        "lines": line,
        "references": sealed(row.reference, "reference"),
        "countries": row.country,
        "signed": datetime.combine(row.signed_on, time(), UTC) if row.signed_on else None,
    }


def known(rows: Sequence[PaperRow], *, petition_id: int) -> tuple[set[int], set[int]]:
    """Of these lines the places of those who signed on our page, and of those that are on paper already. Reads only."""
    here = Signature.objects.filter(petition_id=petition_id)
    online = {place: person_index(row.email) for place, row in enumerate(rows) if row.email}
    indexes = [row.indexes() for row in rows]
    signed = _found(here.exclude(state=Signature.State.PENDING), "person_index", online.values())
    persons = _found(here, "person_index", (person for person, _line in indexes))
    lines = _found(here, "paper_index", (line for _person, line in indexes if line is not None))
    return (
        {place for place, index in online.items() if index in signed},
        {place for place, (person, line) in enumerate(indexes) if person in persons or line in lines},
    )


def _found(rows: QuerySet[Signature], column: str, indexes: Iterable[bytes]) -> set[bytes | None]:
    """Which of these keyed hashes there are."""
    found = rows.filter(**{f"{column}__in": list(indexes)}).values_list(column, flat=True)
    return {bytes(index) for index in found}
