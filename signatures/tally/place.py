"""How many there are with the one who has just confirmed: the folded total and what is not folded yet, added once."""

from __future__ import annotations

from django.db import connection

MOST = 10_000  # unfolded steps that are read; more of them means a fold that stands still, and a slow sum

# One statement is one snapshot: a fold that commits beside it has moved a step for both halves or for neither. The
# steps are those of the small partial index.
_TOTAL = """
SELECT COALESCE((SELECT total FROM signatures_tally WHERE petition_id = %(petition)s), 0)
       + COALESCE(sum(delta) FILTER (WHERE petition_id = %(petition)s), 0),
       count(*)
FROM (SELECT petition_id, delta FROM signatures_tallyentry WHERE NOT folded AND NOT paper LIMIT %(most)s) AS waiting
"""


def total_with_you(petition_id: int) -> int | None:
    """The exact count at this moment; None when it cannot be had cheaply. To be shown once, and stored nowhere.

    It is a count and no rank: two people who confirm together may be told the same number, and nobody can tell from it
    who signed before whom.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TOTAL, {"petition": petition_id, "most": MOST})
        total, waiting = cursor.fetchone()
    return int(total) if waiting < MOST and total > 0 else None
