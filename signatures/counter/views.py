"""The count as data for anybody's page: always from the published snapshot, never a COUNT."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseNotModified

from .answers import READ, has_it_already, make_answer, ready_answer


def tally(request: HttpRequest, slug: str) -> HttpResponse:
    """`{slug, state, total, goal, countries, as_of, version}` with an ETag, for any origin, without a cookie.

    Called once a second; in between, `answers.ReadyAnswers` gives the same answer without Django.
    """
    if request.method not in READ:
        return _other_method(request)
    answer = ready_answer(slug) or make_answer(slug)
    response: HttpResponse
    if has_it_already(request.META, answer):
        response = HttpResponseNotModified()
    else:
        response = HttpResponse(answer.body, status=answer.status)
    for name, value in answer.headers:
        if name != "Content-Type" or response.status_code != 304:
            response[name] = value
    return response


def _other_method(request: HttpRequest) -> HttpResponse:
    """A browser's preflight is answered for any origin; everything else may not be done here."""
    if request.method == "OPTIONS":
        response = HttpResponse(status=204)
        response["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
        response["Access-Control-Allow-Headers"] = "If-None-Match, Last-Event-ID"
        response["Access-Control-Max-Age"] = "86400"
    else:
        response = HttpResponseNotAllowed([*READ, "OPTIONS"])
    response["Access-Control-Allow-Origin"] = "*"
    return response


def no_stream(request: HttpRequest, slug: str) -> HttpResponse:
    """The event stream lives in a process of its own; asked here, an EventSource is told to stop (204), and polls."""
    response = HttpResponse(status=204)
    response["Access-Control-Allow-Origin"] = "*"
    response["Cache-Control"] = "no-store"
    return response
