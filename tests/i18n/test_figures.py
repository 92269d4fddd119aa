from __future__ import annotations

import re
from datetime import date

import pytest
from django.template import Context, Template
from django.utils.translation import override

from signatures.templatetags.figures import figure, longdate
from signatures.templatetags.languages import direction, named_in


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


def test_letters_run_their_own_way() -> None:
    assert direction("ug") == "rtl"
    assert direction("en") == "ltr"
    assert direction("xx") == "auto"
    assert named_in("ug", "en") == "Uyghur"
    assert named_in("xx", "en") == "xx"
