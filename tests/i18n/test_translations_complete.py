"""Every language that we claim is whole: the check that fails when somebody adds a string and forgets the others."""

from __future__ import annotations

import gettext
from pathlib import Path

import pytest
from django.conf import LazySettings, settings

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
