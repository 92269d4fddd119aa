"""oEmbed (oembed.com): pasting a letter's address into WordPress or Ghost shows the live count."""

from __future__ import annotations

import json
import re
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html

from signatures.letters.read import published

from . import shapes
from .answers import READ, Answer, compose_answer, problem, respond
from .data import embed_url, letter_url
from .schema import plain

WIDTH, HEIGHT = 360, 200  # pixels, as the frame is made for, when the consumer names no smaller ones
SECONDS = 3600
_LETTER = re.compile(r"/(?P<language>[a-z]{2}(?:-[a-z]{2,4})?)/(?P<slug>[-a-zA-Z0-9_]{1,80})/?")


def oembed(request: HttpRequest) -> HttpResponse:
    """An iframe for one of our letters' addresses; 404 for any other, 501 for a format that is not JSON."""
    if request.method not in READ:
        return respond(request, problem(405, "only GET"))
    return respond(request, _answer(request))


def _answer(request: HttpRequest) -> Answer:
    if request.GET.get("format", "json") != "json":
        return problem(501, "only format=json")
    if not (url := request.GET.get("url", "")):
        return problem(400, "url is missing")
    try:
        width = _size(request.GET.get("maxwidth"), WIDTH)
        height = _size(request.GET.get("maxheight"), HEIGHT)
    except ValueError:
        return problem(400, "maxwidth and maxheight are whole numbers from 1 to 99999")
    found = letter_at(url)
    petition = published(found[1]) if found else None
    if found is None or petition is None:
        return problem(404, "not the address of a letter here", seconds=60)
    language, slug = found
    letter = petition.letter_in(language)
    # No style attribute: a site's policy may refuse it, and WordPress takes it away.
    html = format_html(
        '<iframe src="{}" width="{}" height="{}" title="{}" frameborder="0" scrolling="no" loading="lazy"></iframe>',
        *(embed_url(slug, language), width, height, letter.title),
    )
    said = shapes.OEmbed(
        version="1.0",
        type="rich",
        provider_name="Undersigned",
        provider_url=settings.PUBLIC_URL + "/",
        title=letter.title,
        author_name=petition.organisation,
        author_url=letter_url(slug, language),
        cache_age=SECONDS,
        html=html,
        width=width,
        height=height,
    )
    return compose_answer(json.dumps(plain(said), ensure_ascii=False).encode(), seconds=SECONDS)


def _size(most: str | None, usual: int) -> int:
    if most is None:
        return usual
    if not re.fullmatch(r"[1-9][0-9]{0,4}", most):
        raise ValueError(most)
    return min(usual, int(most))


def letter_at(url: str) -> tuple[str, str] | None:
    """The language and slug of a letter's page of ours, whatever follows `?` or `#`; None for any other address."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    ours = urlsplit(settings.PUBLIC_URL)
    if parts.scheme not in ("http", "https") or parts.netloc.lower() != ours.netloc.lower():
        return None
    match = _LETTER.fullmatch(parts.path)
    if match is None or match["language"] not in dict(settings.LANGUAGES):
        return None
    return match["language"], match["slug"]
