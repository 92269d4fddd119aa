"""The guard's cache: counts in Redis, or in this process while Redis is away.

django-ratelimit raises when its cache fails. Here a failing Redis turns the limit into one per process: looser by
the number of processes, never off, and never an error for a signer.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.locmem import LocMemCache

from .redis import Unavailable, ask

DEFAULT = object()

# Counts the limit's own key and, when that starts its window, sets its end. Then, in the same round trip, what is
# watched beside it: each in windows of its own length, over its mark when this window or the one before is. Answers
# with the count, and with a bit for each that is over. The names in ARGV[4] are ours, and Redis is one server.
_COUNT = """
local n = redis.call('INCRBY', KEYS[1], ARGV[1])
if n == tonumber(ARGV[1]) then redis.call('EXPIRE', KEYS[1], ARGV[2]) end
local over, bit = 0, 1
for name, window, most in string.gmatch(ARGV[4], '(%S+) (%d+) (%d+)') do
  local at = math.floor(tonumber(ARGV[3]) / window)
  local now = redis.call('INCR', 'pressure:' .. name .. ':' .. window .. ':' .. at)
  if now == 1 then redis.call('EXPIRE', 'pressure:' .. name .. ':' .. window .. ':' .. at, 2 * window + 5) end
  if now > tonumber(most) or tonumber(redis.call('GET', 'pressure:' .. name .. ':' .. window .. ':' .. (at - 1)) or 0)
    > tonumber(most) then over = over + bit end
  bit = bit * 2
end
return {n, over}
"""
Watch = tuple[str, int, int]  # a name without spaces, the seconds of its window, the most that is not yet over


@dataclass(slots=True)
class Beside:
    """What is counted in the same round trip as a limit.

    `over` has a bit for each watch, in order; None where nothing was counted. `alone` tells that they are this
    process's own counts, because Redis was away.
    """

    watches: Sequence[Watch]
    over: int | None = None
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
        now = int(time.time())
        watched = " ".join([f"{name} {window} {most}" for name, window, most in beside.watches]) if beside else ""
        try:
            count, over = ask(lambda client: client.eval(_COUNT, 1, full, int(value), seconds, now, watched))  # type: ignore[misc]
        except Unavailable:
            self.counted.now = None
            if beside:
                beside.over, beside.alone = self._over_here(beside.watches, now=now), True
            return self.local.add(key, value, seconds, version)
        if beside:
            beside.over = over
        self.counted.now = (full, count)
        return bool(count == value)

    def _over_here(self, watches: Sequence[Watch], *, now: int) -> int:
        """What the script does, in this process."""
        over = 0
        for place, (name, window, most) in enumerate(watches):
            at = now // window
            before = self.local.get(f"{name}:{window}:{at - 1}", 0)
            key = f"{name}:{window}:{at}"
            count = 1
            if not self.local.add(key, 1, 2 * window):
                try:
                    count = self.local.incr(key)
                except ValueError:  # dropped just now to make room
                    self.local.set(key, 1, 2 * window)
            over |= (max(count, before) > most) << place
        return over

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
