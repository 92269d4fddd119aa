"""Ready-made answers: the count of each petition as bytes, kept for PAGE_TTL seconds.

The counter is what is asked for most, by sites we do not know, on the day when every newspaper writes of us. So an
answer is made once a second and process; while it is ready, `ReadyAnswers` hands it out before Django begins, several
times as fast as Django's own shortest view.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified

from petition.caching import cache_policy
from signatures.letters.read import published
from signatures.tally import snapshot

PREFIX, SUFFIX = "/api/v1/petitions/", "/tally"
READ = ("GET", "HEAD")
MOST = 1024  # answers kept: slugs are anybody's to invent


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer and the one for a reader who has it already."""

    status: int
    body: bytes
    etag: str
    headers: list[tuple[str, str]]
    until: float  # by time.monotonic()


# Read without a lock: a dictionary's own operations are atomic, and two threads that both make an answer make the same.
_ready: dict[str, Answer] = {}


def ready_answer(slug: str) -> Answer | None:
    """What is ready for a slug, or None: it was not asked for in the last moment."""
    answer = _ready.get(slug)
    return answer if answer and answer.until >= time.monotonic() else None


def compose_answer(body: bytes, *, seconds: int, status: int = 200, etag: str = "") -> Answer:
    """JSON for any origin that caches may keep for `seconds`; its ETag is made from the body unless it is given.

    Nought seconds: no cache keeps it. Only a 200 has an ETag.
    """
    headers = [
        ("Content-Type", "application/json"),
        ("Access-Control-Allow-Origin", "*"),
        ("Cache-Control", cache_policy(seconds=seconds) if seconds else "no-store"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    if status == 200:
        etag = etag or f'"{hashlib.blake2b(body, digest_size=9).hexdigest()}"'
        headers.append(("ETag", etag))
    return Answer(status, body, etag, headers, time.monotonic() + settings.PAGE_TTL)


def problem(status: int, error: str, *, seconds: int = 0) -> Answer:
    """What was wrong, in a few words of English for developers."""
    return compose_answer(json.dumps({"error": error}).encode(), seconds=seconds, status=status)


def make_answer(slug: str) -> Answer:
    """The petition's count as JSON, or a 404; ready from now on."""
    petition = published(slug)
    if petition is None:
        answer = problem(404, "no such petition", seconds=1)
    else:
        answer = compose_answer(json.dumps(snapshot.read(petition).as_json()).encode(), seconds=1)
    if len(_ready) >= MOST:
        _ready.clear()
    _ready[slug] = answer
    return answer


def respond(request: HttpRequest, answer: Answer) -> HttpResponse:
    """An answer as Django's response: whole, or a 304 to who has it. A browser's preflight is answered in its stead."""
    if request.method == "OPTIONS":
        response = HttpResponse(status=204)
        response["Access-Control-Allow-Origin"] = "*"
        response["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
        response["Access-Control-Allow-Headers"] = "If-None-Match, Last-Event-ID"
        response["Access-Control-Max-Age"] = "86400"
        return response
    unchanged = has_it_already(request.META, answer)
    response = HttpResponseNotModified() if unchanged else HttpResponse(answer.body, status=answer.status)
    for name, value in answer.headers:
        if name != "Content-Type" or not unchanged:
            response[name] = value
    if answer.status == 405:
        response["Allow"] = "GET, HEAD, OPTIONS"
    return response


def has_it_already(environ: dict[str, Any], answer: Answer) -> bool:
    """If-None-Match, compared weakly (RFC 9110, 13.1.2)."""
    sent = environ.get("HTTP_IF_NONE_MATCH", "")
    if not sent or not answer.etag:
        return False
    return sent == "*" or answer.etag.removeprefix("W/") in [tag.strip().removeprefix("W/") for tag in sent.split(",")]


def forget() -> None:
    """Forget what this process has ready."""
    _ready.clear()


class ReadyAnswers:
    """WSGI in front of Django. Whatever is not ready, and every other path and method, is Django's."""

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self.application = application

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
        if not path.startswith(PREFIX) or not path.endswith(SUFFIX) or method not in READ:
            return self.application(environ, start_response)
        answer = ready_answer(path[len(PREFIX) : -len(SUFFIX)])
        if answer is None or answer.status != 200:
            return self.application(environ, start_response)
        if has_it_already(environ, answer):
            start_response("304 Not Modified", answer.headers[1:])  # no body, so no type of one
            return []
        start_response("200 OK", answer.headers)
        return [answer.body] if method == "GET" else []
