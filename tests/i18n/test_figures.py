from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest
from django.conf import settings
from django.template import Context, Template
from django.utils.translation import override

from signatures.counter.embed_words import signed
from signatures.tally.snapshot import Snapshot
from signatures.templatetags.figures import figure, longdate, moment, percent
from signatures.templatetags.languages import direction, named_in, tag


def said(total: int, countries: int, language: str) -> str:
    """What a page says, without its tags."""
    template = Template("{% load figures %}{% people total language %} {% places countries language %}")
    with override(language):
        html = template.render(Context({"total": total, "countries": countries, "language": language}))
    return re.sub("<[^>]*>", "", html)


@pytest.mark.parametrize(
    ("total", "countries", "language", "words"),
    [
        (323_832, 184, "en", "323,832 people from 184 countries and territories"),
        (323_832, 184, "fr", "323\u202f832 personnes de 184 pays et territoires"),
        (1, 1, "en", "1 person from 1 country or territory"),
        (1, 1, "fr", "1 personne de 1 pays ou territoire"),
    ],
)
def test_the_count_is_said_in_the_words_of_the_language(total: int, countries: int, language: str, words: str) -> None:
    assert said(total, countries, language) == words


@pytest.mark.parametrize(
    ("total", "language", "words"),
    [
        (1_000_000, "en", "1,000,000 people"),
        (1_000_000, "fr", "1\u202f000\u202f000 de personnes"),
        (2_000_000, "es", "2.000.000 de personas"),
        (1_000_001, "fr", "1\u202f000\u202f001 personnes"),
        (1_000_000, "ru", "1\u00a0000\u00a0000 человек"),
        (1_000_000, "ar", "1,000,000 شخص"),
    ],
)
def test_exact_millions_are_said_as_their_plural_is(total: int, language: str, words: str) -> None:
    assert said(total, 184, language).startswith(f"{words} ")
    at = datetime(2021, 10, 11, tzinfo=UTC)
    tally = Snapshot(slug="water", state="open", total=total, countries=184, goal=3_000_000, version=1, as_of=at)
    with override(language):
        assert words in signed(tally, language)
        template = Template("{% load place %}{% with_you total language %}")
        assert words in re.sub("<[^>]*>", "", template.render(Context({"total": total, "language": language})))


def test_the_page_carries_the_words_for_every_plural() -> None:
    with override("en"):
        html = Template("{% load figures %}{% people 1 'en' %}").render(Context())
    assert 'data-one="{n} person"' in html
    assert 'data-other="{n} people"' in html


def test_a_letter_is_dated_as_letters_are() -> None:
    assert longdate(date(2021, 10, 11), "en") == "11 October 2021"
    assert longdate(date(2021, 10, 11), "fr") == "11 octobre 2021"


def test_figures_group_by_language() -> None:
    assert figure(1_234_567, "en") == "1,234,567"
    assert figure(1_234_567, "fr") == "1\u202f234\u202f567"


@pytest.mark.parametrize(
    ("language", "day", "count", "share"),
    [
        ("ar", "11 أكتوبر 2021", "323,832", "80%"),
        ("en", "11 October 2021", "323,832", "80%"),
        ("es", "11 de octubre de 2021", "323.832", "80\u00a0%"),
        ("fr", "11 octobre 2021", "323\u202f832", "80\u00a0%"),
        ("kk", "2021\u202fж. 11 қазан", "323\u00a0832", "80%"),
        ("ru", "11 октября 2021\u202fг.", "323\u00a0832", "80\u00a0%"),
        ("ug", "11-ئۆكتەبىر، 2021", "323,832", "80%"),
        ("zh-hans", "2021年10月11日", "323,832", "80%"),
    ],
)
def test_dates_numbers_and_shares_are_the_languages_own(language: str, day: str, count: str, share: str) -> None:
    assert (longdate(date(2021, 10, 11), language), figure(323_832, language), percent(80, language)) == (
        day,
        count,
        share,
    )


def test_spanish_does_not_group_four_digits() -> None:
    assert (figure(9_999, "es"), figure(10_000, "es"), figure(9_999, "en")) == ("9999", "10.000", "9,999")


def test_a_time_says_that_it_is_utc() -> None:
    at = datetime(2021, 10, 11, 9, 30, tzinfo=UTC)
    assert moment(at, "en").replace("\u202f", " ") == "11 October 2021, 9:30:00 am UTC"
    assert all("UTC" in moment(at, language) or "TU" in moment(at, language) for language, _name in settings.LANGUAGES)


def test_language_tags_are_written_as_the_standard_writes_them() -> None:
    assert [tag(code) for code in ("en", "zh-hans", "pt-br")] == ["en", "zh-Hans", "pt-BR"]


def test_letters_run_their_own_way() -> None:
    assert direction("ug") == "rtl"
    assert direction("en") == "ltr"
    assert direction("xx") == "auto"
    assert named_in("ug", "en") == "Uyghur"
    assert named_in("xx", "en") == "xx"
