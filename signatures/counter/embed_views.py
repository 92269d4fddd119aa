"""The frame and the badges: the count in other people's pages without a script. Always from the published snapshot."""

from __future__ import annotations

import hashlib

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language_bidi
from django.views.decorators.http import require_safe

from petition.caching import cache_policy
from signatures.letters.read import PublishedPetition
from signatures.signing.form.forms import checked_source
from signatures.signing.pages.page import in_its_language
from signatures.signing.pages.views import petition_or_404
from signatures.tally import snapshot
from signatures.templatetags.figures import figure

from .badge import Badge, draw_png, draw_svg
from .embed_looks import looks_of
from .embed_words import badge_words, ended, signed_set_large

KEPT = 60  # seconds: how often a counter asks, too


def _answer(request: HttpRequest, body: bytes, *, content_type: str) -> HttpResponse:
    """Cacheable by anybody, with an ETag by which an unchanged one is not sent again."""
    etag = f'W/"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    response = HttpResponse(body, content_type=content_type)
    response["ETag"] = etag
    response["Cache-Control"] = cache_policy(seconds=KEPT)
    return get_conditional_response(request, etag=etag, response=response) or response


@require_safe
@in_its_language
def frame(request: HttpRequest, *, language: str, slug: str) -> HttpResponse:
    """A page that any other may frame: the number, the bar and a link; kept current where scripts run."""
    petition = petition_or_404(slug)
    tally = snapshot.read(petition)
    source = checked_source(request.GET.get("s", ""))
    letter = reverse("letter", kwargs={"language": language, "slug": petition.slug})
    body = render_to_string(
        "embed/frame.html",
        {
            "language": language,
            "direction": "rtl" if get_language_bidi() else "ltr",
            "petition": petition,
            "letter": petition.letter_in(language),
            "tally": tally,
            "signed": signed_set_large(tally, language),
            "ended": ended(petition.state),
            "looks": looks_of(request.GET),
            "letter_url": f"{letter}?s={source}" if source else letter,
        },
    )
    return _answer(request, body.encode(), content_type="text/html; charset=utf-8")


def _badge(petition: PublishedPetition, language: str) -> Badge:
    tally = snapshot.read(petition)
    return Badge(
        words=badge_words(tally, language),
        short=figure(tally.total, "en") if tally.total else "",
        title=petition.letter_in(language).title,
        rtl=get_language_bidi(),
    )


@require_safe
@in_its_language
def badge_svg(request: HttpRequest, *, language: str, slug: str) -> HttpResponse:
    return _answer(request, draw_svg(_badge(petition_or_404(slug), language)), content_type="image/svg+xml")


@require_safe
@in_its_language
def badge_png(request: HttpRequest, *, language: str, slug: str) -> HttpResponse:
    return _answer(request, draw_png(_badge(petition_or_404(slug), language)), content_type="image/png")
