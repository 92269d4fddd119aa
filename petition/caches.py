"""The guard's cache: counts in Redis, or in this process while Redis is away.

django-ratelimit raises when its cache fails. Here a failing Redis turns the limit into one per process: looser by
the number of processes, never off, and never an error for a signer.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.locmem import LocMemCache

from .redis import Unavailable, ask

DEFAULT = object()

# Counts each key and, when that starts its window, sets its end; a key with no end is only read. One round trip.
_COUNT = """
local by, found = tonumber(ARGV[1]), {}
for i, key in ipairs(KEYS) do
  local seconds = tonumber(ARGV[i + 1])
  if seconds == 0 then
    found[i] = tonumber(redis.call('GET', key) or 0)
  else
    found[i] = redis.call('INCRBY', key, by)
    if found[i] == by then redis.call('EXPIRE', key, seconds) end
  end
end
return found
"""


@dataclass(slots=True)
class Beside:
    """Counts to take in the same round trip as a limit's own: (key, seconds it is kept); 0 seconds only reads.

    `found` holds them afterwards, in order, or stays empty where nothing was counted; `alone` tells that they are this
    process's own, because Redis was away.
    """

    keys: Sequence[tuple[str, int]]
    found: list[int] = field(default_factory=list)
    alone: bool = False


class RedisOrLocal(BaseCache):
    """What django-ratelimit asks of a cache: `add`, then `incr` if there was something, for integers only.

    Both are one script here, run by `add`; the `incr` that follows in the same thread returns what it found.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        self.local = LocMemCache("guard", params)
        self.counted = threading.local()
        self.beside: Beside | None = None  # set for one call; Django keeps one of these objects for each thread

    def add(self, key: str, value: int, timeout: Any = DEFAULT, version: int | None = None) -> bool:
        full = self.make_key(key, version=version)
        seconds = max(int(timeout if isinstance(timeout, int | float) else self.default_timeout or 300), 1)
        beside = self.beside
        others = beside.keys if beside else ()
        keys = [full, *(name for name, _seconds in others)]
        ends = [seconds, *(kept for _name, kept in others)]
        try:
            count, *found = ask(lambda client: client.eval(_COUNT, len(keys), *keys, int(value), *ends))  # type: ignore[misc]
        except Unavailable:
            self.counted.now = None
            if beside:
                beside.found, beside.alone = [self._count_here(*other) for other in others], True
            return self.local.add(key, value, seconds, version)
        if beside:
            beside.found = found
        self.counted.now = (full, count)
        return bool(count == value)

    def _count_here(self, key: str, seconds: int) -> int:
        if not seconds:
            return int(self.local.get(key, 0))
        if self.local.add(key, 1, seconds):
            return 1
        try:
            return int(self.local.incr(key))
        except ValueError:  # its time ran out just now
            self.local.set(key, 1, seconds)
            return 1

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
