"""A day, as staff type one: always a UTC day, because that is what the record counts by."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta
from functools import cache

from django.utils.translation import pgettext

from signatures.templatetags.figures import locale_of

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_NUMBERS = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4})")  # day first: so it is in all our languages
_DAY_FIRST = re.compile(r"(\d{1,2})(?:st|nd|rd|th|er)?\.? ([^\W\d]+)\.?(?: (\d{4}))?")
_MONTH_FIRST = re.compile(r"([^\W\d]+)\.? (\d{1,2})(?:st|nd|rd|th)?(?: (\d{4}))?")


def folded(text: str) -> str:
    """Case, accents, apostrophes and hyphens aside: `Côte d’Ivoire` → `cote d ivoire`."""
    plain = "".join(each for each in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(each))
    return " ".join(re.sub(r"['’`\-‐–]", " ", plain).split())


def today() -> date:
    return datetime.now(UTC).date()


def listed(words: str) -> set[str]:
    """A translated list of words, comma-separated, as they are compared."""
    return {folded(each) for each in words.split(",")}


@cache
def _months(language: str) -> dict[str, int]:
    """Every name of a month, long and short, in the language and in English."""
    found: dict[str, int] = {}
    for each in ("en", language):
        for names in locale_of(each).months["format"].values():
            found |= {folded(name).rstrip("."): number for number, name in names.items() if not name.isdigit()}
    return {name: number for name, number in found.items() if len(name) > 1}


def read_days(text: str, *, language: str) -> tuple[date, date] | None:
    """`2026-11-24`, `24 Nov 2026`, `today`, or two with `..` between: the first and the last day. None: no day."""
    first, dots, last = text.partition("..")
    begin = read_day(first.strip(), language=language)
    end = read_day(last.strip(), language=language) if dots else begin
    return (begin, end) if begin and end and begin <= end else None


def read_day(text: str, *, language: str) -> date | None:
    """One day, or None. Without a year it is the last such day that was."""
    word = folded(text)
    if word in {"today", *listed(pgettext("search words, separated by commas", "today"))}:
        return today()
    if word in {"yesterday", *listed(pgettext("search words, separated by commas", "yesterday"))}:
        return today() - timedelta(days=1)
    if found := _ISO.fullmatch(text):
        return _day(found[1], found[2], found[3])
    if found := _NUMBERS.fullmatch(text):
        return _day(found[3], found[2], found[1])
    months = _months(language)
    if (found := _DAY_FIRST.fullmatch(word)) and (month := months.get(found[2])):
        return _day(found[3], month, found[1])
    if (found := _MONTH_FIRST.fullmatch(word.replace(",", ""))) and (month := months.get(found[1])):
        return _day(found[3], month, found[2])
    return None


def _day(year: str | None, month: str | int, day: str) -> date | None:
    try:
        if year is None:
            this = date(today().year, int(month), int(day))
            return this if this <= today() else this.replace(year=this.year - 1)
        return date(int(year), int(month), int(day)) if int(year) >= 1970 else None
    except ValueError:
        return None
