"""The letter's page as every visitor gets it, kept ready for PAGE_TTL seconds."""

from __future__ import annotations

import gzip
import hashlib
import threading
from dataclasses import dataclass

from cachetools import TTLCache
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import get_conditional_response

from signatures.letters.read import PublishedPetition
from signatures.signing.form.consent import consent_in
from signatures.signing.form.forms import FormToken, SignForm
from signatures.tally import snapshot

from .page import compose
from .share import share_of


@dataclass(frozen=True, slots=True)
class Ready:
    """A page's bytes, plain and compressed once, and its ETag."""

    plain: bytes
    gzipped: bytes
    etag: str


_ready: TTLCache[tuple[str, str, str], Ready] = TTLCache(maxsize=512, ttl=settings.PAGE_TTL)
_lock = threading.Lock()


def compose_letter(request: HttpRequest, *, petition: PublishedPetition, language: str, form: SignForm) -> bytes:
    """The letter, the count and the form, as it is or with what was wrong in it."""
    return _compose(
        request,
        "public/letter.html",
        petition=petition,
        language=language,
        form=form,
        tally=snapshot.read(petition),
        live=petition.state in ("open", "paused"),
    )


def compose_preview(request: HttpRequest, *, petition: PublishedPetition, language: str) -> bytes:
    """The same before anybody can sign: no count is asked for, and the form is there to be looked at."""
    return _compose(
        request,
        "public/preview.html",
        petition=petition,
        language=language,
        form=SignForm(fresh=fresh_token(petition=petition, language=language), language=language),
        tally=snapshot.before_the_first(petition),
        live=False,
        preview=True,
    )


def _compose(
    request: HttpRequest,
    template: str,
    *,
    petition: PublishedPetition,
    language: str,
    form: SignForm,
    tally: snapshot.Snapshot,
    **more: bool,
) -> bytes:
    letter = petition.letter_in(language)
    return compose(
        request,
        template,
        language=language,
        petition=petition,
        letter=letter,
        letter_is_translated=letter.language == language,
        tally=tally,
        percent=min(100, tally.total * 100 // tally.goal),
        form=form,
        consent=consent_in(language).text,
        accepting=petition.state == "open",
        share=share_of(title=letter.title, language=language, slug=petition.slug) if petition.state == "open" else None,
        tally_url=f"/api/v1/petitions/{petition.slug}/tally",
        stream_url=f"/api/v1/petitions/{petition.slug}/stream",
        action=reverse("letter", kwargs={"language": language, "slug": petition.slug}),
        picture=settings.PUBLIC_URL + reverse("picture", kwargs={"language": language, "slug": petition.slug}),
        **more,
    )


def fresh_token(*, petition: PublishedPetition, language: str) -> FormToken:
    return FormToken(petition_id=petition.id, consent_id=consent_in(language).pk)


def letter_response(request: HttpRequest, *, petition: PublishedPetition, language: str, source: str) -> HttpResponse:
    """The page for a GET: nothing in it is about its visitor, so one copy serves all of them."""
    key = (petition.slug, language, source)
    with _lock:
        ready = _ready.get(key)
    if ready is None:
        fresh = fresh_token(petition=petition, language=language)
        form = SignForm(fresh=fresh, language=language, source=source)
        plain = compose_letter(request, petition=petition, language=language, form=form)
        # Nothing secret is in the page and nothing a visitor sent is reflected in it: compression gives nothing away.
        digest = hashlib.blake2b(plain, digest_size=12).hexdigest()
        ready = Ready(plain, gzip.compress(plain, 6, mtime=0), f'W/"{digest}"')
        with _lock:
            _ready[key] = ready
    if "gzip" in request.META.get("HTTP_ACCEPT_ENCODING", ""):
        response = HttpResponse(ready.gzipped)
        response["Content-Encoding"] = "gzip"
    else:
        response = HttpResponse(ready.plain)
    response["ETag"] = ready.etag
    response["Vary"] = "Accept-Encoding"
    response["Cache-Control"] = "public, max-age=10, stale-while-revalidate=60, stale-if-error=86400"
    return get_conditional_response(request, etag=ready.etag, response=response) or response
