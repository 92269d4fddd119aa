"""The two pictures of the home: what arrived and what was confirmed, by day and by hour; and the same as a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from babel.dates import format_skeleton
from django.utils.translation import gettext as _

from signatures.tally.plot import Bar, Mark, Tick, bars_of, marks_of, ticks_of
from signatures.templatetags.figures import figure, locale_of, longdate

from .reading import Step

FLOOR = 150  # pixels from above: where nought is
BENEATH = 26  # pixels for the dates


@dataclass(frozen=True, slots=True)
class Pair:
    """Wide bars of what arrived, and before each a narrow one of what was confirmed."""

    height: int
    floor: int
    marks: Sequence[Mark]
    received: Sequence[Bar]
    confirmed: Sequence[Bar]
    ticks: Sequence[Tick]
    summary: str  # the picture in words
    rows: Sequence[tuple[str, Step]]  # newest first, each by its name


def draw_days(steps: Sequence[Step], *, language: str) -> Pair | None:
    """None while there is nothing to draw. Expects the language to be active."""
    return _draw(
        steps,
        name=lambda at: longdate(at, language),
        short=lambda at: _in(at, "MMMd", language),
        most=_("The most on one day: %(received)s received on %(when)s, %(confirmed)s confirmed on %(then)s."),
        language=language,
    )


def draw_hours(steps: Sequence[Step], *, language: str) -> Pair | None:
    """Likewise, by the hours of UTC."""
    return _draw(
        steps,
        name=lambda at: f"{_in(at, 'MMMd', language)}, {_in(at, 'Hm', language)}",
        short=lambda at: f"{_in(at, 'MMMd', language)}, {_in(at, 'Hm', language)}",
        most=_(
            "The most in one hour: %(received)s received from %(when)s on, %(confirmed)s confirmed from %(then)s on."
        ),
        language=language,
    )


def _in(at: date, skeleton: str, language: str) -> str:
    # Babel would bring a time into its own zone; ours is in UTC already, and is to stay there.
    at = at.replace(tzinfo=None) if isinstance(at, datetime) else at
    return str(format_skeleton(skeleton, at, locale=locale_of(language)))


def _draw(
    steps: Sequence[Step],
    *,
    name: Callable[[date], str],
    short: Callable[[date], str],
    most: str,
    language: str,
) -> Pair | None:
    largest = max((max(step.received, step.confirmed) for step in steps), default=0)
    if not largest:
        return None
    marks, scale = marks_of(largest, most=3, floor=FLOOR, language=language)
    names = [name(step.at) for step in steps]
    came, counted = [step.received for step in steps], [step.confirmed for step in steps]
    busiest = max(steps, key=lambda step: step.received)
    best = max(steps, key=lambda step: step.confirmed)
    return Pair(
        height=FLOOR + BENEATH,
        floor=FLOOR,
        marks=marks,
        received=bars_of(
            came,
            [_("%(when)s: %(number)s received") % _said(*each, language) for each in zip(names, came, strict=True)],
            scale=scale,
            floor=FLOOR,
            share=0.8,
        ),
        confirmed=bars_of(
            counted,
            [_("%(when)s: %(number)s confirmed") % _said(*each, language) for each in zip(names, counted, strict=True)],
            scale=scale,
            floor=FLOOR,
            share=0.4,
        ),
        ticks=ticks_of([short(step.at) for step in steps]),
        summary=most
        % {
            "received": figure(busiest.received, language),
            "when": name(busiest.at),
            "confirmed": figure(best.confirmed, language),
            "then": name(best.at),
        },
        rows=list(reversed(list(zip(names, steps, strict=True)))),
    )


def _said(when: str, number: int, language: str) -> dict[str, str]:
    return {"when": when, "number": figure(number, language)}
