"""One Redis client for readers and the guard, which gives up quickly.

Redis is disposable. A frozen one would hold every request for its timeout, so after a failure nobody asks it again
for REDIS_PAUSE seconds: the first request pays REDIS_TIMEOUT, the others nothing.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

T = TypeVar("T")


class Unavailable(Exception):
    """Redis did not answer, or is being left alone after it did not."""


_asleep_until = 0.0
_own = threading.local()  # each thread keeps a connection: a pool's lending costs as much as the command


def connect(*, timeout: float | None = None) -> redis.Redis:
    """A client of REDIS_URL with short timeouts (seconds) and no retries of its own."""
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=timeout or settings.REDIS_TIMEOUT,
        socket_connect_timeout=timeout or settings.REDIS_TIMEOUT,
        retry=Retry(NoBackoff(), 0),
    )


def ask(command: Callable[[redis.Redis], T]) -> T:
    """Run `command` with this thread's client. Raises Unavailable instead of any of Redis's own errors."""
    global _asleep_until
    if time.monotonic() < _asleep_until:
        raise Unavailable
    try:
        if getattr(_own, "url", None) != settings.REDIS_URL:
            _own.client, _own.url = connect().client(), settings.REDIS_URL
        return command(_own.client)
    except (redis.RedisError, OSError) as error:
        _own.url = None
        _asleep_until = time.monotonic() + settings.REDIS_PAUSE
        raise Unavailable from error


def wake() -> None:
    """Forget earlier failures (a test that brought Redis back, a process that just started)."""
    global _asleep_until
    _asleep_until = 0.0
