"""The guard's cache: counts in Redis, or in this process while Redis is away.

django-ratelimit raises when its cache fails. Here a failing Redis turns the limit into one per process: looser by
the number of processes, never off, and never an error for a signer.
"""

from __future__ import annotations

import threading
from typing import Any

from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.locmem import LocMemCache

from .redis import Unavailable, ask

DEFAULT = object()

# Counts and, when it starts a window, sets its end, in one round trip.
_COUNT = """
local n = redis.call('INCRBY', KEYS[1], ARGV[1])
if n == tonumber(ARGV[1]) then redis.call('EXPIRE', KEYS[1], ARGV[2]) end
return n
"""


class RedisOrLocal(BaseCache):
    """What django-ratelimit asks of a cache: `add`, then `incr` if there was something, for integers only.

    Both are one script here, run by `add`; the `incr` that follows in the same thread returns what it found.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        self.local = LocMemCache("guard", params)
        self.counted = threading.local()

    def add(self, key: str, value: int, timeout: Any = DEFAULT, version: int | None = None) -> bool:
        full = self.make_key(key, version=version)
        seconds = max(int(timeout if isinstance(timeout, int | float) else self.default_timeout or 300), 1)
        try:
            count = int(ask(lambda client: client.eval(_COUNT, 1, full, int(value), seconds)))  # type: ignore[arg-type]
        except Unavailable:
            self.counted.now = None
            return self.local.add(key, value, seconds, version)
        self.counted.now = (full, count)
        return count == value

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        counted, self.counted.now = getattr(self.counted, "now", None), None
        if counted and counted[0] == self.make_key(key, version=version):
            return int(counted[1])
        try:
            return self.local.incr(key, delta, version)
        except ValueError:
            self.local.set(key, delta, 60, version)
            return delta

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        full = self.make_key(key, version=version)
        try:
            value = ask(lambda client: client.get(full))
        except Unavailable:
            return self.local.get(key, default, version)
        return default if value is None else int(value)  # type: ignore[arg-type]

    def set(self, key: str, value: Any, timeout: Any = DEFAULT, version: int | None = None) -> None:
        raise NotImplementedError("The guard counts with add and incr.")

    def delete(self, key: str, version: int | None = None) -> bool:
        full = self.make_key(key, version=version)
        try:
            return bool(ask(lambda client: client.delete(full)))
        except Unavailable:
            return self.local.delete(key, version)
