"""Event streams that the shipped stream process holds at once, what each costs, and how soon all hear of a count."""

from __future__ import annotations

import asyncio
import resource
import threading
import time
from statistics import median
from urllib.parse import urlsplit

import psutil

from .report import Report
from .stage import Stage

SPARE = 200  # files that each side needs besides its streams
AT_ONCE = 100  # connections being made at a time
PATIENCE = 30.0  # seconds


class Listeners:
    """Connections that are read and kept, in an event loop and a thread of their own."""

    def __init__(self, address: str, path: str) -> None:
        parts = urlsplit(address)
        self.host, self.port = parts.hostname or "", parts.port or 80
        self.request = f"GET {path} HTTP/1.1\r\nHost: {self.host}\r\nAccept: text/event-stream\r\n\r\n".encode()
        self.told: list[float] = []  # when each listener read the newest count
        self.refused = self.lost = 0
        self._newest = ""
        self._changed = threading.Condition()
        self._readers: list[asyncio.Task[None]] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def open(self, number: int, *, total: int) -> float:
        """Open streams until all `number` have been told `total`; the seconds that took."""
        started = time.monotonic()
        self.expect(total)
        asyncio.run_coroutine_threadsafe(self._open(number), self._loop)
        return self.wait(number, since=started)

    def expect(self, total: int) -> None:
        """From now on a listener counts as told when it reads this total."""
        with self._changed:
            self._newest, self.told = f'"total": {total},', []

    def wait(self, number: int, *, since: float) -> float:
        """Seconds from `since` until the last of `number` was told. Raises AssertionError when some are not."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self.told) >= number, PATIENCE):
                raise AssertionError(
                    f"{len(self.told):,} of {number:,} were told in {PATIENCE:.0f} s; "
                    f"{self.refused:,} were refused, {self.lost:,} lost"
                )
            return max(self.told) - since

    def close(self) -> None:
        async def cancel() -> None:
            for reader in self._readers:
                reader.cancel()
            await asyncio.gather(*self._readers, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(cancel(), self._loop).result(PATIENCE)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        self._loop.close()

    async def _open(self, number: int) -> None:
        gate = asyncio.Semaphore(AT_ONCE)
        self._readers += [asyncio.create_task(self._listen(gate)) for _ in range(number)]

    async def _listen(self, gate: asyncio.Semaphore) -> None:
        try:
            async with gate:
                reader, writer = await asyncio.open_connection(self.host, self.port)
                writer.write(self.request)
                status = await reader.readline()
            try:
                if b" 200 " not in status:
                    self.refused += 1
                    return
                while line := await reader.readline():
                    if line.startswith(b"data:"):
                        self._hear(line.decode())
                self.lost += 1
            finally:
                writer.close()
        except OSError:
            self.lost += 1

    def _hear(self, line: str) -> None:
        with self._changed:
            if self._newest in line:
                self.told.append(time.monotonic())
                self._changed.notify_all()


def streams(stage: Stage, report: Report, *, slug: str, number: int, times: int) -> None:
    """Hold `number` streams, count a signature `times` times, and see how soon all of them have it."""
    _allow_files(number + SPARE)
    from signatures.tally.fold import fold

    fold(wait=True)
    path = f"/api/v1/petitions/{slug}/stream"
    with stage.stream(STREAM_LIMIT=str(number + 10)) as (address, pid):
        first = Listeners(address, path)
        listeners = Listeners(address, path)
        try:
            total = _total(slug)
            first.open(1, total=total)  # whatever is loaded with the first listener belongs to no single one
            before = _resident(pid)
            opened = listeners.open(number, total=total)
            each = (_resident(pid) - before) / number
            waits = [_count_one(slug, listeners, number) for _ in range(times)]
            held = number - listeners.refused - listeners.lost
        finally:
            listeners.close()
            first.close()
    report.add("event streams", held, "held at once", target=f"{number:,}", meets=lambda value, _ratio: value >= number)
    report.add(
        "memory for each stream",
        each / 1024,
        "kB",
        target="under 64 kB",
        meets=lambda value, _ratio: value < 64,
    )
    report.add(f"{number:,} streams opened and told the count", opened, "s")
    report.add(
        f"a new count folded and told to {number:,} streams",
        median(waits),
        "s, median",
        target="under 2 s",
        meets=lambda value, _ratio: value < 2,
    )
    report.note(
        f"The stream process had {before / 2**20:.0f} MB with one listener, {each * number / 2**20:.0f} MB more with "
        f"{number:,}; the slowest of {times} counts took {max(waits):.2f} s to reach the last of them."
    )


def _count_one(slug: str, listeners: Listeners, number: int) -> float:
    """Confirm a signature and fold it; seconds from there until the last listener has the new total."""
    from signatures.models import Petition
    from signatures.signing.confirm import confirm
    from signatures.tally.fold import fold
    from tests.factories import make_signature

    listeners.expect(_total(slug) + 1)
    confirm(signature_id=make_signature(Petition.objects.get(slug=slug)).pk, revision=0)
    started = time.monotonic()
    fold(wait=True)
    return listeners.wait(number, since=started)


def _total(slug: str) -> int:
    from signatures.models import Tally

    return Tally.objects.filter(petition__slug=slug).values_list("total", flat=True).first() or 0


def _resident(pid: int) -> int:
    """Bytes of memory of the process and its children."""
    family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    return sum(member.memory_info().rss for member in family)


def _allow_files(number: int) -> None:
    """Let this process and those it starts open so many files. Raises AssertionError where the machine forbids it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < number:
        assert hard == resource.RLIM_INFINITY or hard >= number, f"{number:,} open files are needed: raise `ulimit -n`"
        resource.setrlimit(resource.RLIMIT_NOFILE, (number, hard))
