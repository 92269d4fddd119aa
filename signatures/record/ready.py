"""Pages of the record, made once in a while and handed out as bytes: nothing in them is about their reader."""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from cachetools import TTLCache
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response


@dataclass(frozen=True, slots=True)
class Ready:
    """An answer's bytes, plain and compressed once, and its ETag."""

    plain: bytes
    gzipped: bytes
    etag: str


class Shelf:
    """Answers that this process keeps for `ttl` seconds. Two threads that both make one make the same."""

    def __init__(self, *, ttl: float) -> None:
        self._ready: TTLCache[Hashable, Ready] = TTLCache(maxsize=256, ttl=ttl)
        self._lock = threading.Lock()

    def answer(
        self,
        request: HttpRequest,
        *,
        key: Hashable,
        make: Callable[[], bytes],
        cache_control: str,
        content_type: str = "text/html; charset=utf-8",
    ) -> HttpResponse:
        """What is ready under `key`, or what `make` now makes: 304 when the reader has it already."""
        with self._lock:
            ready = self._ready.get(key)
        if ready is None:
            plain = make()
            etag = f'W/"{hashlib.blake2b(plain, digest_size=12).hexdigest()}"'
            # Nothing secret is in it and nothing a visitor sent is reflected: compression gives nothing away.
            ready = Ready(plain, gzip.compress(plain, 6, mtime=0), etag)
            with self._lock:
                self._ready[key] = ready
        zipped = "gzip" in request.META.get("HTTP_ACCEPT_ENCODING", "")
        response = HttpResponse(ready.gzipped if zipped else ready.plain, content_type=content_type)
        if zipped:
            response["Content-Encoding"] = "gzip"
        response["ETag"] = ready.etag
        response["Vary"] = "Accept-Encoding"
        response["Cache-Control"] = cache_control
        return get_conditional_response(request, etag=ready.etag, response=response) or response

    def forget(self) -> None:
        with self._lock:
            self._ready.clear()


figures = Shelf(ttl=settings.RECORD_TTL)
names = Shelf(ttl=settings.PAGE_TTL)  # a name that is taken back is gone within seconds


def forget() -> None:
    """Forget what this process has ready."""
    figures.forget()
    names.forget()
