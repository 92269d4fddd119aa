"""Numbers and dates as the page's language writes them, and the count as a phrase that a script can keep current."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, format_percent
from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import ngettext, pgettext

register = template.Library()

# The smallest number of each CLDR plural category is among these in every language that has the category for integers.
_SAMPLES = (*range(201), 1_000, 1_000_000)

# CLDR's minimumGroupingDigits, which Babel does not read: Spanish writes 1234 and 12.345.
_GROUPS_FROM = {"es": 10_000}


@cache
def locale_of(language: str) -> Locale:
    """Babel's locale for a language of ours. Plain English is the international kind: 11 October 2021."""
    return Locale.parse("en-001" if language == "en" else language, sep="-")


@register.filter
def figure(number: int, language: str) -> str:
    """323832 → "323,832" in English, "323 832" with narrow no-break spaces in French."""
    if number < _GROUPS_FROM.get(language, 0):
        return str(number)
    return format_decimal(number, locale=locale_of(language))


@register.filter
def longdate(day: date, language: str) -> str:
    """A date as a letter has it: 11 October 2021, 11 octobre 2021."""
    return format_date(day, format="long", locale=locale_of(language))


def moment(at: datetime, language: str) -> str:
    """A time as its reader's language has it, in UTC and saying so: 11 October 2021, 9:30:00 am UTC."""
    return format_datetime(at, format="long", tzinfo=UTC, locale=locale_of(language))


@register.filter
def percent(hundredths: int, language: str) -> str:
    """80 → "80%" in English, "80 %" with a no-break space in French."""
    return format_percent(hundredths / 100, locale=locale_of(language))


def is_exact_millions(number: int) -> bool:
    """Whether French and Spanish put "de" behind it: CLDR's `many`, a form that gettext's catalogues there lack."""
    return number > 0 and number % 1_000_000 == 0


def _people(number: int) -> str:
    if is_exact_millions(number):
        return pgettext("exact millions", "{n} people")
    return ngettext("{n} person", "{n} people", number)


def _places(number: int) -> str:
    return ngettext("from {n} country or territory", "from {n} countries and territories", number)


def _phrase(number: int, words: Callable[[int], str], *, language: str, marker: str) -> SafeString:
    """The number in its words, and in data attributes the words for every plural category (`data-one`, `data-few`…).

    Which category a number falls into differs by language; the script asks `Intl.PluralRules` and finds the words here.
    """
    forms: dict[str, str] = {}
    for sample in _SAMPLES:
        forms.setdefault(locale_of(language).plural_form(sample), words(sample))
    # How the script is to write numbers: browsers lack some languages' own way, and then take another without a word.
    grouping = {"group": locale_of(language).number_symbols["latn"]["group"], "from": _GROUPS_FROM.get(language, 1000)}
    attributes = format_html_join("", ' data-{}="{}"', sorted((forms | grouping).items()))
    before, _n, after = words(number).partition("{n}")
    return format_html(
        '<span{}>{}<span class="figure" {}>{}</span>{}</span>',
        attributes,
        before,
        marker,
        figure(number, language),
        after,
    )


@register.simple_tag
def people(number: int, language: str) -> SafeString:
    """ "323,832 people"; expects the page's language to be active."""
    return _phrase(number, _people, language=language, marker="data-count")


@register.filter
def in_words(number: int, language: str) -> str:
    """ "323,832 people" where no markup can stand; expects the page's language to be active."""
    return _people(number).replace("{n}", figure(number, language))


def places_in_words(number: int, language: str) -> str:
    """ "from 184 countries and territories", likewise."""
    return _places(number).replace("{n}", figure(number, language))


@register.simple_tag
def places(number: int, language: str) -> SafeString:
    """ "from 184 countries and territories"; expects the page's language to be active."""
    return _phrase(number, _places, language=language, marker="data-countries")
