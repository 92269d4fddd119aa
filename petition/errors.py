"""The pages for what goes wrong: clear words, the right status, nothing that needs a database."""

from __future__ import annotations

import sys
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import get_language_bidi, override
from django.utils.translation import gettext as _

FOR_PROGRAMS = ("/api/", "/oembed")


def language_of(request: HttpRequest) -> str:
    """The language that the path names, else the default: error pages follow the page they stand in for."""
    first = request.path_info.split("/", 2)[1] if request.path_info.count("/") > 1 else ""
    return first if first in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def error_page(request: HttpRequest, *, code: int, heading: str, text: str) -> HttpResponse:
    """One error, as a page or, for programs, as JSON. Never cached."""
    response: HttpResponse
    if request.path_info.startswith(FOR_PROGRAMS):
        response = JsonResponse({"error": heading, "detail": text}, status=code)
        response["Access-Control-Allow-Origin"] = "*"
    else:
        language = language_of(request)
        context = {
            "code": code,
            "heading": heading,
            "text": text,
            "language": language,
            "direction": "rtl" if get_language_bidi() else "ltr",
        }
        response = HttpResponse(render_to_string("errors/error.html", context), status=code)
    response["Cache-Control"] = "no-store"
    if code == 503:
        response["Retry-After"] = "30"
    return response


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    with override(language_of(request)):
        return error_page(
            request,
            code=400,
            heading=_("We could not read that"),
            text=_("What your browser sent was not a form we know. Nothing was saved. Go back and try again."),
        )


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    with override(language_of(request)):
        return error_page(
            request,
            code=403,
            heading=_("This form came from another site"),
            text=_("Nothing was saved. Open the letter here and sign it on its own page."),
        )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    with override(language_of(request)):
        return error_page(
            request,
            code=404,
            heading=_("There is no such page"),
            text=_("Check the address, or start from the list of open letters."),
        )


def server_error(request: HttpRequest, *_args: Any) -> HttpResponse:
    """Called inside Django's `except`: a database that is away is a 503 that says so, the rest is a 500."""
    with override(language_of(request)):
        if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
            return error_page(
                request,
                code=503,
                heading=_("We cannot save anything right now"),
                text=_("Nothing was saved. Please try again in a few minutes; what you typed is one step back."),
            )
        return error_page(
            request,
            code=500,
            heading=_("Something went wrong on our side"),
            text=_("We do not know whether it was saved. You can safely try again: nobody is counted twice."),
        )
