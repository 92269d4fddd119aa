"""The parts that charts over time are drawn from: round marks, bars, dates. Plain figures in, places in a picture out.

Across, places are given in percent, so that the picture is as wide as the page while its words keep their size; the
curves stand in a frame that stretches. Down, in pixels. Time runs from left to right in every language, as digits do.
What draws them sets no style: a policy without inline styles allows attributes and classes alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from babel.numbers import format_compact_decimal

from signatures.templatetags.figures import figure, locale_of

ACROSS = 1000  # units of the stretching frame
HEADROOM = 26  # pixels over the highest mark, for its label


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


def marks_of(largest: int, *, most: int, floor: int, language: str) -> tuple[list[Mark], float]:
    """The lines across, and how many pixels one signature is high."""
    numbers = marks_up_to(largest, most=most)
    scale = (floor - HEADROOM) / numbers[-1]
    return [Mark(round(floor - number * scale, 1), _short(number, language)) for number in numbers], scale


def _short(number: int, language: str) -> str:
    """300000 → "300K" where the language has such a short form."""
    if number < 10_000:
        return figure(number, language)
    return format_compact_decimal(number, locale=locale_of(language), fraction_digits=1)


def bars_of(
    numbers: Sequence[int], titles: Sequence[str], *, scale: float, floor: int, share: float = 0.76
) -> list[Bar]:
    """A bar for each number above nought, `share` of its place wide."""
    width = ACROSS / len(numbers)
    return [
        Bar(
            x=round(i * width + width * (1 - share) / 2, 1),
            y=round(floor - number * scale, 1),
            width=round(width * share, 2),
            height=round(number * scale, 1),
            title=title,
        )
        for i, (number, title) in enumerate(zip(numbers, titles, strict=True))
        if number
    ]


def ticks_of(words: Sequence[str]) -> list[Tick]:
    """The first, the middle and the last label: three fit under the smallest screen."""
    places = [("0", "start", words[0]), ("50%", "middle", words[len(words) // 2]), ("100%", "end", words[-1])]
    if len(words) < 5:
        del places[1]
    return [Tick(*place) for place in places]
