"""The figures as they were last counted: of one petition, or of several added up. Reads one small row for each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from signatures.models import Petition

from ..periods import WEEK
from .counting import BY_HOUR, COHORT, DAYS, GONE


@dataclass(frozen=True, slots=True)
class Step:
    """A day, or an hour by its beginning."""

    at: date
    received: int
    confirmed: int


@dataclass(frozen=True, slots=True)
class Queue:
    """Mail that waits. `oldest` is since when the longest waiting is due, None while nothing is late."""

    waiting: int = 0
    failed: int = 0
    oldest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stood at `as_of`; None before anything was counted. `days` and `hours` have no gap.

    `today` and `week` say what has become of the signatures that arrived then (see `counting.COHORT`).
    """

    as_of: datetime | None = None
    took: int = 0  # milliseconds
    total: int = 0
    received: int = 0
    confirmed_today: int = 0
    confirmed_week: int = 0
    today: dict[str, int] = field(default_factory=dict)
    week: dict[str, int] = field(default_factory=dict)
    pending: int = 0
    bounced: int = 0
    names: int = 0
    held: dict[str, int] = field(default_factory=dict)  # by reason
    gone: dict[str, int] = field(default_factory=dict)
    mail: Queue = Queue()
    other_mail: Queue = Queue()
    webhooks: dict[str, int] = field(default_factory=dict)
    days: Sequence[Step] = ()
    hours: Sequence[Step] = ()

    @property
    def held_in_all(self) -> int:
        return sum(self.held.values())


def counted_petitions(petitions: QuerySet[Petition]) -> list[Petition]:
    """Petitions with their figures, by one query; a petition that was not counted yet has none."""
    return list(petitions.select_related("desk_figures").defer("desk_figures__received"))


def standing_of(petitions: Sequence[Petition]) -> Standing:
    """All figures of some petitions together."""
    rows = [row for petition in petitions if (row := getattr(petition, "desk_figures", None))]
    if not rows:
        return Standing()
    as_of = max(row.as_of for row in rows).astimezone(UTC)
    all_of: list[dict[str, Any]] = [row.figures for row in rows]
    today = as_of.date()
    week = [(today - timedelta(days=number)).isoformat() for number in range(WEEK)]
    confirmed, received = _added(all_of, "days"), _added(all_of, "received_days")
    return Standing(
        as_of=as_of,
        took=max(row.took for row in rows),
        total=sum(each["total"] for each in all_of),
        received=sum(each["received"] for each in all_of),
        confirmed_today=confirmed[week[0]],
        confirmed_week=sum(confirmed[day] for day in week),
        today=_cohort(all_of, week[:1]),
        week=_cohort(all_of, week),
        pending=sum(each["pending"] for each in all_of),
        bounced=sum(each["bounced"] for each in all_of),
        names=sum(each["names"] for each in all_of),
        held=dict(_added(all_of, "held")),
        gone={state: sum(each[state] for each in all_of) for state in GONE},
        mail=_queue([each["mail"] for each in all_of]),
        other_mail=_queue([each["other_mail"] for each in all_of]),
        webhooks=dict(_added(all_of, "webhooks")),
        days=[
            Step(day, received[day.isoformat()], confirmed[day.isoformat()])
            for day in (today - timedelta(days=number) for number in reversed(range(DAYS)))
        ],
        hours=_hours(all_of, as_of),
    )


def _added(all_of: Sequence[dict[str, Any]], name: str) -> Counter[str]:
    added: Counter[str] = Counter()
    for each in all_of:
        added.update(each[name])
    return added


def _cohort(all_of: Sequence[dict[str, Any]], days: Sequence[str]) -> dict[str, int]:
    added: Counter[str] = Counter()
    for each in all_of:
        for day in days:
            added.update(each["cohorts"].get(day, {}))
    return {name: added[name] for name in COHORT}


def _queue(queues: Sequence[dict[str, Any]]) -> Queue:
    oldest = [datetime.fromisoformat(each["oldest"]) for each in queues if each["oldest"]]
    return Queue(
        waiting=sum(each["waiting"] for each in queues),
        failed=sum(each["failed"] for each in queues),
        oldest=min(oldest, default=None),
    )


def _hours(all_of: Sequence[dict[str, Any]], as_of: datetime) -> list[Step]:
    """Each by its own beginning: a petition whose last count was another one still fits."""
    received: Counter[datetime] = Counter()
    confirmed: Counter[datetime] = Counter()
    for each in all_of:
        first = datetime.fromisoformat(each["hours_from"])
        for number, (came, counted) in enumerate(each["hours"]):
            received[first + timedelta(hours=number)] += came
            confirmed[first + timedelta(hours=number)] += counted
    last = as_of.replace(minute=0, second=0, microsecond=0)
    hours = [last - timedelta(hours=number) for number in reversed(range(BY_HOUR))]
    return [Step(hour, received[hour], confirmed[hour]) for hour in hours]
