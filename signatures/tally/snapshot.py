"""The published snapshot: what every reader of the count is given, so that nobody ever counts.

Redis carries it from the fold to the readers; PostgreSQL's folded row stands in when Redis is away or was flushed;
each process remembers it for PAGE_TTL seconds. Redis may be behind, PostgreSQL never: a Redis that comes back with an
older count than a process has already shown is not believed, so a count does not go backwards.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from cachetools import TTLCache
from django.conf import settings

from petition.redis import Unavailable, ask
from signatures.models import Petition, Tally

CHANNEL = "tally"
POLL_AFTER = 60  # seconds until a reader without the stream may ask again; a petition that takes no more is not asked
LIFETIME = 24 * 3600  # seconds; the fold renews it long before


class Counted(Protocol):
    """What a snapshot takes from the published petition itself, so that a closing shows at once."""

    @property
    def id(self) -> int: ...
    @property
    def slug(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def goal(self) -> int: ...
    @property
    def country_threshold(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Figures:
    """A folded tally, as it travels through Redis."""

    total: int
    countries: int
    version: int
    as_of: str  # ISO 8601, UTC
    paper: int | None = None  # as published: rounded


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The count of one petition as readers get it."""

    slug: str
    state: str
    total: int
    goal: int
    countries: int
    as_of: datetime
    version: int
    paper: int | None = None  # how many more on paper, rounded as the figures by country are; None: few or none

    def as_json(self) -> dict[str, Any]:
        """What the counter's JSON and the event stream say."""
        return {
            "slug": self.slug,
            "state": self.state,
            "total": self.total,
            "goal": self.goal,
            "countries": self.countries,
            "paper": self.paper,
            "as_of": self.as_of.isoformat(timespec="seconds").replace("+00:00", "Z"),
            "version": self.version,
            "poll_after": POLL_AFTER if self.state in ("open", "paused") else None,
        }


_memory: TTLCache[int, Figures] = TTLCache(maxsize=256, ttl=settings.PAGE_TTL)
_newest: dict[int, Figures] = {}  # the last that this process handed out, for as long as it lives
_lock = threading.Lock()


def _key(petition_id: int) -> str:
    return f"tally:{petition_id}"


def _text(figures: Figures) -> str:
    return json.dumps(asdict(figures))


def _folded(petition_ids: Iterable[int] | None = None) -> dict[int, Figures]:
    rows = Tally.objects.all() if petition_ids is None else Tally.objects.filter(petition_id__in=petition_ids)
    return {
        row.petition_id: Figures(
            row.total, row.countries, row.version, row.as_of.astimezone(UTC).isoformat(), row.paper_shown
        )
        for row in rows
    }


def publish(petition_ids: list[int]) -> None:
    """Store each snapshot and announce it. A Redis that is away is no error: readers then ask PostgreSQL."""
    if not petition_ids:
        return
    figures = _folded(petition_ids)
    slugs = dict(Petition.objects.filter(id__in=petition_ids).values_list("id", "slug"))

    def send(client: Any) -> None:
        with client.pipeline(transaction=False) as pipe:
            for petition_id, each in figures.items():
                pipe.set(_key(petition_id), _text(each), ex=LIFETIME)
                pipe.publish(CHANNEL, json.dumps({"petition": slugs[petition_id]} | asdict(each)))
            pipe.execute()

    try:
        ask(send)
    except Unavailable:
        return


def announced(message: bytes) -> str:
    """The slug of the petition that a message on CHANNEL speaks of; empty when it is none of ours."""
    try:
        return str(json.loads(message)["petition"])
    except (ValueError, TypeError, KeyError):
        return ""


def republish_strays() -> int:
    """Put right every snapshot that is not what PostgreSQL says: lost in a flush, or left over from before a restore.

    One small query and one round trip; returns how many.
    """
    folded = _folded()
    try:
        held = ask(lambda client: client.mget([_key(each) for each in folded])) if folded else []
    except Unavailable:
        return 0
    strays = [
        petition_id
        for (petition_id, figures), text in zip(folded.items(), held, strict=True)  # type: ignore[arg-type]
        if text is None or text != _text(figures).encode()
    ]
    publish(strays)
    return len(strays)


def _from_redis(petition_id: int) -> Figures | None:
    try:
        text = ask(lambda client: client.get(_key(petition_id)))
        return Figures(**json.loads(text)) if text else None  # type: ignore[arg-type]
    except (Unavailable, ValueError, TypeError):
        return None  # away, or written by another version of ours: PostgreSQL knows


def _figures(petition_id: int, *, fresh: bool) -> Figures:
    with _lock:
        # One call: between `in` and `[]` the entry may expire.
        remembered = None if fresh else _memory.get(petition_id)
        shown = _newest.get(petition_id)
    if remembered:
        return remembered
    figures = _from_redis(petition_id)
    if figures is None or (shown and figures.version < shown.version):
        figures = _folded([petition_id]).get(petition_id) or Figures(0, 0, 0, datetime.now(UTC).isoformat())
    with _lock:
        now_shown = _newest.get(petition_id)
        if now_shown and now_shown is not shown and now_shown.version > figures.version:
            figures = now_shown  # another thread began later and was quicker
        _memory[petition_id] = _newest[petition_id] = figures
    return figures


def read(petition: Counted, *, fresh: bool = False) -> Snapshot:
    """The count of a published petition: at most one look into Redis or PostgreSQL a second and process.

    `fresh` looks in any case: for whoever was just told that there is something new.
    """
    figures, step = _figures(petition.id, fresh=fresh), petition.country_threshold
    return Snapshot(
        slug=petition.slug,
        state=petition.state,
        total=figures.total,
        goal=petition.goal,
        countries=figures.countries,
        as_of=datetime.fromisoformat(figures.as_of),
        version=figures.version,
        paper=(figures.paper or 0) // step * step or None,
    )


def before_the_first(petition: Counted) -> Snapshot:
    """The count of a petition that nobody can have signed; nothing is asked for it and nothing remembered."""
    return Snapshot(petition.slug, petition.state, 0, petition.goal, 0, datetime.now(UTC), 0)


def forget() -> None:
    """Forget what this process remembers."""
    with _lock:
        _memory.clear()
        _newest.clear()
