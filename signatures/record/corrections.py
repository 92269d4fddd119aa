"""What staff took off the count and put back, as public numbers: by whole days, and no number for a handful."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db import connection

from signatures.models import Correction
from signatures.tally.published import round_down

MOST = 200  # lines, the newest

# Both answers in one look. `signature_uncounted` is an index over those that do not count, by state, and
# `signature_on_paper` over those on paper, which are not of this count.
_LOOK = """
SELECT NULL::date, 'under review', (
    SELECT count(*) FROM signatures_signature WHERE petition_id = %(petition)s AND state = 'held'
) - (
    SELECT count(*) FROM signatures_signature
    WHERE petition_id = %(petition)s AND state = 'held' AND paper_import_id IS NOT NULL
)
UNION ALL (
    SELECT day, kind, abs(sum(delta)) FROM signatures_correction
    WHERE petition_id = %(petition)s AND day < %(today)s
    GROUP BY day, kind ORDER BY day DESC, kind LIMIT %(most)s
)
"""


@dataclass(frozen=True, slots=True)
class CorrectionLine:
    """One kind of correction on one UTC day that is over; `number` is None below the threshold."""

    day: date
    kind: str
    words: str
    number: int | None


@dataclass(frozen=True, slots=True)
class Corrections:
    """`under_review` is rounded down to the threshold, None below it: whoever signs must not see it count them."""

    under_review: int | None
    lines: list[CorrectionLine]


def corrections(*, petition_id: int, threshold: int, today: date | None = None) -> Corrections:
    """The public log of a petition. `today` (UTC) is the day that is not over yet."""
    values: Any = {"petition": petition_id, "today": today or datetime.now(UTC).date(), "most": MOST}
    with connection.cursor() as cursor:
        cursor.execute(_LOOK, values)
        (_day, _kind, held), *rows = cursor.fetchall()
    labels = dict(Correction.Kind.choices)
    lines = [
        CorrectionLine(day, kind, str(labels[kind]), int(number) if number >= threshold else None)
        for day, kind, number in rows
    ]
    return Corrections(round_down(held, threshold), lines)
