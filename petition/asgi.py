"""The event stream alone: `granian --interface asgi petition.asgi:application`. Pages are WSGI's (see `wsgi`)."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import threading
from collections.abc import Callable
from types import FrameType

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "petition.settings")

import django

django.setup()

from signatures.counter.hub import Hub  # noqa: E402  needs Django set up
from signatures.counter.stream import Message, Receive, Send, answer, stream  # noqa: E402

STREAM = re.compile(r"/api/v1/petitions/([-a-zA-Z0-9_]+)/stream")


class StreamProcess:
    """One address and a sign of life: this process holds thousands of quiet connections and does nothing else."""

    def __init__(self) -> None:
        self._hub: Hub | None = None

    @property
    def hub(self) -> Hub:
        if self._hub is None:  # made inside the event loop
            self._hub = Hub()
        return self._hub

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            if found := STREAM.fullmatch(scope["path"]):
                await stream(scope, receive, send, hub=self.hub, slug=found[1])
            elif scope["path"] == "/healthz":
                await answer(send, 200, "ok")
            else:
                await answer(send, 404, {"error": "no such address"})

    async def _live(self, receive: Receive, send: Send) -> None:
        """The server's word that it starts and stops (ASGI's lifespan)."""
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                when_asked_to_end(self.hub.close)
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                self.hub.close()
                return await send({"type": "lifespan.shutdown.complete"})


def when_asked_to_end(close: Callable[[], None]) -> None:
    """Have `close` run in this event loop on SIGTERM and SIGINT, beside the server's own handlers.

    Granian waits for open answers to end before it says `lifespan.shutdown`, and ours end only when told to. Its own
    handlers hang on the loop, which learns of a signal through a file descriptor (signal.set_wakeup_fd) whatever
    handler Python has; so setting one here takes nothing from it. A handler that was there is called as before.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    loop = asyncio.get_running_loop()

    def beside(before: object) -> Callable[[int, FrameType | None], None]:
        def handle(number: int, frame: FrameType | None) -> None:
            loop.call_soon_threadsafe(close)
            if callable(before):
                before(number, frame)

        return handle

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, beside(signal.getsignal(number)))


application = StreamProcess()
