"""Who gets an update: those who asked for updates, confirmed, and can be reached."""

from __future__ import annotations

from uuid import UUID

from django.db import connection

from signatures.models import NOBODY

# Word for word the condition of the index `signature_wants_updates`.
WANTS_UPDATES = "s.state = 'confirmed' AND s.wants_updates AND s.bounced_at IS NULL"
NOT_SUPPRESSED = """NOT EXISTS (
    SELECT 1 FROM signatures_suppression AS n
    WHERE n.petition_id = s.petition_id AND n.person_index = s.person_index
)"""
LATEST = UUID(int=2**128 - 1)

# The index alone answers the first half; the second reads one signature for each suppressed address, which are few and
# hardly ever confirmed.
_COUNT = f"""
SELECT language, sum(people)::int FROM (
    SELECT s.language, count(*) AS people
    FROM signatures_signature AS s
    WHERE s.petition_id = %(petition)s AND {WANTS_UPDATES} AND s.id > %(after)s AND s.id <= %(until)s
    GROUP BY s.language
    UNION ALL
    SELECT s.language, -count(*)
    FROM signatures_suppression AS n
    JOIN signatures_signature AS s ON s.petition_id = n.petition_id AND s.person_index = n.person_index
    WHERE n.petition_id = %(petition)s AND {WANTS_UPDATES} AND s.id > %(after)s AND s.id <= %(until)s
    GROUP BY s.language
) AS counted
GROUP BY language HAVING sum(people) > 0 ORDER BY 2 DESC, 1
"""


def count_supporters(petition_id: int, *, after: UUID = NOBODY, until: UUID = LATEST) -> dict[str, int]:
    """How many would get an update, by the language they signed in, the most first; of ids in (after, until]."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"petition": petition_id, "after": after, "until": until})
        return dict(cursor.fetchall())
