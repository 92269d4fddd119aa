"""The charts over time: how many in all, and how many on each day, drawn from plain figures.

Across, places are given in percent, so that the picture is as wide as the page while its words keep their size; the
curves stand in a frame that stretches. Down, in pixels. Time runs from left to right in every language, as digits do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from babel.dates import format_skeleton
from babel.numbers import format_compact_decimal
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from signatures.templatetags.figures import figure, locale_of, longdate

ACROSS = 1000  # units of the stretching frame
HEADROOM = 26  # pixels over the highest mark, for its label
MOST_BARS = 180  # more days than that are drawn by the week


@dataclass(frozen=True, slots=True)
class Step:
    """A day, or the seven days that begin with it."""

    first: date
    number: int


@dataclass(frozen=True, slots=True)
class Mark:
    """A line across at `y` pixels from above, with its label."""

    y: float
    words: str


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    title: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A date under the chart, at `x` percent."""

    x: str
    anchor: str
    words: str


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


def marks_up_to(largest: int, *, most: int) -> list[int]:
    """At most so many round numbers above nought, the last at least `largest`.

    >>> marks_up_to(323_000, most=4)
    [100000, 200000, 300000, 400000]
    """
    unit = 1
    while True:
        for step in (unit, 2 * unit, 5 * unit):
            if step * most >= largest:
                count = max(-(-largest // step), 1)
                return [step * number for number in range(1, count + 1)]
        unit *= 10


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


def _marks(largest: int, *, most: int, floor: int, language: str) -> tuple[list[Mark], float]:
    """The lines across, and how many pixels one signature is high."""
    numbers = marks_up_to(largest, most=most)
    scale = (floor - HEADROOM) / numbers[-1]
    return [Mark(round(floor - number * scale, 1), _short(number, language)) for number in numbers], scale


def _short(number: int, language: str) -> str:
    """300000 → "300K" where the language has such a short form."""
    if number < 10_000:
        return figure(number, language)
    return format_compact_decimal(number, locale=locale_of(language), fraction_digits=1)


def _growth(steps: Sequence[Step], *, language: str, floor: int = 240) -> Plot:
    total, totals = 0, []
    for step in steps:
        total += step.number
        totals.append(total)
    marks, scale = _marks(total, most=4, floor=floor, language=language)
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
    marks, scale = _marks(best.number, most=3, floor=floor, language=language)
    width = ACROSS / len(steps)
    bars = [
        Bar(
            x=round(i * width + width * 0.12, 1),
            y=round(floor - step.number * scale, 1),
            width=round(width * 0.76, 2),
            height=round(step.number * scale, 1),
            title=f"{longdate(step.first, language)}: {figure(step.number, language)}",
        )
        for i, step in enumerate(steps)
        if step.number
    ]
    return Plot(
        height=floor + 26,
        floor=floor,
        marks=marks,
        bars=bars,
        line="",
        area="",
        last=None,
        summary=(
            _("The most: %(number)s in the week from %(day)s.") if weekly else _("The most: %(number)s on %(day)s.")
        )
        % {"day": longdate(best.first, language), "number": figure(best.number, language)},
    )


def _ticks(days: Sequence[date], language: str) -> list[Tick]:
    """The first, the middle and the last date: three fit under the smallest screen."""
    skeleton = "MMMd" if days[-1] - days[0] < timedelta(days=300) else "yMMM"
    places = [("0", "start", days[0]), ("50%", "middle", days[len(days) // 2]), ("100%", "end", days[-1])]
    if len(days) < 5:
        del places[1]
    return [Tick(x, anchor, _on_axis(day, skeleton, language)) for x, anchor, day in places]


def _on_axis(day: date, skeleton: str, language: str) -> str:
    return str(format_skeleton(skeleton, day, locale=locale_of(language)))


def heading(chart: Chart) -> str:
    """What the bars are."""
    return pgettext("chart", "Each week") if chart.weekly else pgettext("chart", "Each day")
