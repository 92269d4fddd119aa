"""Every language that we claim is whole: the check that fails when somebody adds a string and forgets the others."""

from __future__ import annotations

import gettext
from pathlib import Path

import pytest
from django.conf import LazySettings, settings
from django.utils.translation import ngettext, override

from petition import catalogues

OTHERS = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


@pytest.mark.parametrize("language", OTHERS)
def test_every_string_is_translated(language: str) -> None:
    assert catalogues.missing(language) == []


@pytest.mark.parametrize("language", OTHERS)
def test_translations_keep_placeholders_and_tags(language: str) -> None:
    assert catalogues.misfits(language) == []


def test_strings_are_found_in_code_and_in_templates_alike(settings: LazySettings, tmp_path: Path) -> None:
    settings.LOCALE_PATHS = [tmp_path]  # a language with nothing translated yet

    lacking = catalogues.missing("fr")

    assert "Enter your name." in lacking  # code, lazy and not
    assert "Sign this letter" in lacking  # a page
    assert "Please confirm" in lacking  # a mail, with its context
    assert "{n} person" in lacking  # a plural


def test_a_lost_placeholder_is_noticed(settings: LazySettings, tmp_path: Path) -> None:
    settings.LOCALE_PATHS = [tmp_path]
    file = tmp_path / "fr" / "LC_MESSAGES" / "django.po"
    file.parent.mkdir(parents=True)
    file.write_text(
        'msgid "Goal: %(goal)s"\nmsgstr "Objectif"\n\nmsgid "Hello,"\nmsgstr "Bonjour,"\n', encoding="utf-8"
    )

    assert catalogues.misfits("fr") == ["Goal: %(goal)s"]


def test_a_compiled_catalogue_speaks(settings: LazySettings, tmp_path: Path) -> None:
    source = catalogues.files()["fr"].read_bytes()
    settings.LOCALE_PATHS = [tmp_path]
    file = catalogues.files()["fr"]
    file.parent.mkdir(parents=True)
    file.write_bytes(source)

    (compiled,) = catalogues.compile_all()

    with compiled.open("rb") as opened:
        french = gettext.GNUTranslations(opened)
    assert french.ngettext("{n} person", "{n} people", 0) == "{n} personne"
    assert french.ngettext("{n} person", "{n} people", 2) == "{n} personnes"
    assert french.pgettext("signature", "withdrawn") == "retirée"
    assert catalogues.compile_all() == []  # nothing changed, nothing written


def test_staff_words_are_asked_of_the_desks_languages_only(settings: LazySettings, tmp_path: Path) -> None:
    settings.LOCALE_PATHS = [tmp_path]

    spanish, french = set(catalogues.missing("es")), set(catalogues.missing("fr"))

    assert spanish < french
    for staff_only in ("Import a letter", "The head has no title.", "smallest number shown for a country", "draft"):
        assert staff_only in french - spanish


def test_what_signers_read_of_the_models_is_the_publics(settings: LazySettings, tmp_path: Path) -> None:
    settings.LOCALE_PATHS = [tmp_path]

    assert "held for review" in catalogues.missing("es")  # a state that "my signature" names


def test_a_string_of_both_is_the_publics() -> None:
    shared = catalogues.gather().get("Choices")  # the desk and the page of one's own signature

    assert shared is not None
    assert {where.split("/")[1] for where, _line in shared.locations} >= {"desk", "signing"}
    assert catalogues.is_public(shared)


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_is_left_in_english(language: str) -> None:
    """A translation that repeats its English source was forgotten, but for words that languages share."""
    shared = {"Error:", "Error %(code)s"}  # Spanish
    same = [
        message.id
        for message in catalogues.read(language)
        if message.id and message.id == message.string and message.id not in shared
    ]
    assert [text for text in same if language not in settings.DESK_LANGUAGES] == []


@pytest.mark.parametrize("language", OTHERS)
def test_django_reads_the_catalogue_with_its_own_plurals(language: str) -> None:
    with override(language):
        said = {ngettext("{n} person", "{n} people", number) for number in range(201)}

    translated = catalogues.read(language).get(("{n} person", "{n} people"))
    assert translated is not None
    assert said == set(translated.string)


@pytest.mark.parametrize(
    ("number", "words"), [(1, "{n} человек"), (3, "{n} человека"), (11, "{n} человек"), (22, "{n} человека")]
)
def test_russian_has_three_forms(number: int, words: str) -> None:
    with override("ru"):
        assert ngettext("{n} person", "{n} people", number) == words


@pytest.mark.parametrize(("number", "words"), [(2, "{n} شخصان"), (7, "{n} أشخاص"), (11, "{n} شخصًا"), (100, "{n} شخص")])
def test_arabic_has_six_forms(number: int, words: str) -> None:
    with override("ar"):
        assert ngettext("{n} person", "{n} people", number) == words
