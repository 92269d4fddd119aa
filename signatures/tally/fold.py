"""Fold: add the ledger's new rows into the figures that readers see."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from django.db import connection, transaction

from . import snapshot

LOCK = 0x7A11  # this task's advisory lock
SLICE = 50_000  # ledger rows in one transaction

# The rows are those this statement sees as committed and unfolded; a row committed a moment later is simply still
# unfolded. There is no clock and no "last id": ids are handed out before they commit, and a gap would be skipped for
# ever. The advisory lock lets one fold run at a time; without it FOR UPDATE would make a second one wait, look at each
# row again and find it folded, so the sums would still be right.
#
# An array, and no second `NOT folded`: after a sudden burst the statistics still say that hardly a row is unfolded, and
# a join planned for that compares each of them with each. By its array every row is found through the primary key.
_TAKE = """
WITH step AS (
    UPDATE signatures_tallyentry SET folded = true, waiting_since = NULL
    WHERE id = ANY (ARRAY(
        SELECT id FROM signatures_tallyentry WHERE NOT folded ORDER BY id LIMIT %s FOR NO KEY UPDATE
    ))
    RETURNING petition_id, country, day, delta, paper
)
SELECT petition_id, country, day, paper, sum(delta), count(*) FROM step GROUP BY petition_id, country, day, paper
"""

# Rows first, then sums: an INSERT … ON CONFLICT that proposes -1 would fail its check before it met the conflict.
_ADD = """
INSERT INTO {table} (petition_id, {column}, total)
SELECT petition_id, part, 0 FROM unnest(%(petitions)s::bigint[], %(parts)s::{type}[]) AS new (petition_id, part)
ON CONFLICT DO NOTHING;
UPDATE {table} AS t SET {figure} = t.{figure} + new.total
FROM unnest(%(petitions)s::bigint[], %(parts)s::{type}[], %(totals)s::int[]) AS new (petition_id, part, total)
WHERE t.petition_id = new.petition_id AND t.{column} = new.part
"""
_ADD_COUNTRIES = _ADD.format(table="signatures_countrytally", column="country", type="text", figure="total")
_ADD_DAYS = _ADD.format(table="signatures_daytally", column="day", type="date", figure="total")
# What is on paper stands in a column of its own, in the same rows; it has no days.
_ADD_PAPER_COUNTRIES = _ADD.format(table="signatures_countrytally", column="country", type="text", figure="paper")

# `countries` stays: `published` sets it, because a live one would betray the first signer of a small country.
_ADD_TO_TALLY = """
INSERT INTO signatures_tally (petition_id, total, countries, version, as_of)
SELECT petition_id, 0, 0, 0, now() FROM unnest(%(petitions)s::bigint[]) AS new (petition_id)
ON CONFLICT DO NOTHING;
UPDATE signatures_tally AS t
SET {figure} = t.{figure} + new.total, version = t.version + 1, as_of = now()
FROM unnest(%(petitions)s::bigint[], %(totals)s::int[]) AS new (petition_id, total)
WHERE t.petition_id = new.petition_id
"""
_ADD_TOTALS = _ADD_TO_TALLY.format(figure="total")
_ADD_PAPER_TOTALS = _ADD_TO_TALLY.format(figure="paper")


def _fold_slice(*, wait: bool) -> tuple[set[int], int]:
    """Fold up to SLICE rows in one transaction; returns the petitions and how many rows.

    For every petition the countries, the days and the total change together: folded + unfolded = confirmed holds at
    every instant, for those signed here and for those on paper each.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        if wait:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        else:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
            if not cursor.fetchone()[0]:
                return set(), 0
        cursor.execute(_TAKE, [SLICE])
        steps = cursor.fetchall()
        countries: Counter[tuple[int, str]] = Counter()
        days: Counter[tuple[int, date]] = Counter()
        totals: Counter[int] = Counter()
        paper_countries: Counter[tuple[int, str]] = Counter()
        paper_totals: Counter[int] = Counter()
        for petition_id, country, day, paper, delta, _rows in steps:
            if paper:
                paper_countries[petition_id, country] += delta
                paper_totals[petition_id] += delta
            else:
                countries[petition_id, country] += delta
                days[petition_id, day] += delta
                totals[petition_id] += delta
        _add(cursor, _ADD_COUNTRIES, countries)
        _add(cursor, _ADD_DAYS, days)
        _add_totals(cursor, _ADD_TOTALS, totals)
        _add(cursor, _ADD_PAPER_COUNTRIES, paper_countries)
        _add_totals(cursor, _ADD_PAPER_TOTALS, paper_totals)
        return totals.keys() | paper_totals.keys(), sum(step[5] for step in steps)


def _add(cursor: Any, statement: str, sums: Counter[Any]) -> None:
    """Add sums by (petition, part)."""
    if sums:
        petitions, parts = zip(*sums, strict=True)
        values = {"petitions": list(petitions), "parts": list(parts), "totals": list(sums.values())}
        for part in statement.split(";"):
            cursor.execute(part, values)


def _add_totals(cursor: Any, statement: str, sums: Counter[int]) -> None:
    if sums:
        for part in statement.split(";"):
            cursor.execute(part, {"petitions": list(sums), "totals": list(sums.values())})


def fold(*, wait: bool = False) -> list[int]:
    """Fold all that is unfolded and publish what changed; the petitions' ids.

    Safe to run at any time, in any number, and to kill: a transaction folds its rows or none. While another fold is at
    work this one leaves it alone, or with `wait` lets it finish first: afterwards all that was committed is folded.
    """
    changed: set[int] = set()
    while True:
        petitions, rows = _fold_slice(wait=wait)
        changed |= petitions
        if rows < SLICE:
            break
    snapshot.publish(sorted(changed))
    return sorted(changed)
