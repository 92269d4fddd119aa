"""How a public page is put together: its language, its address in the other languages, its caching."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import register_converter, reverse
from django.utils.translation import get_language_bidi, gettext, override

from signatures.letters.read import PublishedPetition
from signatures.templatetags.languages import tag

View = Callable[..., HttpResponse]


class LanguageConverter:
    """A language of the interface, as the first part of a path."""

    regex = "[a-z]{2}(?:-[a-z]{2,4})?"

    def to_python(self, value: str) -> str:
        if value not in dict(settings.LANGUAGES):
            raise ValueError(value)
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(LanguageConverter, "language")


def in_its_language(view: View) -> View:
    """Run a view in the language its path names. Nothing else decides: no cookie, no header."""

    @functools.wraps(view)
    def speaking(request: HttpRequest, *, language: str, **kwargs: Any) -> HttpResponse:
        with override(language):
            return view(request, language=language, **kwargs)

    return speaking


def for_its_holder(view: View) -> View:
    """A page behind a link or capsule: stored nowhere, indexed nowhere, its address told to nobody."""

    @functools.wraps(view)
    def private(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        response = view(request, **kwargs)
        response["Cache-Control"] = "no-store"
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Referrer-Policy"] = "no-referrer"
        return response

    return private


def compose(request: HttpRequest, template: str, *, language: str, **context: Any) -> bytes:
    """A rendered public page, in UTF-8."""
    match = request.resolver_match
    name, kwargs = (match.url_name, match.kwargs) if match else ("home", {})
    here = {code: reverse(name or "home", kwargs=kwargs | {"language": code}) for code, _name in settings.LANGUAGES}
    petition: PublishedPetition | None = context.get("petition")
    context |= {
        "language": language,
        "direction": "rtl" if get_language_bidi() else "ltr",
        "alternates": [
            {"code": tag(code), "name": own_name, "url": here[code], "current": code == language}
            for code, own_name in settings.LANGUAGES
        ],
        "unmatched": _for_the_unmatched(name, petition, here),
        "canonical": settings.PUBLIC_URL + here[language],
        "public_url": settings.PUBLIC_URL,
    }
    return render_to_string(template, context).encode()


def language_choice() -> bytes:
    """The page at the bare address: each language by its own name, over its own word for what is there."""
    choices = []
    for code, own_name in settings.LANGUAGES:
        with override(code):
            letters = gettext("Open letters")
        home = reverse("home", kwargs={"language": code})
        choices.append({"code": tag(code), "name": own_name, "letters": letters, "url": home, "plain": code})
    with override(settings.LANGUAGE_CODE):
        context = {
            "language": settings.LANGUAGE_CODE,
            "direction": "ltr",
            "choices": choices,
            "canonical": settings.PUBLIC_URL + reverse("front"),
            "public_url": settings.PUBLIC_URL,
        }
        return render_to_string("public/front.html", context).encode()


def _for_the_unmatched(name: str | None, petition: PublishedPetition | None, here: dict[str, str]) -> str:
    """Where readers of other languages are sent: to the choice of ours, or to a letter as it was written."""
    if name == "home":
        return reverse("front")
    original = petition.original_language if petition else settings.LANGUAGE_CODE
    return here.get(original, here[settings.LANGUAGE_CODE])


def page(request: HttpRequest, template: str, *, language: str, status: int = 200, **context: Any) -> HttpResponse:
    """A rendered public page as a response; the caller says how it may be cached."""
    return HttpResponse(compose(request, template, language=language, **context), status=status)
