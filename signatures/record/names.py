"""The names of those who chose to be shown: one page at a time, never counted, in an order that tells nothing."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from signatures.privacy.sealing import Unreadable, unseal

PAGE = 200  # names

# The list asks the signature itself: counted, to be shown, and by this very name. So whatever a signer or staff take
# back is off the list with the next look. Found through the index over places; the join is one look for each name.
_PAGE = """
SELECT r.place, s.petition_id, s.person_index, s.name_sealed
FROM signatures_namereview AS r JOIN signatures_signature AS s ON s.id = r.signature_id
WHERE r.petition_id = %(petition)s AND r.verdict = 'shown' AND r.public AND r.place > %(after)s
  AND s.state = 'confirmed' AND s.show_name AND sha256(s.name_sealed) = r.name_digest
ORDER BY r.place LIMIT %(most)s
"""
_FIRST = UUID(int=0)


@dataclass(frozen=True, slots=True)
class NamesPage:
    """Names, and the place that the next page begins after, if there is one."""

    names: list[str]
    next_after: UUID | None


def names_page(*, petition_id: int, after: UUID | None = None, most: int = PAGE) -> NamesPage:
    """One query, whatever the page and the number of names. A name that cannot be read is left out."""
    with connection.cursor() as cursor:
        cursor.execute(_PAGE, {"petition": petition_id, "after": after or _FIRST, "most": most + 1})
        rows = cursor.fetchall()
    names = []
    for _place, of, person, sealed in rows[:most]:
        try:
            names.append(unseal(sealed, petition_id=of, person_index=person, field="name"))
        except Unreadable:
            continue
    return NamesPage(names, rows[most - 1][0] if len(rows) > most else None)
