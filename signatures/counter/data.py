"""The data addresses under /api/v1/petitions/<slug>: for each one what it takes, what it answers, and for how long.

Each is a function from a published petition to a dataclass; `reads` makes a view of it and enters it in ENDPOINTS, from
which the addresses and the published document are made.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from cachetools import TTLCache
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from signatures.letters.read import PublishedPetition, published
from signatures.letters.updates import published_updates
from signatures.signing.countries.names import country_name
from signatures.tally import snapshot
from signatures.tally.published import country_figures, day_figures

from . import shapes
from .answers import READ, Answer, compose_answer, problem, respond
from .schema import plain

LANGUAGE_CODE = r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One address, as the document and the readable page describe it."""

    name: str  # after /api/v1/petitions/{slug}/; empty for the petition itself
    shape: type
    summary: str
    description: str
    seconds: int
    takes_language: bool
    view: Callable[..., HttpResponse]


ENDPOINTS: list[Endpoint] = []
_ready: TTLCache[tuple[str, str, str], Answer] = TTLCache(maxsize=512, ttl=settings.PAGE_TTL)
_lock = threading.Lock()


def reads(name: str, *, shape: type, seconds: int, summary: str, takes_language: bool = False) -> Callable[..., Any]:
    """Make a view that answers with the `shape` that the function returns, for any origin, kept for `seconds`."""

    def make(look: Callable[..., Any]) -> Callable[..., HttpResponse]:
        def view(request: HttpRequest, slug: str) -> HttpResponse:
            if request.method not in READ:
                return respond(request, problem(405, "only GET"))
            language = request.GET.get("lang", "").lower() if takes_language else ""
            if language and not re.fullmatch(LANGUAGE_CODE, language):
                return respond(request, problem(400, "lang is not a language code"))
            with _lock:
                answer = _ready.get((name, slug, language))
            if answer is None:
                petition = published(slug)
                if petition is None:
                    return respond(request, problem(404, "no such petition", seconds=1))
                said = look(petition, language) if takes_language else look(petition)
                answer = _answer(said, seconds=seconds)
                with _lock:
                    _ready[name, slug, language] = answer
            return respond(request, answer)

        description = " ".join((look.__doc__ or "").split())
        ENDPOINTS.append(Endpoint(name, shape, summary, description, seconds, takes_language, view))
        return view

    return make


def _answer(said: Any, *, seconds: int) -> Answer:
    """As JSON. An empty `version` becomes a digest of everything but `as_of`, and is then the ETag too."""
    weak = said.version == ""
    if weak:
        contents = plain(replace(said, as_of=None))
        digest = hashlib.blake2b(json.dumps(contents).encode(), digest_size=9).hexdigest()
        said = replace(said, version=digest)
    body = json.dumps(plain(said), ensure_ascii=False).encode()
    return compose_answer(body, seconds=seconds, etag=f'W/"{said.version}"' if weak else "")


def forget() -> None:
    """Forget what this process has ready."""
    with _lock:
        _ready.clear()


def address(name: str, slug: str) -> str:
    """The absolute address of an endpoint, or of the stream."""
    return settings.PUBLIC_URL + reverse(f"api_{name or 'petition'}", kwargs={"slug": slug})


def page_language(language: str) -> str:
    """The interface's language in which a letter in `language` is best read."""
    return language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def letter_url(slug: str, language: str) -> str:
    return settings.PUBLIC_URL + reverse("letter", kwargs={"language": page_language(language), "slug": slug})


def embed_url(slug: str, language: str) -> str:
    """The page with the count that others frame."""
    return f"{settings.PUBLIC_URL}/embed/v1/{page_language(language)}/{slug}/"


# ------------------------------------------------------------------------------------------------- the addresses
@reads("", shape=shapes.Details, seconds=60, summary="A petition")
def petition(petition: PublishedPetition) -> shapes.Details:
    """The petition, its letter's title in every language it has, and the addresses of the rest."""
    first = petition.original_language
    return shapes.Details(
        slug=petition.slug,
        state=petition.state,
        organisation=petition.organisation,
        reference=petition.reference,
        dated=petition.dated,
        goal=petition.goal,
        country_threshold=petition.country_threshold,
        paper=snapshot.read(petition).paper,
        opened_at=petition.opened_at,
        closed_at=petition.closed_at,
        delivered_at=petition.delivered_at,
        original_language=first,
        letters=tuple(
            shapes.LetterTitle(
                language=letter.language,
                title=letter.title,
                addressee=letter.addressee,
                url=letter_url(petition.slug, letter.language),
                embed_url=embed_url(petition.slug, letter.language),
            )
            for letter in sorted(petition.letters.values(), key=lambda each: (each.language != first, each.language))
        ),
        links=shapes.Links(
            **{name: address(name, petition.slug) for name in ("tally", "countries", "days", "updates", "stream")}
        ),
        as_of=timezone.now(),
        version="",
    )


@reads("countries", shape=shapes.Countries, seconds=300, summary="Figures by country", takes_language=True)
def countries(petition: PublishedPetition, language: str) -> shapes.Countries:
    """Published at most once an hour, and only when at least `threshold` people have come or gone since. Countries with
    fewer signers than that are named without a number; numbers are rounded down; one group may be shown a step lower,
    so that nobody in a small one can be worked out. Numbers may fall. `lang` gives the countries' names."""
    figures = country_figures(petition)
    language = page_language(language)
    return shapes.Countries(
        slug=petition.slug,
        state=petition.state,
        language=language,
        threshold=figures.threshold,
        total=figures.total,
        not_said=figures.not_said,
        countries=tuple(
            shapes.Country(code=row.code, name=country_name(row.code, language), number=row.number)
            for row in figures.rows
        ),
        as_of=figures.as_of,
        version=figures.version,
    )


@reads("days", shape=shapes.Days, seconds=300, summary="Figures by day")
def days(petition: PublishedPetition) -> shapes.Days:
    """Of the same publication as the figures by country, and rounded as they are. A day with fewer signers than
    `threshold`, or none, has no number."""
    figures = day_figures(petition)
    return shapes.Days(
        slug=petition.slug,
        state=petition.state,
        threshold=figures.threshold,
        days=tuple(shapes.Day(day=row.day, number=row.number) for row in figures.rows),
        as_of=figures.as_of,
        version=figures.version,
    )


@reads("updates", shape=shapes.Updates, seconds=60, summary="Updates from the campaign", takes_language=True)
def updates(petition: PublishedPetition, language: str) -> shapes.Updates:
    """News that the campaign has published, each in the language that `lang` asks for, or else in its own."""
    language = language or petition.original_language
    return shapes.Updates(
        slug=petition.slug,
        state=petition.state,
        language=language,
        updates=tuple(
            shapes.Update(
                id=each.id,
                language=each.language,
                title=each.title,
                html=each.html,
                published_at=each.published_at,
            )
            for each in published_updates(petition.id, language)
        ),
        as_of=timezone.now(),
        version="",
    )
