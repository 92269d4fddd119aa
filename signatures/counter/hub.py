"""Who listens to which petition's count in this process, and the one look that serves them all.

However many listen, one thread reads, over one connection to PostgreSQL: a connection for each listener would leave
signers none. An announcement over Redis makes the look fast; a look every POLL seconds makes it certain, so a Redis
that is away, frozen or flushed costs at most that.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import redis.asyncio
from django.conf import settings
from django.db import Error as DatabaseProblem

from petition.database import drop_dead_connections
from signatures.letters.read import published
from signatures.tally import snapshot
from signatures.tally.snapshot import Snapshot

log = logging.getLogger(__name__)
POLL = 2.0  # seconds between two looks at everything that is listened to
SILENCE = 10.0  # seconds without a word from Redis before it is asked whether it is there


class Watch:
    """One petition's newest snapshot, and those who wait for the next. Nobody queues: whoever is slow skips figures."""

    def __init__(self, current: Snapshot) -> None:
        self.current: Snapshot | None = current  # None: it is no longer public
        self.listeners = 0
        self._changed = asyncio.Event()

    def tell(self, current: Snapshot | None) -> None:
        """Take a snapshot that was just read; wakes the listeners if it says something new."""
        if _said(current) != _said(self.current):
            self.current = current
            self.wake()

    def wake(self) -> None:
        # Those who wait hold the old event; whoever waits from now on waits for the next change.
        self._changed.set()
        self._changed = asyncio.Event()

    async def changed(self, *, within: float) -> bool:
        """Sleep until the next change or until `within` seconds have passed; whether there was one."""
        try:
            await asyncio.wait_for(self._changed.wait(), within)
        except TimeoutError:
            return False
        return True


def _said(current: Snapshot | None) -> tuple[object, ...]:
    """What listeners are told of. Not `as_of`: of a petition that nobody has signed it is always now."""
    return (current.version, current.total, current.state, current.goal) if current else ()


class Hub:
    """This process's watches. Made, started and closed inside its event loop."""

    def __init__(self) -> None:
        self.closing = False
        self.listeners = 0  # counted by the stream from the moment it lets one in
        self._watches: dict[str, Watch] = {}
        self._announced: set[str] = set()
        self._heard = asyncio.Event()
        self._blind = False  # the last look failed
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="reader")
        self._tasks = [asyncio.create_task(self._hear()), asyncio.create_task(self._keep_looking())]

    def close(self) -> None:
        """End every stream now: the server waits for open answers before it stops."""
        self.closing = True
        for task in self._tasks:
            task.cancel()
        for watch in self._watches.values():
            watch.wake()
        self._reader.shutdown(wait=False, cancel_futures=True)

    async def join(self, slug: str) -> Watch | None:
        """The watch of a published petition, with one listener more; None for any other.

        Raises DatabaseProblem when it is not known here yet and PostgreSQL is away.
        """
        if slug not in self._watches:
            current = (await self._read([slug]))[slug]
            if current is None:
                return None
            self._watches.setdefault(slug, Watch(current))  # another listener may have come meanwhile
        watch = self._watches[slug]
        watch.listeners += 1
        return watch

    def leave(self, slug: str, watch: Watch) -> None:
        watch.listeners -= 1
        if not watch.listeners and self._watches.get(slug) is watch:
            del self._watches[slug]

    async def _read(self, slugs: Iterable[str]) -> dict[str, Snapshot | None]:
        return await asyncio.get_running_loop().run_in_executor(self._reader, _newest, list(slugs))

    async def _keep_looking(self) -> None:
        """Read what was announced as soon as it is, and everything every POLL seconds."""
        clock = asyncio.get_running_loop().time
        next_look = clock()
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._heard.wait(), max(next_look - clock(), 0.001))
            self._heard.clear()
            due, self._announced = self._announced & self._watches.keys(), set()
            if clock() >= next_look:
                due, next_look = set(self._watches), clock() + POLL
            if due:
                await self._look(due)

    async def _look(self, slugs: set[str]) -> None:
        try:
            found = await self._read(slugs)
        except Exception as problem:  # whatever it is: the listeners stay, and the next look may find more
            if not self._blind:  # once for each time
                log.warning(
                    "The count cannot be read; looking again.", exc_info=not isinstance(problem, DatabaseProblem)
                )
            self._blind = True
            return
        self._blind = False
        for slug, current in found.items():
            if watch := self._watches.get(slug):
                watch.tell(current)
                if current is None:
                    del self._watches[slug]  # its listeners end; whoever comes now is told that it is not there

    async def _hear(self) -> None:
        """Keep one subscription for as long as the process lives; back off while Redis is away."""
        pause = 0.5
        while True:
            client = redis.asyncio.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2, socket_timeout=None)
            try:
                async with client.pubsub() as subscription:
                    await subscription.subscribe(snapshot.CHANNEL)
                    asked = False
                    while True:
                        message = await subscription.get_message(timeout=SILENCE)
                        if message is None:
                            if asked:
                                raise redis.ConnectionError("silent")  # frozen, or gone without a word
                            await subscription.ping()
                        elif message["type"] == "message":
                            self._announced.add(snapshot.announced(message["data"]))
                            self._heard.set()
                        asked, pause = message is None, 0.5
            except (redis.RedisError, OSError) as problem:
                if pause == 0.5:  # once for each time it goes away
                    log.warning("No announcements from Redis (%s).", type(problem).__name__)
            finally:
                with suppress(redis.RedisError, OSError):
                    await client.aclose()
            await asyncio.sleep(pause)
            pause = min(pause * 2, 10)


def _newest(slugs: list[str]) -> dict[str, Snapshot | None]:
    """Each published petition's count, past this process's memory of it. Runs in the reader's thread."""
    drop_dead_connections()
    petitions = {slug: published(slug) for slug in slugs}
    return {slug: snapshot.read(petition, fresh=True) if petition else None for slug, petition in petitions.items()}
