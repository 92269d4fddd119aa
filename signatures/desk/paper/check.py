"""One row of a sheet: good, or why not. The checks are those of the signing form; an empty country is "not said"."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache

from django.conf import settings
from django.core.exceptions import ValidationError
from django_countries import countries

from signatures.desk.search.days import folded, read_day
from signatures.signing.countries.aliases import ALIASES
from signatures.signing.countries.names import country_codes, country_names
from signatures.signing.form.addresses import check_address
from signatures.signing.form.names import check_name
from signatures.signing.paper import PaperRow

from .columns import Columns
from .read import FORMULA, Row

MOST_REFERENCE = 60  # characters
NOT_SAID = {"", "-", "–", "—", "n/a", "?"}
NAMES = ("name", "first", "last")
REFERENCES = ("sheet", "line", "reference")
EAST = timedelta(hours=14)  # where a day begins first
_TIME = re.compile(r"[T ]\d{1,2}:\d{2}.*")  # of the day, behind it
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a row: the part, and a key of `words.ROW_PROBLEMS`; for a doubled one the row it is like."""

    row: int
    column: str
    why: str
    like_row: int | None = None


@dataclass(slots=True)
class Checked:
    """A row, None unless it is good, and what is wrong with it."""

    number: int
    row: PaperRow | None = field(default=None, repr=False)
    problems: list[Problem] = field(default_factory=list)


def check_row(row: Row, *, columns: Columns) -> Checked:
    """Every cell that is wrong is told, not only the first."""
    reading = _Reading(row, columns)
    if any(row.cells[columns.width :]):
        reading.wrong("", "more_cells")
    good = PaperRow(
        name=reading.name(),
        country=reading.country(),
        email=reading.email(),
        signed_on=reading.day(),
        reference=reading.reference(),
    )
    return Checked(row.number, None if reading.problems else good, reading.problems)


class _Reading:
    """The parts of one row, each checked as it is read."""

    def __init__(self, row: Row, columns: Columns) -> None:
        self.row, self.columns = row, columns
        self.problems: list[Problem] = []

    def wrong(self, column: str, why: str) -> None:
        self.problems.append(Problem(self.row.number, column, why))

    def cell(self, part: str) -> str | None:
        """Its text; None, and said, for a formula."""
        place = self.columns.places.get(part)
        text = self.row.cells[place] if place is not None and place < len(self.row.cells) else ""
        if text == FORMULA:
            self.wrong(part, "formula")
            return None
        return text

    def joined(self, parts: tuple[str, ...], *, between: str) -> str | None:
        """Those of the parts that there are; None when one is a formula."""
        cells = [self.cell(part) for part in parts]
        return None if None in cells else between.join(cell for cell in cells if cell)

    def name(self) -> str:
        text = self.joined(NAMES, between=" ")
        if text is not None:
            try:
                return check_name(text)
            except ValidationError as error:
                self.wrong("name" if "name" in self.columns.places else "last", f"name_{error.code}")
        return ""

    def country(self) -> str | None:
        text = self.cell("country")
        code = country_of(text or "")
        if text is not None and code is None and folded(text) not in NOT_SAID:
            self.wrong("country", "country")
        return code

    def email(self) -> str:
        text = self.cell("email")
        if text:
            try:
                return check_address(text)
            except ValidationError as error:
                self.wrong("email", f"email_{error.code}")
        return ""

    def day(self) -> date | None:
        """Day before month where both are numbers, as in all our languages; never without the year."""
        text = self.cell("date")
        if not text:
            return None
        day = read_day(_TIME.sub("", text), language="fr") if _YEAR.search(text) else None
        if day is None:
            self.wrong("date", "date")
        elif day > (datetime.now(UTC) + EAST).date():
            self.wrong("date", "future")
        return day

    def reference(self) -> str:
        text = self.joined(REFERENCES, between=" / ") or ""
        if len(text) > MOST_REFERENCE or any(unicodedata.category(each)[0] == "C" for each in text):
            self.wrong(next(part for part in REFERENCES if part in self.columns.places), "reference")
        return text


def country_of(text: str) -> str | None:
    """The code of a country by its name or its letters; None for what is none."""
    letters = text.strip().upper()
    return letters if letters in country_codes() else _countries().get(folded(text.replace(".", "")))


@cache
def _countries() -> dict[str, str]:
    """What countries are called in every language of ours, for short, and by their three letters, with their codes.

    English and French come first: where another language's word means another country, theirs counts.
    """
    return dict(reversed(list(_names())))


def _names() -> Iterator[tuple[str, str]]:
    others = [code for code, _name in settings.LANGUAGES if code not in ("en", "fr")]
    for language in ("en", "fr", *others):
        yield from ((folded(name.replace(".", "")), code) for code, name in country_names(language))
    for code, names in ALIASES.items():
        yield from ((folded(name), code) for name in names.split(","))
    for code in sorted(country_codes()):
        if letters := countries.alpha3(code):
            yield folded(letters), code
