"""The count as data for anybody's page: always from the published snapshot, never a COUNT."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from signatures.letters.read import published

from .answers import READ, make_answer, problem, ready_answer, respond


def tally(request: HttpRequest, slug: str) -> HttpResponse:
    """`shapes.Tally` with an ETag, for any origin, without a cookie.

    Called once a second; in between, `answers.ReadyAnswers` gives the same answer without Django.
    """
    if request.method not in READ:
        return respond(request, problem(405, "only GET"))
    return respond(request, ready_answer(slug) or make_answer(slug))


def no_stream(request: HttpRequest, slug: str) -> HttpResponse:
    """The event stream lives in a process of its own; asked here, an EventSource is told to stop (204), and polls."""
    if request.method not in READ:
        return respond(request, problem(405, "only GET"))
    if published(slug) is None:
        return respond(request, problem(404, "no such petition", seconds=1))
    response = HttpResponse(status=204)
    response["Access-Control-Allow-Origin"] = "*"
    response["Cache-Control"] = "no-store"
    return response
