"""The desk speaks DESK_LANGUAGES only: half a page in one language and half in another helps nobody."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.translation import override
from django.utils.translation.trans_real import parse_accept_lang_header


def spoken_at_desk(accepted: str) -> str:
    """The first language of an Accept-Language header that the desk has; else the first it has at all."""
    for wanted, _weight in parse_accept_lang_header(accepted):
        for code in settings.DESK_LANGUAGES:
            if wanted == code or wanted.split("-")[0] == code:
                return str(code)
    return str(settings.DESK_LANGUAGES[0])


class DeskLanguage:
    """Answers staff in the language that their browser asks for, of those that the desk has."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        language = spoken_at_desk(request.META.get("HTTP_ACCEPT_LANGUAGE", ""))
        with override(language):
            request.LANGUAGE_CODE = language  # type: ignore[attr-defined]
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ("Accept-Language",))
        return response
