"""The translations: gather what people see, bring each language's file up to date, compile it.

By Babel alone, so that a machine without GNU gettext can do all three. Templates are turned into something Babel can
read by Django's own `templatize`, which is what `makemessages` does for xgettext.

What the public meets is translated into every language, what only staff meet into DESK_LANGUAGES. Which of the two a
string is, its places say (docs/decisions/0009).
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation import to_locale
from django.utils.translation.template import templatize

SOURCES = ("petition", "signatures", "templates")
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
# Where strings stand that only staff meet. Anything else is the public's, so a place nobody thought of is translated.
DESK_PLACES = (
    "signatures/apps.py",
    "signatures/desk/",
    "signatures/handover/",
    "signatures/letters/importing.py",
    "signatures/letters/lifecycle.py",
    "signatures/letters/preview.py",
    "signatures/letters/receive.py",
    "signatures/letters/recognise.py",
    "signatures/letters/word_document.py",
    "signatures/management/",
    "signatures/models/",
    "signatures/privacy/periods.py",
    "signatures/tally/goal.py",
    "signatures/sending/",
    "signatures/webhooks/",
    "templates/admin/",
)
# Except these contexts: signers read the state of their signature in the model's own words.
PUBLIC_CONTEXTS = ("signature",)
HEADER = "# Undersigned, in {name}.\n# New and changed strings come in by `manage.py updatecatalogues`."


def _texts() -> Iterator[tuple[str, bytes]]:
    """(path, Python-like source) of every file that may hold a string for people."""
    for folder in SOURCES:
        for path in sorted((settings.BASE_DIR / folder).rglob("*")):
            where = path.relative_to(settings.BASE_DIR).as_posix()
            if path.suffix == ".py" and "/migrations/" not in where:
                yield where, path.read_bytes()
            elif path.suffix in {".html", ".txt", ".svg", ".xml"} and "/templates/" in f"/{where}":
                calls = templatize(path.read_text(encoding="utf-8"), origin=where)
                # Indentation means nothing here, and would mean something to Babel's Python reader.
                yield where, "\n".join(line.lstrip() for line in calls.splitlines()).encode()


def gather(language: str | None = None) -> Catalog:
    """Every string marked for translation, or those that `language` needs, without translations.

    Line numbers are left out: they only churn.
    """
    template = Catalog(charset="utf-8")
    for where, text in _texts():
        found = extract("python", io.BytesIO(text), keywords=KEYWORDS, comment_tags=("Translators:",))
        for _line, message, comments, context in found:
            template.add(message, locations=[(where, 0)], auto_comments=comments, context=context)
    if language is None or language in settings.DESK_LANGUAGES:
        return template
    wanted = Catalog(charset="utf-8")
    for each in template:
        if each.id and is_public(each):
            wanted[each.id] = each
    return wanted


def is_public(message: Message) -> bool:
    """Whether somebody outside the campaign's staff may come to read it."""
    if message.context in PUBLIC_CONTEXTS:
        return True
    return any(not where.startswith(DESK_PLACES) for where, _line in message.locations)


def files() -> dict[str, Path]:
    """Where each language's translations are; the default language is written in the source itself."""
    return {
        code: Path(settings.LOCALE_PATHS[0]) / to_locale(code) / "LC_MESSAGES" / "django.po"
        for code, _name in settings.LANGUAGES
        if code != settings.LANGUAGE_CODE
    }


def read(language: str) -> Catalog:
    path = files()[language]
    if not path.exists():
        return Catalog(locale=to_locale(language))
    with path.open("rb") as file:
        return read_po(file, locale=to_locale(language))


def missing(language: str) -> list[str]:
    """The strings that this language needs and lacks, has only as a guess, or has in part of its plural forms."""
    translated = read(language)
    lacking = []
    for message in gather(language):
        if not message.id:
            continue
        found = translated.get(message.id, context=message.context)
        forms = _forms(found.string) if found and not found.fuzzy else []
        if len(forms) != (translated.num_plurals if message.pluralizable else 1) or not all(forms):
            lacking.append(_forms(message.id)[0])
    return lacking


def _forms(text: str | list[str] | tuple[str, ...] | None) -> list[str]:
    """A string, or a string in each of its plural forms, as a list."""
    return [text] if isinstance(text, str) else list(text or ())


_PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[sd]|\{\w*\}|</?\w+[^>]*>|%%")


def misfits(language: str) -> list[str]:
    """Strings whose translation has other placeholders or tags than they: a `%(name)s` lost, a `<bdi>` left open."""

    def parts(text: str) -> list[str]:
        return sorted(_PLACEHOLDER.findall(text))

    return [
        _forms(message.id)[0]
        for message in read(language)
        if message.id and any(form and parts(form) != parts(_forms(message.id)[-1]) for form in _forms(message.string))
    ]


def update() -> dict[str, int]:
    """Bring every language's file up to date with the source; returns how many strings each still lacks."""
    lacking = {}
    for language, path in files().items():
        template = gather(language)
        catalogue = read(language)
        catalogue.header_comment = HEADER.format(name=catalogue.locale.english_name if catalogue.locale else language)
        catalogue.project, catalogue.version, catalogue.fuzzy = "Undersigned", "1", False
        catalogue.last_translator = "Undersigned"
        # No guessing from similar strings: a wrong sentence about somebody's data is worse than none.
        template.creation_date = catalogue.creation_date
        catalogue.update(template, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_po(file, catalogue, width=110, sort_output=True, include_lineno=False)
        lacking[language] = len(missing(language))
    return lacking


def compile_all() -> list[Path]:
    """Write what Django reads, beside each file, where it is older than its source; returns what was written."""
    written: list[Path] = []
    for language, path in files().items():
        compiled = path.with_suffix(".mo")
        if not path.exists():
            continue  # `missing` says so; here it is no reason to leave the others uncompiled
        if compiled.exists() and compiled.stat().st_mtime_ns >= path.stat().st_mtime_ns:
            continue
        # Replaced in one step: another process may be reading or writing it.
        fresh = compiled.with_suffix(f".{os.getpid()}")
        with fresh.open("wb") as file:
            write_mo(file, read(language))
        fresh.replace(compiled)
        written.append(compiled)
    return written
