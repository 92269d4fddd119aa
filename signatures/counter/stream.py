"""The live count as Server-Sent Events (WHATWG HTML, 9.2), spoken as plain ASGI.

Not a Django view: Django gives every request under ASGI a thread for as long as its answer lasts, and here an answer
lasts as long as somebody reads the letter.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import Error as DatabaseProblem

from signatures.tally.snapshot import Snapshot

from .hub import Hub, Watch

log = logging.getLogger(__name__)

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = dict[str, str]

EVERYBODY: Headers = {"Access-Control-Allow-Origin": "*", "Cache-Control": "no-store"}
PREFLIGHT: Headers = {
    "Access-Control-Allow-Methods": "GET, OPTIONS",
    "Access-Control-Allow-Headers": "Last-Event-ID, Cache-Control",
    "Access-Control-Max-Age": "86400",
}
AGAIN_AFTER = 5000  # milliseconds until a browser comes back to a stream that broke
OPEN = "open"
OVER = ("closed", "delivered")  # the states in which a count moves no more


def event_id(current: Snapshot) -> str:
    """What a listener who comes back has been told: the version, and the state once it is no longer open."""
    return str(current.version) if current.state == OPEN else f"{current.version}-{current.state}"


@lru_cache(maxsize=64)
def event(current: Snapshot) -> bytes:
    """One `tally` event; its id keeps a listener who comes back from being told twice."""
    return f"id: {event_id(current)}\nevent: tally\ndata: {json.dumps(current.as_json())}\n\n".encode()


def last_word(current: Snapshot) -> bytes:
    """The `stop` event of a petition that takes no more signatures. It has no id: the count's own stays the last."""
    return f"event: stop\ndata: {json.dumps({'state': current.state})}\n\n".encode()


async def stream(scope: Message, receive: Receive, send: Send, *, hub: Hub, slug: str) -> None:
    """The live count of a published petition; 503 when this process holds STREAM_LIMIT listeners: poll instead.

    One that is closed or delivered sends its last state, says `stop` and ends. A browser comes back from every end by
    itself; with nothing more to tell it gets a 204, which says never again (WHATWG HTML, 9.2.3).
    """
    if scope["method"] == "OPTIONS":
        return await answer(send, 204, headers=PREFLIGHT)
    if scope["method"] != "GET":
        return await answer(send, 405, {"error": "only GET"}, headers={"Allow": "GET, OPTIONS"})
    if hub.closing or hub.listeners >= settings.STREAM_LIMIT:
        return await answer(send, 503, {"error": "too many listeners"}, headers={"Retry-After": "60"})
    hub.listeners += 1  # before anything is awaited, so that no two take the last place
    try:
        watch = await hub.join(slug)
        if watch is None:
            return await answer(send, 404, {"error": "no such petition"})
        try:
            last_id, current = _last_id(scope), watch.current
            if current and current.state in OVER and event_id(current) == last_id:
                return await answer(send, 204)
            await _until_either_ends(_tell(send, hub, watch, last_id), _gone(receive))
        finally:
            hub.leave(slug, watch)
    except DatabaseProblem:
        await answer(send, 503, {"error": "unavailable"}, headers={"Retry-After": "30"})
    finally:
        hub.listeners -= 1


async def _tell(send: Send, hub: Hub, watch: Watch, last_id: str) -> None:
    """Say the newest count, then each newer one that this listener is quick enough for, and a word in between."""

    async def say(text: bytes) -> None:
        await send({"type": "http.response.body", "body": text, "more_body": True})

    await _start(send, 200, {"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
    await say(f"retry: {AGAIN_AFTER}\n\n".encode())
    told = watch.current if watch.current and event_id(watch.current) == last_id else None
    while not hub.closing and (current := watch.current):
        if current is not told:
            await say(event(current))
            told = current
            if current.state in OVER:
                await say(last_word(current))
                break
        elif not await watch.changed(within=settings.STREAM_HEARTBEAT):
            await say(b": still here\n\n")
    await send({"type": "http.response.body", "body": b""})


async def _gone(receive: Receive) -> None:
    """Return when the listener has hung up."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _until_either_ends(telling: Awaitable[None], leaving: Awaitable[None]) -> None:
    tasks = [asyncio.ensure_future(telling), asyncio.ensure_future(leaving)]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        # Writing to somebody who just hung up may fail in ways of the server's own; there is nobody left to tell.
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(outcome, Exception):
                log.debug("A listener's stream ended: %s", type(outcome).__name__)


def _last_id(scope: Message) -> str:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == b"last-event-id"), "")


async def answer(send: Send, status: int, content: object = None, *, headers: Headers | None = None) -> None:
    """A whole answer: `content` as JSON, or nothing."""
    body = b"" if content is None else json.dumps(content).encode()
    about = {} if content is None else {"Content-Type": "application/json", "Content-Length": str(len(body))}
    await _start(send, status, about | (headers or {}))
    await send({"type": "http.response.body", "body": body})


async def _start(send: Send, status: int, headers: Headers) -> None:
    lines = [(name.lower().encode(), value.encode()) for name, value in (EVERYBODY | headers).items()]
    await send({"type": "http.response.start", "status": status, "headers": lines})
