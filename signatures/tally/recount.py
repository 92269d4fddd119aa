"""Recount: hold the ledger, the folded figures and the signatures against each other. Finds, never mends."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection, transaction


@dataclass(frozen=True, slots=True)
class Difference:
    """Two figures that should be one."""

    petition: str
    where: str  # "total", a country, a day; "paper", a country on paper
    what: str  # which two were compared
    expected: int
    found: int

    def __str__(self) -> str:
        return f"{self.petition}  {self.where}  {self.what}: expected {self.expected:,}, found {self.found:,}"


# One snapshot for all of it (REPEATABLE READ), so that signing may go on meanwhile. `part` is 'total', a country, or a
# day, or 'paper' and a country on paper, which has no days; every comparison is made for each of them. Unfolded rows
# are added to what is folded.
_COMPARE = """
WITH signed AS (
    SELECT petition_id, COALESCE(country, '') AS country, (confirmed_at AT TIME ZONE 'UTC')::date AS day,
           paper_import_id IS NOT NULL AS paper, count(*) AS n
    FROM signatures_signature WHERE state = 'confirmed' GROUP BY 1, 2, 3, 4
), ledger AS (
    SELECT petition_id, country, day, paper, sum(delta) AS n,
           COALESCE(sum(delta) FILTER (WHERE NOT folded), 0) AS unfolded
    FROM signatures_tallyentry GROUP BY 1, 2, 3, 4
), both_kinds AS (
    SELECT petition_id, country, day, paper, n AS signed, 0 AS ledger, 0 AS unfolded FROM signed
    UNION ALL SELECT petition_id, country, day, paper, 0, n, unfolded FROM ledger
), parts AS (
    SELECT petition_id, CASE WHEN paper THEN 'paper' ELSE 'total' END AS part, signed, ledger, 0 AS folded, unfolded
    FROM both_kinds
    UNION ALL SELECT petition_id, CASE WHEN paper THEN 'paper ' ELSE '' END || 'country ' || country,
                     signed, ledger, 0, unfolded FROM both_kinds
    UNION ALL SELECT petition_id, 'day ' || day, signed, ledger, 0, unfolded FROM both_kinds WHERE NOT paper
    UNION ALL SELECT petition_id, 'total', 0, 0, total, 0 FROM signatures_tally
    UNION ALL SELECT petition_id, 'country ' || country, 0, 0, total, 0 FROM signatures_countrytally
    UNION ALL SELECT petition_id, 'paper', 0, 0, paper, 0 FROM signatures_tally
    UNION ALL SELECT petition_id, 'paper country ' || country, 0, 0, paper, 0 FROM signatures_countrytally
    UNION ALL SELECT petition_id, 'day ' || day, 0, 0, total, 0 FROM signatures_daytally
), sums AS (
    SELECT petition_id, part, sum(signed) AS signed, sum(ledger) AS ledger, sum(folded) + sum(unfolded) AS folded
    FROM parts GROUP BY 1, 2
)
SELECT p.slug, s.part, s.signed, s.ledger, s.folded
FROM sums AS s JOIN signatures_petition AS p ON p.id = s.petition_id
WHERE s.signed <> s.ledger OR s.ledger <> s.folded
ORDER BY 1, 2
"""

# The figure of countries is that of the published figures (see `published`), not of this moment.
_COUNTRIES = """
SELECT p.slug, t.countries, COALESCE((
    SELECT count(*) FROM signatures_publishedfigures AS f, jsonb_object_keys(f.countries) AS code
    WHERE f.petition_id = t.petition_id AND code <> ''
), 0)
FROM signatures_tally AS t JOIN signatures_petition AS p ON p.id = t.petition_id
"""


def recount() -> list[Difference]:
    """Every difference, none when all is well. Reads only; some seconds for a million signatures."""
    differences: list[Difference] = []
    with transaction.atomic(), connection.cursor() as cursor:
        if not _in_outer_transaction():
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute(_COMPARE)
        for slug, part, signed, ledger, folded in cursor.fetchall():
            if signed != ledger:
                differences.append(Difference(slug, part, "signatures and ledger", int(signed), int(ledger)))
            if ledger != folded:
                differences.append(Difference(slug, part, "ledger and folded + unfolded", int(ledger), int(folded)))
        cursor.execute(_COUNTRIES)
        for slug, shown, counted in cursor.fetchall():
            if shown != counted:
                differences.append(Difference(slug, "countries", "countries shown and published", counted, shown))
    return differences


def _in_outer_transaction() -> bool:
    """Whether we joined somebody's transaction (a test's), whose snapshot is taken already."""
    return bool(connection.savepoint_ids)
