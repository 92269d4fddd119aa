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


def make_answer(slug: str) -> Answer:
    """The petition's count as JSON, or a 404; ready from now on."""
    petition = published(slug)
    headers = [
        ("Content-Type", "application/json"),
        ("Access-Control-Allow-Origin", "*"),
        ("Cache-Control", cache_policy(seconds=1)),
        ("X-Content-Type-Options", "nosniff"),
    ]
    if petition is None:
        status, body, etag = 404, b'{"error": "no such petition"}', ""
    else:
        status, body = 200, json.dumps(snapshot.read(petition).as_json()).encode()
        etag = f'"{hashlib.blake2b(body, digest_size=9).hexdigest()}"'
        headers.append(("ETag", etag))
    answer = Answer(status, body, etag, headers, time.monotonic() + settings.PAGE_TTL)
    if len(_ready) >= MOST:
        _ready.clear()
    _ready[slug] = answer
    return answer


def has_it_already(environ: dict[str, Any], answer: Answer) -> bool:
    """If-None-Match, compared weakly (RFC 9110, 13.1.2)."""
    sent = environ.get("HTTP_IF_NONE_MATCH", "")
    if not sent or not answer.etag:
        return False
    return sent == "*" or answer.etag in [tag.strip().removeprefix("W/") for tag in sent.split(",")]


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
