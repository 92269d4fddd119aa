"""Who is in an export, and with what: for each purpose only those who agreed to it, and only what it needs.

People stand in the order of a keyed hash, which tells nothing: the order of signing would tell when each of them did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext_lazy as _

from signatures.models import ExportFile, Petition
from signatures.privacy.sealing import Unreadable, unseal
from signatures.signing.countries.names import country_name

Purpose = ExportFile.Purpose
CHUNK = 5000  # rows read at once
Row = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Contents:
    """A purpose's columns, how many rows there are at most, and the rows themselves."""

    columns: tuple[Any, ...]
    rows: Callable[[Petition, str], Iterator[Row]]


# One chunk after the other along the index `one_signature_per_person`, so that a million rows are read once, and in no
# long transaction: each row is as it is at the moment it is read. Who withdraws before that is not in the file.
_PEOPLE = """
SELECT s.person_index, s.name_sealed, s.email_sealed, s.country, s.language
FROM signatures_signature AS s
WHERE s.petition_id = %(petition)s AND s.person_index > %(after)s AND s.state = 'confirmed' AND {condition}
ORDER BY s.person_index LIMIT %(chunk)s
"""
_HAND_OVER = _PEOPLE.format(condition="s.hand_over AND s.name_sealed IS NOT NULL")
_UPDATES = _PEOPLE.format(condition="s.wants_updates AND s.email_sealed IS NOT NULL AND s.bounced_at IS NULL")


def _people(sql: str, petition: Petition) -> Iterator[tuple[Any, ...]]:
    after = b""
    while True:
        with connection.cursor() as cursor:
            cursor.execute(sql, {"petition": petition.pk, "after": after, "chunk": CHUNK})
            rows = cursor.fetchall()
        yield from rows
        if len(rows) < CHUNK:
            return
        after = bytes(rows[-1][0])


def _opened(sealed: Any, *, petition: Petition, person: Any, field: str) -> str | None:
    """None for what cannot be read: it is left out, as everywhere."""
    try:
        return unseal(sealed, petition_id=petition.pk, person_index=person, field=field)
    except Unreadable:
        return None


def _hand_over(petition: Petition, language: str) -> Iterator[Row]:
    for person, name, _email, country, _language in _people(_HAND_OVER, petition):
        opened = _opened(name, petition=petition, person=person, field="name")
        if opened is not None:
            yield opened, country or "", country_name(country, language) if country else ""


def _updates(petition: Petition, language: str) -> Iterator[Row]:
    for person, name, email, _country, spoken in _people(_UPDATES, petition):
        address = _opened(email, petition=petition, person=person, field="email")
        called = _opened(name, petition=petition, person=person, field="name") if name else ""
        if address is not None:
            yield address, called or "", spoken


# As the public list has them (`record.names`), in its own order, which was drawn by chance.
_NAMES = """
SELECT r.place, s.person_index, s.name_sealed
FROM signatures_namereview AS r JOIN signatures_signature AS s ON s.id = r.signature_id
WHERE r.petition_id = %(petition)s AND r.verdict = 'shown' AND r.public AND r.place > %(after)s
  AND s.state = 'confirmed' AND s.show_name AND sha256(s.name_sealed) = r.name_digest
ORDER BY r.place LIMIT %(chunk)s
"""


def _public_names(petition: Petition, language: str) -> Iterator[Row]:
    after = UUID(int=0)
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_NAMES, {"petition": petition.pk, "after": after, "chunk": CHUNK})
            rows = cursor.fetchall()
        for _place, person, sealed in rows:
            name = _opened(sealed, petition=petition, person=person, field="name")
            if name is not None:
                yield (name,)
        if len(rows) < CHUNK:
            return
        after = rows[-1][0]


# A country and week with fewer than the petition's smallest number is added to a line without a country, and what is
# still fewer there to a line without a week: a small group is a person. Those on paper are counted apart.
_FIGURES = """
WITH cell AS (
    SELECT COALESCE(country, '') AS country, date_trunc('week', confirmed_at AT TIME ZONE 'UTC')::date AS week,
           count(*) AS number
    FROM signatures_signature
    WHERE petition_id = %(petition)s AND state = 'confirmed' AND paper_import_id IS NULL GROUP BY 1, 2
), large AS (
    SELECT * FROM cell WHERE number >= %(few)s AND country <> ''
), by_week AS (
    SELECT '' AS country, week, sum(number) AS number FROM cell
    WHERE number < %(few)s OR country = '' GROUP BY week
)
SELECT * FROM (
    SELECT country, week, number FROM large
    UNION ALL SELECT country, week, number FROM by_week WHERE number >= %(few)s
    UNION ALL SELECT '', NULL, sum(number) FROM by_week WHERE number < %(few)s HAVING sum(number) > 0
) AS line
ORDER BY week NULLS LAST, country = '', country
"""


def _figures(petition: Petition, language: str) -> Iterator[Row]:
    with connection.cursor() as cursor:
        cursor.execute(_FIGURES, {"petition": petition.pk, "few": petition.country_threshold})
        rows = cursor.fetchall()
    for country, week, number in rows:
        yield (
            country,
            country_name(country, language) if country else "",
            week.isoformat() if week else "",
            int(number),
        )


CONTENTS: dict[str, Contents] = {
    Purpose.HAND_OVER: Contents((_("name"), _("country code"), _("country")), _hand_over),
    Purpose.PUBLIC_NAMES: Contents((_("name"),), _public_names),
    Purpose.UPDATES: Contents((_("e-mail"), _("name"), _("language")), _updates),
    Purpose.FIGURES: Contents((_("country code"), _("country"), _("week from"), _("signatures")), _figures),
}
