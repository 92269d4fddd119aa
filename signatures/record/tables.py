"""The same figures as rows: for the page's tables, and as CSV for whoever counts with them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from signatures.signing.countries.names import country_names
from signatures.tally.published import CountryFigures, DayFigures


@dataclass(frozen=True, slots=True)
class CountryRow:
    """`share` is the bar's length in percent of the largest number's."""

    code: str
    name: str
    number: int | None
    share: float


@dataclass(frozen=True, slots=True)
class DayRow:
    day: date
    number: int | None
    so_far: int


def country_rows(figures: CountryFigures, language: str) -> list[CountryRow]:
    """Every country with signers, in the order of the names in that language."""
    numbers = {row.code: row.number for row in figures.rows}
    largest = max((number or 0 for number in numbers.values()), default=0) or 1
    return [
        CountryRow(code, name, numbers[code], round((numbers[code] or 0) * 100 / largest, 1))
        for code, name in country_names(language)
        if code in numbers
    ]


def day_rows(figures: DayFigures) -> list[DayRow]:
    """Every day, the oldest first, with what its numbers add up to."""
    rows, so_far = [], 0
    for row in figures.rows:
        so_far += row.number or 0
        rows.append(DayRow(row.day, row.number, so_far))
    return rows


def _safe(cell: str) -> str:
    """No spreadsheet takes it for a formula (OWASP, CSV injection)."""
    return f"'{cell}" if cell[:1] in {"=", "+", "-", "@", "\t", "\r"} else cell


def as_csv(head: Sequence[str], rows: Iterable[Sequence[str | int | None]]) -> bytes:
    """RFC 4180, UTF-8 without a mark in front. None is an empty cell."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(head)
    writer.writerows([_safe(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return text.getvalue().encode()


def countries_csv(figures: CountryFigures, language: str) -> bytes:
    """An empty number is one below the threshold, which the last column names."""
    return as_csv(
        ("code", "name", "signatures", "fewer_than"),
        (
            (row.code, row.name, row.number, None if row.number else figures.threshold)
            for row in country_rows(figures, language)
        ),
    )


def days_csv(figures: DayFigures) -> bytes:
    """Days in UTC; an empty number is one below the threshold, nought included."""
    return as_csv(
        ("day", "signatures", "fewer_than"),
        ((row.day.isoformat(), row.number, None if row.number else figures.threshold) for row in figures.rows),
    )
