"""A mail server that takes every mail and counts it, in a process of its own."""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.sharedctypes import Synchronized
from typing import Any


@dataclass(frozen=True)
class Sink:
    """Where it listens and what it has taken so far."""

    port: int
    pid: int
    _taken: Synchronized[int]

    @property
    def taken(self) -> int:
        return self._taken.value

    def wait_for(self, mails: int, *, seconds: float) -> float:
        """Until so many have come or time is up; how long that took."""
        started = time.monotonic()
        while self.taken < mails and time.monotonic() - started < seconds:
            time.sleep(0.02)
        return time.monotonic() - started


@contextmanager
def running_sink() -> Iterator[Sink]:
    """A sink on a free port of the loopback."""
    context = multiprocessing.get_context("spawn")
    taken: Any = context.Value("L", 0)
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, taken), daemon=True)
    process.start()
    try:
        yield Sink(port=ours.recv(), pid=process.pid or 0, _taken=taken)
    finally:
        process.terminate()
        process.join(10)


def _serve(pipe: Any, taken: Any) -> None:
    asyncio.run(_listen(pipe, taken))


async def _listen(pipe: Any, taken: Any) -> None:
    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """As much of RFC 5321 as a client needs to be content."""
        writer.write(b"220 sink\r\n")
        while line := await reader.readline():
            match line[:4].upper():
                case b"EHLO":
                    writer.write(b"250-sink\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n")
                case b"DATA":
                    writer.write(b"354 go on\r\n")
                    await reader.readuntil(b"\r\n.\r\n")
                    taken.value += 1
                    writer.write(b"250 taken\r\n")
                case b"QUIT":
                    writer.write(b"221 bye\r\n")
                    break
                case _:
                    writer.write(b"250 yes\r\n")
        writer.close()

    server = await asyncio.start_server(converse, "127.0.0.1", 0, limit=2**20)
    pipe.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()
