"""Bring a letter in from Markdown with a metadata head.

The head names the letter's parts (`title`, `addressee`, `salutation`, `closing`, `signatory`, `signatory_title`,
`language`, `translator`) and its petition's (`reference`, `date`, `organisation`, `goal`, `slug`). Only `title` and the
text are asked for; what we do not know is ignored, so that a head may carry notes of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, cast

import frontmatter
import yaml
from django.conf import settings
from django.conf.locale import LANG_INFO
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils.text import slugify
from django.utils.translation import gettext as _

from signatures.models import Letter, Petition

from .read import forget
from .received import Received
from .revisions import keep_wording, version_of_the_original

RESERVED = frozenset({"privacy"})  # addresses that pages of our own have
MOST_SIGNERS = 2_000_000_000
LONGEST = 200_000  # characters of a letter
# With the most characters that the table holds of each.
_LETTER_PARTS = {"title": 300, "addressee": 300} | dict.fromkeys(
    ("salutation", "closing", "signatory", "signatory_title", "translator"), 200
)


class ImportProblem(ValueError):
    """Why a letter was not taken in, in words for whoever sent it. Nothing was saved."""


def import_letter(
    text: str,
    *,
    slug: str | None = None,
    language: str | None = None,
    by: User | None = None,
    among: QuerySet[Petition] | None = None,
) -> Petition:
    """Store a letter in Markdown with its head. Raises ImportProblem.

    `slug` and `language` override the head. For the rest see `take_in`.
    """
    letter = read_letter(text)
    letter.slug = slug or letter.slug
    letter.language = language or letter.language or settings.LANGUAGE_CODE
    return take_in(letter, by=by, among=among)


def read_letter(text: str) -> Received:
    """What a Markdown file with a head says; nothing is stored. Raises ImportProblem."""
    head, body = _parsed(text)
    if not _text(head, "title", 300):
        raise ImportProblem(_("The head has no title."))
    if not body:
        raise ImportProblem(_("There is no letter below the head."))
    return Received(
        slug=_text(head, "slug", 80),
        language=_text(head, "language", 10),
        reference=_text(head, "reference", 80),
        organisation=_text(head, "organisation", 200),
        dated=_date(head),
        goal=_goal(head),
        body=body,
        **cast(Any, {name: _text(head, name, most) for name, most in _LETTER_PARTS.items()}),
    )


def take_in(letter: Received, *, by: User | None = None, among: QuerySet[Petition] | None = None) -> Petition:
    """Store a letter and, the first time, its petition as a draft. Raises ImportProblem.

    The same text again changes nothing; a changed one raises the letter's version, and is kept with who brought it. A
    translation is taken to follow the original as it is. The petition's own fields are taken from the letter in its
    original language. A petition that is there already has to be `among` those that may be changed (any, without it).
    """
    if "name" not in LANG_INFO.get(letter.language, {}):
        raise ImportProblem(_("We do not know the language “%(language)s”.") % {"language": letter.language})
    if not letter.title or not letter.body:
        raise ImportProblem(_("A letter has a title and a text."))
    own: dict[str, Any] = {
        "reference": letter.reference,
        "organisation": letter.organisation,
        "dated": letter.dated,
    }
    if letter.goal:
        own["goal"] = letter.goal
    parts = {name: getattr(letter, name) for name in (*_LETTER_PARTS, "body")}
    with transaction.atomic():
        petition = _petition(letter.slug, letter.title, letter.language, own, among)
        _store_letter(petition, letter.language, parts, by)
    forget(petition.slug)
    return petition


def _parsed(text: str) -> tuple[Mapping[str, Any], str]:
    if "\0" in text:
        raise ImportProblem(_("The file holds NUL characters: it is not a text."))
    if len(text) > LONGEST:
        raise ImportProblem(_("The letter is longer than %(most)d characters.") % {"most": LONGEST})
    text = text.removeprefix("\ufeff").lstrip()
    if not text.startswith("---"):
        raise ImportProblem(_("The file does not begin with a head: lines between “---” and “---”."))
    try:
        post = frontmatter.loads(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise ImportProblem(
            _("The head cannot be read, near its line %(line)d.") % {"line": mark.line + 1 if mark else 1}
        ) from error
    if not post.metadata:
        raise ImportProblem(_("The file does not begin with a head: lines between “---” and “---”."))
    return post.metadata, post.content.strip()


def _text(head: Mapping[str, Any], name: str, most: int) -> str:
    value = head.get(name)
    # Not `split()`: a no-break space, as French has before a colon, was typed on purpose.
    text = "" if value is None else re.sub(r"[ \t\r\n]+", " ", str(value)).strip()
    if len(text) > most:
        raise ImportProblem(_("“%(name)s” is longer than %(most)d characters.") % {"name": name, "most": most})
    return text


def _date(head: Mapping[str, Any]) -> date | None:
    value = head.get("date")
    if isinstance(value, datetime):
        return value.date()
    if value is None or isinstance(value, date):
        return value
    raise ImportProblem(_("The date “%(date)s” is not of the form 2021-10-31.") % {"date": value})


def _goal(head: Mapping[str, Any]) -> int | None:
    value = head.get("goal")
    if value is None:
        return None
    try:
        goal = int(str(value).replace(",", "").replace("_", ""))
    except ValueError:
        goal = 0
    if not 1 <= goal <= MOST_SIGNERS:
        raise ImportProblem(_("The goal “%(goal)s” is not a number above zero.") % {"goal": value})
    return goal


def _petition(slug: str, title: str, language: str, own: dict[str, Any], among: QuerySet[Petition] | None) -> Petition:
    """The petition at `slug` (or under the title's own), made as a draft when it is not there."""
    wanted = slugify(slug)[:80].strip("-") if slug else _slug_of(title)
    if not wanted:
        raise ImportProblem(_("No address can be made from the title; give the head a slug in Latin letters."))
    if wanted in RESERVED:
        raise ImportProblem(_("The address “%(slug)s” is taken by a page of ours.") % {"slug": wanted})
    petition, made = Petition.objects.get_or_create(slug=wanted, defaults={"original_language": language, **own})
    if not made and among is not None and not among.filter(pk=petition.pk).exists():
        raise ImportProblem(_("The address “%(slug)s” is taken by another petition.") % {"slug": wanted})
    if not made and petition.original_language == language:
        changed = {name: value for name, value in own.items() if value and getattr(petition, name) != value}
        if changed:
            Petition.objects.filter(pk=petition.pk).update(**changed)
            petition.refresh_from_db()
    return petition


def _slug_of(title: str) -> str:
    """The first words of a title that fit into a short address."""
    words = slugify(title).split("-")
    while len("-".join(words)) > 60:
        words.pop()
    return "-".join(words)


def _store_letter(petition: Petition, language: str, parts: dict[str, str], by: User | None) -> None:
    letter = Letter.objects.select_for_update().filter(petition=petition, language=language).first()
    fresh = letter is None
    if letter is None:
        letter = Letter(petition=petition, language=language)
    elif all(getattr(letter, name) == value for name, value in parts.items()):
        return
    for name, value in parts.items():
        setattr(letter, name, value)
    letter.translated_version = version_of_the_original(letter)
    letter.save()
    keep_wording(letter=letter, by=by, fresh=fresh)
