"""The map: every country in the shade of its number, drawn from plain figures."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from signatures.signing.countries.names import country_names
from signatures.templatetags.figures import figure

NONE, FEW = "none", "few"

# Each band begins at so many times the smallest number; the finest row that five bands of can hold the largest.
_STEPS = ((1, 2, 5, 10, 20), (1, 5, 10, 50, 100), (1, 10, 100, 1_000, 10_000))


@dataclass(frozen=True, slots=True)
class Place:
    """A country on the map: an outline, or a dot where there is none to see. `title` is what a mouse reads."""

    code: str
    band: str
    title: str
    path: str = ""
    x: int = 0
    y: int = 0


@dataclass(frozen=True, slots=True)
class Key:
    """A line of the legend."""

    band: str
    words: str


@dataclass(frozen=True, slots=True)
class WorldMap:
    """What the template sets: the picture's size, outlines first, dots on top, and the legend from none to most."""

    width: int
    height: int
    shapes: Sequence[Place]
    dots: Sequence[Place]
    legend: Sequence[Key]


@cache
def _world() -> dict[str, Any]:
    """The outlines that `draw_world` drew."""
    return dict(json.loads(Path(__file__).with_name("world.json").read_text(encoding="ascii")))


def bounds(*, smallest: int, largest: int) -> list[int]:
    """Where each band of shades begins, at most five, by logarithmic steps.

    >>> bounds(smallest=10, largest=84_000)
    [10, 100, 1000, 10000]
    """
    steps = next((each for each in _STEPS if largest < 2.5 * each[-1] * smallest), _STEPS[-1])
    return [smallest * step for step in steps if smallest * step <= largest]


def draw_map(numbers: Mapping[str, int | None], *, threshold: int, language: str) -> WorldMap:
    """`numbers` are those of the countries with signers, None below the threshold. The language is active."""
    starts = bounds(smallest=threshold, largest=max((number or 0 for number in numbers.values()), default=0))
    names = dict(country_names(language))
    few = _("fewer than %(number)s") % {"number": figure(threshold, language)}
    nobody = pgettext("map", "none")

    def place(code: str, **where: Any) -> Place:
        number = numbers.get(code)
        if number is not None:
            band, said = str(sum(number >= start for start in starts)), figure(number, language)
        else:
            band, said = (FEW, few) if code in numbers else (NONE, nobody)
        return Place(code, band, f"{names[code]}: {said}" if code in names else "", **where)

    world = _world()
    legend = [Key(NONE, nobody), Key(FEW, few)]
    for number, start in enumerate(starts):
        after = starts[number + 1] if number + 1 < len(starts) else None
        first = figure(start, language)
        last = figure(after - 1, language) if after else ""
        legend.append(Key(str(number + 1), f"{first}–{last}" if after else _("%(number)s or more") % {"number": first}))
    return WorldMap(
        width=world["width"],
        height=world["height"],
        shapes=[place(code, path=path) for code, path in world["shapes"].items()],
        dots=[place(code, x=x, y=y) for code, (x, y) in world["dots"].items()],
        legend=legend,
    )
