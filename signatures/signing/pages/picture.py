"""The picture of a letter for whoever shares its address, with the count as it is now."""

from __future__ import annotations

import hashlib
import threading
import time
from dataclasses import dataclass

from cachetools import LRUCache
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language_bidi
from django.views.decorators.http import require_safe

from signatures.letters.drawing import draw_picture
from signatures.letters.read import PublishedPetition
from signatures.tally import snapshot
from signatures.templatetags.figures import figure, in_words, places_in_words

from .page import in_its_language


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture, what it shows, and when it was drawn (monotonic seconds)."""

    shows: tuple[str, str, str, float]
    at: float
    png: bytes
    etag: str


_drawn: LRUCache[tuple[str, str], Drawn] = LRUCache(maxsize=256)
_memory = threading.Lock()
_drawing = threading.Lock()  # one at a time: a picture takes as long as a hundred pages


def _now_showing(petition: PublishedPetition, language: str) -> tuple[str, str, str, float]:
    """Title, number, the words beside it, and the share of the goal."""
    tally = snapshot.read(petition)
    number = figure(tally.total, language)
    words = in_words(tally.total, language).replace(number, "", 1)
    if tally.countries:
        words = f"{words} {places_in_words(tally.countries, language)}"
    return petition.letter_in(language).title, number, words.strip(), round(min(1.0, tally.total / tally.goal), 2)


def picture_of(petition: PublishedPetition, *, language: str) -> Drawn:
    """The picture, drawn anew when the count has moved, at most every PICTURE_EVERY seconds.

    While one is drawn, whoever asks for another is given the last one that there was.
    """
    key = (petition.slug, language)
    with _memory:
        held = _drawn.get(key)
    shows = _now_showing(petition, language)
    if held and (held.shows == shows or time.monotonic() - held.at < settings.PICTURE_EVERY):
        return held
    if not _drawing.acquire(blocking=held is None) and held:
        return held
    try:
        with _memory:
            meanwhile = _drawn.get(key)
        if meanwhile and meanwhile is not held:
            return meanwhile
        title, number, words, share = shows
        png = draw_picture(title=title, number=number, words=words, share=share, rtl=get_language_bidi())
        drawn = Drawn(shows, time.monotonic(), png, f'"{hashlib.blake2b(png, digest_size=12).hexdigest()}"')
        with _memory:
            _drawn[key] = drawn
        return drawn
    finally:
        _drawing.release()


@require_safe
@in_its_language
def picture(request: HttpRequest, *, language: str, slug: str) -> HttpResponse:
    from .views import petition_or_404  # views name this one in their pages

    drawn = picture_of(petition_or_404(slug), language=language)
    response = HttpResponse(drawn.png, content_type="image/png")
    response["ETag"] = drawn.etag
    response["Cache-Control"] = "public, max-age=300, stale-while-revalidate=3600, stale-if-error=86400"
    return get_conditional_response(request, etag=drawn.etag, response=response) or response
