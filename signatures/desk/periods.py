"""Periods of the desk: today, seven days, some hours.

A signature's id is made when it first arrives (uuid7), so "received today" is a range of the primary key (see
`jobs.selection.first_id`), however many there are. Whoever signs again keeps the id, and so is received once.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

WEEK = 7  # days, today among them
HOURS = 6  # what "the last hours" are


def made_at(row_id: UUID) -> datetime:
    """When a row with this id was made."""
    return datetime.fromtimestamp((row_id.int >> 80) / 1000, UTC)


def midnight(day: date) -> datetime:
    """When a day begins; days are those of UTC, as in the tally."""
    return datetime.combine(day, time(), UTC)


def beginning(period: str, *, now: datetime) -> datetime:
    """When "hours", "today" or "week" began."""
    if period == "hours":
        return now - timedelta(hours=HOURS)
    today = now.astimezone(UTC).date()
    return midnight(today - timedelta(days=WEEK - 1) if period == "week" else today)
