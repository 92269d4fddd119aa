"""The charts over time: how many in all, and how many on each day, drawn from plain figures (see `tally.plot`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from babel.dates import format_skeleton
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from signatures.tally.plot import ACROSS, Bar, Mark, Tick, bars_of, marks_of, ticks_of
from signatures.templatetags.figures import figure, locale_of, longdate

MOST_BARS = 180  # more days than that are drawn by the week


@dataclass(frozen=True, slots=True)
class Step:
    """A day, or the seven days that begin with it."""

    first: date
    number: int


@dataclass(frozen=True, slots=True)
class Plot:
    """One of the two pictures."""

    height: int
    floor: int  # where nought is, in pixels from above
    marks: Sequence[Mark]
    bars: Sequence[Bar]
    line: str
    area: str
    last: Mark | None  # the number that the curve ends at
    summary: str  # the picture in words


@dataclass(frozen=True, slots=True)
class Chart:
    """Both pictures, and the dates that they share."""

    growth: Plot
    steps: Plot
    ticks: Sequence[Tick]
    weekly: bool


def by_week(days: Sequence[Step]) -> list[Step]:
    """Each seven days as one step, counted from the first day."""
    return [
        Step(days[start].first, sum(day.number for day in days[start : start + 7])) for start in range(0, len(days), 7)
    ]


def draw_chart(days: Sequence[tuple[date, int | None]], *, language: str) -> Chart | None:
    """`days` are all days in order, None where a number is kept back; None is returned while there is nothing to draw.

    Expects the language to be active.
    """
    steps = [Step(day, number or 0) for day, number in days]
    if len(steps) < 2 or not any(step.number for step in steps):
        return None
    weekly = len(steps) > MOST_BARS
    if weekly:
        steps = by_week(steps)
    return Chart(
        growth=_growth(steps, language=language),
        steps=_bars(steps, language=language, weekly=weekly),
        ticks=_ticks([step.first for step in steps], language),
        weekly=weekly,
    )


def _growth(steps: Sequence[Step], *, language: str, floor: int = 240) -> Plot:
    total, totals = 0, []
    for step in steps:
        total += step.number
        totals.append(total)
    marks, scale = marks_of(total, most=4, floor=floor, language=language)
    width = ACROSS / len(steps)
    points = [(0.0, float(floor))]
    points += [(round((i + 1) * width, 1), round(floor - each * scale, 1)) for i, each in enumerate(totals)]
    line = " ".join(f"{x:g},{y:g}" for x, y in points)
    return Plot(
        height=floor + 1,
        floor=floor,
        marks=marks,
        bars=(),
        line=line,
        area=f"M0,{floor}L{line} {ACROSS},{floor}z",
        last=Mark(round(floor - total * scale, 1), figure(total, language)),
        summary=_("From %(first)s to %(last)s it grew to %(number)s.")
        % {
            "first": longdate(steps[0].first, language),
            "last": longdate(steps[-1].first, language),
            "number": figure(total, language),
        },
    )


def _bars(steps: Sequence[Step], *, language: str, weekly: bool, floor: int = 150) -> Plot:
    best = max(steps, key=lambda step: step.number)
    marks, scale = marks_of(best.number, most=3, floor=floor, language=language)
    numbers = [step.number for step in steps]
    titles = [f"{longdate(step.first, language)}: {figure(step.number, language)}" for step in steps]
    return Plot(
        height=floor + 26,
        floor=floor,
        marks=marks,
        bars=bars_of(numbers, titles, scale=scale, floor=floor),
        line="",
        area="",
        last=None,
        summary=(
            _("The most: %(number)s in the week from %(day)s.") if weekly else _("The most: %(number)s on %(day)s.")
        )
        % {"day": longdate(best.first, language), "number": figure(best.number, language)},
    )


def _ticks(days: Sequence[date], language: str) -> list[Tick]:
    skeleton = "MMMd" if days[-1] - days[0] < timedelta(days=300) else "yMMM"
    return ticks_of([_on_axis(day, skeleton, language) for day in days])


def _on_axis(day: date, skeleton: str, language: str) -> str:
    return str(format_skeleton(skeleton, day, locale=locale_of(language)))


def heading(chart: Chart) -> str:
    """What the bars are."""
    return pgettext("chart", "Each week") if chart.weekly else pgettext("chart", "Each day")
