"""How many signatures came with which source tag: counted now and then, kept apart from the count that matters.

Not folded from the ledger, which says of a step only what the public figures need: a tag beside a day and a country
would say more of a person than anybody has to know. And not live: whoever watches a small tag rise by one, while
somebody they know signs, has learnt something.
"""

from __future__ import annotations

from django.db import connection, transaction

LOCK = 0x7A65  # this task's advisory lock

# The index `signature_tagged` holds the confirmed and tagged alone, so this reads no row of a signature. A tag that
# nobody carries any more goes; the others are set to what they are now, whatever they were.
_COUNT = """
WITH counted AS (
    SELECT petition_id, source, count(*) AS total
    FROM signatures_signature
    WHERE state = 'confirmed' AND source <> ''
    GROUP BY petition_id, source
), gone AS (
    DELETE FROM signatures_sourcetally AS t
    WHERE NOT EXISTS (SELECT 1 FROM counted AS c WHERE c.petition_id = t.petition_id AND c.source = t.source)
)
INSERT INTO signatures_sourcetally (petition_id, source, total, as_of)
SELECT petition_id, source, total, now() FROM counted
ON CONFLICT (petition_id, source) DO UPDATE SET total = EXCLUDED.total, as_of = EXCLUDED.as_of
"""


def count_sources() -> int:
    """Count anew, all petitions at once; returns how many tags there are. Leaves it to another run that is at it."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(_COUNT)
        return cursor.rowcount
