"""Figures by country and by day, for readers: rounded, rarely renewed, and never about fewer than a handful of people.

Whoever watches may keep every figure that we ever showed, knows the live total at every second, and may know one signer
of a small country by sight. Nothing they see may tell them that this person signed, or took it back. So:

- **A group below the threshold has no number** (`petition.country_threshold`, ten or more): a country is then only
  named, a day is empty, "not said" is empty. A petition with fewer signatures than that names no country at all.
- **Numbers are rounded down to whole thresholds.** One person's coming or going moves none of them, but for the one who
  passes a mark, and nobody outside knows how far away it was.
- **Nothing hidden can be worked out as "total less what is shown".** That rest is kept at a threshold or more for as
  long as a group is hidden, by showing the largest group one step lower. With one hidden and one shown, every number
  from one to the threshold less one stays possible for the hidden one. When the largest has no step to spare, nothing
  is said of any group until more have signed: so no number always means fewer than the threshold.
- **All of it comes from a snapshot**, one for countries and days, made when COUNTRY_FIGURES_EVERY has passed *and* the
  total has moved by a threshold or more. So whatever differs between two snapshots, a new name on the list included, is
  the doing of somebody among at least so many signers, however slow the petition is. The number of countries beside the
  live total comes from it too.
- A withdrawal leaves the live total at once, and the figures with a later snapshot, among others. Numbers may fall.
- **Paper has one figure of its own**, rounded likewise and renewed by itself, when the number on paper has moved by a
  threshold or more: a file that comes in must not bring the figures of those who sign here up to date.
- **A raised threshold holds at once**: what was published is made coarser as it is read, and until the next snapshot a
  group just above it may have no number. A lowered one waits.

What remains: a country that is named has a signer, which matters where everybody knows who it must be. And somebody who
adds false signatures from a small country until its number appears learns how many there were before. That takes
confirmed addresses, tells a number and no name, and is what `signing.guard` is there to hinder.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol

from cachetools import TTLCache
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F

from signatures.models import NOT_SAID, CountryTally, DayTally, PublishedFigures, Tally

from . import snapshot
from .fold import LOCK

Numbers = dict[str, int | None]


class Guarded(Protocol):
    """What the figures need to know of a published petition."""

    @property
    def id(self) -> int: ...
    @property
    def country_threshold(self) -> int: ...


@dataclass(frozen=True, slots=True)
class CountryFigure:
    """A country or territory with signers; `number` is None when they are fewer than the threshold."""

    code: str
    number: int | None


@dataclass(frozen=True, slots=True)
class DayFigure:
    """A UTC day; `number` is None below the threshold, nought included."""

    day: date
    number: int | None


@dataclass(frozen=True, slots=True)
class CountryFigures:
    """The countries, largest number first, then those without one by code. `as_of` is None before the first snapshot.

    `total` is that of the snapshot, rounded as every number here is; `not_said` counts who preferred not to say.
    """

    as_of: datetime | None
    version: int
    threshold: int
    total: int | None
    not_said: int | None
    rows: tuple[CountryFigure, ...]


@dataclass(frozen=True, slots=True)
class DayFigures:
    """Every UTC day from the first signature to the snapshot, the oldest first. The last one is not over."""

    as_of: datetime | None
    version: int
    threshold: int
    rows: tuple[DayFigure, ...]


def round_down(number: int | None, step: int) -> int | None:
    """To a whole step; None below one."""
    return number // step * step or None if number is not None else None


def disclose(groups: Mapping[str, int], *, step: int) -> Numbers:
    """What may be said of disjoint groups whose exact total is known to everybody; see above for why.

    Empty when nothing can be said safely.

    >>> disclose({"FR": 50, "PE": 12, "TV": 1}, step=10)
    {'FR': 40, 'PE': 10, 'TV': None}
    """
    shown = {name: round_down(number, step) for name, number in groups.items()}
    rest = sum(groups.values()) - sum(number or 0 for number in shown.values())
    if rest < step and any(0 < number < step for number in groups.values()):
        largest = max(shown, key=lambda name: (shown[name] or 0, name))
        lowered = (shown[largest] or 0) - step
        if lowered <= 0:
            return {}
        shown[largest] = lowered
    return shown


# Small tables: one row for each petition. Both questions in one look; what is said on paper has a clock of its own.
_DUE = """
SELECT petition_id, groups, paper FROM (
    SELECT t.petition_id,
           abs(t.total - COALESCE(f.total, 0)) >= p.country_threshold
           AND (f.as_of IS NULL OR f.as_of <= now() - wait.time) AS groups,
           abs(t.paper - t.paper_shown_of) >= p.country_threshold
           AND (t.paper_shown_at IS NULL OR t.paper_shown_at <= now() - wait.time) AS paper
    FROM signatures_tally AS t
    JOIN signatures_petition AS p ON p.id = t.petition_id
    LEFT JOIN signatures_publishedfigures AS f ON f.petition_id = t.petition_id
    CROSS JOIN (SELECT make_interval(secs => %s) AS time) AS wait
    WHERE %s::bigint[] IS NULL OR t.petition_id = ANY (%s::bigint[])
) AS look
WHERE groups OR paper
ORDER BY petition_id
"""


def publish_due(*, every: float | None = None, only: list[int] | None = None) -> list[int]:
    """Make the snapshot of every petition (or of those in `only`) whose time has come; their ids. Safe to run twice.

    The fold's lock is held meanwhile, so that total, countries and days are of one instant; whoever comes second finds
    nothing due. `every` stands in for COUNTRY_FIGURES_EVERY, in seconds.
    """
    wait = settings.COUNTRY_FIGURES_EVERY if every is None else every
    if not _due(wait, only):
        return []  # nearly always: no lock is taken for it
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        due = _due(wait, only)
        for petition_id, groups, paper in due:
            if groups:
                _publish(petition_id)
            if paper:
                _publish_paper(petition_id)
    published = [petition_id for petition_id, _groups, _paper in due]
    snapshot.publish(published)
    return published


def _due(wait: float, only: list[int] | None) -> list[tuple[int, bool, bool]]:
    """Petitions with something to publish: whether the figures by country and day, whether the one on paper."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE, [wait, only, only])
        return list(cursor.fetchall())


def _publish_paper(petition_id: int) -> None:
    tally = Tally.objects.select_related("petition").get(pk=petition_id)
    now = datetime.now(UTC)
    Tally.objects.filter(pk=petition_id).update(
        paper_shown=round_down(tally.paper, tally.petition.country_threshold),
        paper_shown_of=tally.paper,
        paper_shown_at=now,
        version=F("version") + 1,
        as_of=now,
    )


def _publish(petition_id: int) -> None:
    tally = Tally.objects.select_related("petition").get(pk=petition_id)
    step, now = tally.petition.country_threshold, datetime.now(UTC)
    countries = dict(CountryTally.objects.filter(petition_id=petition_id, total__gt=0).values_list("country", "total"))
    named = disclose(countries, step=step)
    before = PublishedFigures.objects.filter(pk=petition_id).values_list("version", flat=True).first() or 0
    PublishedFigures(
        pk=petition_id,
        version=before + 1,
        as_of=now,
        total=tally.total,
        countries=named,
        days=_days(petition_id, step=step, today=now.date()),
    ).save()
    Tally.objects.filter(pk=petition_id).update(
        countries=len(named.keys() - {NOT_SAID}), version=F("version") + 1, as_of=now
    )


def _days(petition_id: int, *, step: int, today: date) -> Numbers:
    counted = dict(DayTally.objects.filter(petition_id=petition_id, total__gt=0).values_list("day", "total"))
    if not counted:
        return {}
    first, last = min(counted), max(*counted, today)
    span = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return disclose({day.isoformat(): counted.get(day, 0) for day in span}, step=step)


# -------------------------------------------------------------------------------------------------------- reading
_memory: TTLCache[int, PublishedFigures | None] = TTLCache(maxsize=256, ttl=settings.PAGE_TTL)
_lock = threading.Lock()


def _read(petition_id: int) -> PublishedFigures | None:
    """The stored snapshot: one query, none while this process remembers it."""
    with _lock, suppress(KeyError):
        return _memory[petition_id]
    row = PublishedFigures.objects.filter(pk=petition_id).first()
    with _lock:
        _memory[petition_id] = row
    return row


def country_figures(petition: Guarded) -> CountryFigures:
    """The published figures of a petition by country."""
    row, step = _read(petition.id), petition.country_threshold
    if row is None or row.total < step:
        return CountryFigures(
            row.as_of if row else None, row.version if row else 0, step, total=None, not_said=None, rows=()
        )
    numbers = {code: round_down(number, step) for code, number in row.countries.items()}
    not_said = numbers.pop(NOT_SAID, None)
    rows = tuple(CountryFigure(*each) for each in sorted(numbers.items(), key=lambda each: (-(each[1] or 0), each[0])))
    return CountryFigures(row.as_of, row.version, step, round_down(row.total, step), not_said, rows)


def day_figures(petition: Guarded) -> DayFigures:
    """The published figures of a petition by UTC day of the confirmation."""
    row, step = _read(petition.id), petition.country_threshold
    if row is None:
        return DayFigures(None, 0, step, ())
    days = sorted(row.days.items())
    rows = tuple(DayFigure(date.fromisoformat(day), round_down(number, step)) for day, number in days)
    return DayFigures(row.as_of, row.version, step, rows)


def forget() -> None:
    """Forget what this process remembers."""
    with _lock:
        _memory.clear()
