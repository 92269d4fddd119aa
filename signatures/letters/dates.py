"""A date as letters have it, in any language that Babel knows the months of: 11 October 2021, le 11 octobre 2021."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from functools import cache

from babel import Locale

LANGUAGES = ("en", "fr", "es", "ru", "ar", "zh", "kk", "ug", "de", "pt")
_NUMERIC = re.compile(r"\b(\d{1,2})[./-](\d{1,2})[./-](\d{4})\b")
_ISO = re.compile(r"\b(\d{4})[-./年]\s?(\d{1,2})[-./月]\s?(\d{1,2})(?:日|\b)")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")
_DAY = re.compile(r"(?<!\d)(?:0?[1-9]|[12]\d|3[01])(?!\d)")
MOST_WORDS = 7  # a line with more of them says something else too


@cache
def _months() -> list[tuple[str, int]]:
    """Every name and abbreviation of a month, the longest first."""
    names = {
        name.lower().strip("."): number
        for code in LANGUAGES
        for form in ("format", "stand-alone")
        for width in ("wide", "abbreviated")
        for number, name in Locale.parse(code).months[form][width].items()
        if not name[:1].isdigit()
    }
    return sorted(names.items(), key=lambda each: -len(each[0]))


def read_date(line: str) -> tuple[date, bool] | None:
    """The date that a line consists of, but for a place and a few small words; and whether it can be read otherwise.

    >>> read_date("London, 11 October 2021")
    (datetime.date(2021, 10, 11), False)
    """
    text = "".join(str(unicodedata.digit(each)) if each.isdigit() else each for each in line).lower()
    if len(text.split()) > MOST_WORDS:
        return None
    if found := _ISO.search(text):
        return _made(*(int(part) for part in found.groups()), unsure=False)
    if found := _NUMERIC.search(text):
        first, second, year = (int(part) for part in found.groups())
        if second > 12:
            return _made(year, first, second, unsure=False)
        return _made(year, second, first, unsure=first <= 12 and first != second)
    year_found = _YEAR.search(text)
    month = next((number for name, number in _months() if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text)), None)
    if year_found is None or month is None:
        return None
    day = _DAY.search(text[: year_found.start()]) or _DAY.search(text[year_found.end() :])
    return _made(int(year_found[0]), month, int(day[0]), unsure=False) if day else None


def _made(year: int, month: int, day: int, *, unsure: bool) -> tuple[date, bool] | None:
    try:
        return date(year, month, day), unsure
    except ValueError:
        return None
