"""Draw `world.json`, once: `python -m signatures.record.draw_world countries-50m.json`.

The input is that file of the npm package `world-atlas` 2.0.2 (Natural Earth, in the public domain). The output holds,
in the units of the picture, an SVG path for each country by its ISO 3166-1 code (and XK), and a dot for those too small
to be seen. Equal Earth projection (Šavrič, Patterson, Jenny 2018), so that no country looks larger than it is; centred
on 11° E, so that the picture is cut where hardly anybody lives.
"""

from __future__ import annotations

import heapq
import itertools
import json
import math
import sys
from pathlib import Path
from typing import Any

from django_countries import countries

Point = tuple[float, float]
Ring = list[Point]

WIDTH = 1000
TOP, BOTTOM = 83.7, -58  # degrees; Antarctica gets a dot
CENTRE = 11.0
DETAIL = 0.4  # square units: what a corner must be worth
SPECK = 0.7  # square units: smaller islands go
SMALL = 7.0  # square units: a smaller country is a dot
FINE = 2  # steps in a unit

# Where the United Nations see them; Natural Earth draws who holds them. A glacier that two claim stays without colour.
BELONGS = {"Kosovo": "XK", "Somaliland": "SO", "N. Cyprus": "CY", "Siachen Glacier": "-"}
# Parts that have a code of their own, or another's: (drawn as, is, west, south, east, north).
PARTS = (
    ("FR", "GF", -55, 1, -51, 7),
    ("FR", "GP", -62, 15.7, -60.8, 16.7),
    ("FR", "MQ", -61.4, 14.2, -60.6, 15.1),
    ("FR", "RE", 54, -22, 57, -20),
    ("FR", "YT", 44, -14, 46, -12),
    ("NO", "SJ", -10, 70.5, 40, 82),
    ("NL", "BQ", -69, 11.5, -62, 18),
    ("RU", "UA", 32.2, 44.2, 36.7, 46.3),
)
# Longitude and latitude of what is on no map of this size.
DOTS = {
    "AQ": (11, -57),
    "BQ": (-68.3, 12.2),
    "BV": (3.4, -54.4),
    "CC": (96.8, -12.2),
    "CX": (105.7, -10.5),
    "GI": (-5.35, 36.1),
    "GP": (-61.5, 16.2),
    "MQ": (-61.0, 14.6),
    "RE": (55.5, -21.1),
    "SJ": (16, 78.5),
    "TK": (-171.8, -9.2),
    "TV": (179.2, -8.5),
    "UM": (-176.6, 0.2),
    "YT": (45.2, -12.8),
}


def project(longitude: float, latitude: float) -> Point:
    """Equal Earth, in units of the radius; y grows to the north."""
    turned = longitude - CENTRE
    a1, a2, a3, a4 = 1.340264, -0.081106, 0.000893, 0.003796
    t = math.asin(math.sqrt(3) / 2 * math.sin(math.radians(latitude)))
    t2, t6 = t * t, t**6
    x = (2 * math.sqrt(3) / 3) * math.radians(turned) * math.cos(t)
    x /= 9 * a4 * t6 * t2 + 7 * a3 * t6 + 3 * a2 * t2 + a1
    return x, t * (a4 * t6 * t2 + a3 * t6 + a2 * t2 + a1)


HALF = project(CENTRE + 179.999, 0)[0]
SCALE = WIDTH / (2 * HALF)
NORTH, SOUTH = project(CENTRE, TOP)[1], project(CENTRE, BOTTOM)[1]
HEIGHT = round((NORTH - SOUTH) * SCALE)


def place(longitude: float, latitude: float) -> Point:
    """Where it is in the picture."""
    x, y = project(longitude, min(max(latitude, BOTTOM - 2), 89.9))
    return (x + HALF) * SCALE, (NORTH - y) * SCALE


def placed(points: Ring) -> Ring:
    """The same for a line, whole even where the picture is cut."""
    first = (points[0][0] - CENTRE + 180) % 360 - 180 + CENTRE
    line, last = [], first
    for longitude, latitude in points:
        last += (longitude - last + 180) % 360 - 180
        line.append(place(last, latitude))
    return line


def area(ring: Ring) -> float:
    """Signed, in square units."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:] + ring[:1], strict=True)) / 2


def middle(ring: Ring) -> Point:
    """The centre of gravity."""
    total = 6 * area(ring)
    if not total:
        return ring[0]
    x = y = 0.0
    for a, b in zip(ring, ring[1:] + ring[:1], strict=True):
        cross = a[0] * b[1] - b[0] * a[1]
        x, y = x + (a[0] + b[0]) * cross, y + (a[1] + b[1]) * cross
    return x / total, y / total


def simplified(arc: Ring) -> Ring:
    """Without the corners that are worth less than DETAIL (Visvalingam and Whyatt 1993); the ends stay."""
    before, after = list(range(-1, len(arc) - 1)), list(range(1, len(arc) + 1))

    def worth(i: int) -> float:
        return abs(area([arc[before[i]], arc[i], arc[after[i]]]))

    queue = [(worth(i), i) for i in range(1, len(arc) - 1)]
    heapq.heapify(queue)
    current = {i: w for w, i in queue}
    while queue and queue[0][0] < DETAIL:
        w, i = heapq.heappop(queue)
        if current.get(i) != w:
            continue
        del current[i]
        after[before[i]], before[after[i]] = after[i], before[i]
        for near in (before[i], after[i]):
            if near in current:
                current[near] = max(worth(near), w)
                heapq.heappush(queue, (current[near], near))
    return [arc[0], *(arc[i] for i in sorted(current)), arc[-1]] if len(arc) > 2 else arc


def absolute(arc: list[list[int]], scale: list[float], shift: list[float]) -> Ring:
    """TopoJSON's differences as degrees."""
    x = y = 0
    degrees = []
    for dx, dy in arc:
        x, y = x + dx, y + dy
        degrees.append((x * scale[0] + shift[0], y * scale[1] + shift[1]))
    return degrees


def path(rings: list[Ring]) -> str:
    """An SVG path of whole steps: relative, and without a sign or blank more than it takes."""
    text = ""
    for ring in rings:
        steps = [(round(x * FINE), round(y * FINE)) for x, y in ring]
        steps = [each for each, last in zip(steps, [None, *steps], strict=False) if each != last]
        if len(steps) < 4:
            continue
        x, y = steps[0]
        text += f"M{x} {y}l"
        moves = [(b[0] - a[0], b[1] - a[1]) for a, b in itertools.pairwise(steps[:-1])]
        text += " ".join(f"{dx} {dy}" for dx, dy in moves) + "z"
    return text.replace(" -", "-")


def draw(topology: dict[str, Any]) -> dict[str, Any]:
    codes = {str(countries.numeric(code)).zfill(3): code for code, _name in countries if countries.numeric(code)}
    scale, shift = topology["transform"]["scale"], topology["transform"]["translate"]
    degrees = [absolute(arc, scale, shift) for arc in topology["arcs"]]
    arcs = [simplified(placed(arc)) for arc in degrees]

    def joined(parts: list[int], source: list[Ring]) -> Ring:
        ring: Ring = []
        for number in parts:
            piece = source[number] if number >= 0 else source[~number][::-1]
            ring += piece[1:] if ring else piece
        return ring

    found: dict[str, list[tuple[float, Ring]]] = {}
    for each in topology["objects"]["countries"]["geometries"]:
        name = BELONGS.get(each["properties"]["name"])
        drawn_as = name or codes.get(each.get("id", ""))
        if drawn_as is None or drawn_as == "AQ":
            continue
        polygons = each["arcs"] if each["type"] == "MultiPolygon" else [each["arcs"]]
        for polygon in polygons:
            outline = joined(polygon[0], degrees)
            x, y = middle(outline)
            code = next(
                (is_ for was, is_, w, s, e, n in PARTS if was == drawn_as and w <= x <= e and s <= y <= n), drawn_as
            )
            for ring in polygon:
                drawn = joined(ring, arcs)
                found.setdefault(code, []).append((abs(area(drawn)), drawn))
    shapes, dots = {}, {code: placed([where])[0] for code, where in DOTS.items()}
    for code, rings in found.items():
        largest = max(rings, key=lambda each: each[0])
        if sum(size for size, _ring in rings) < SMALL and code != "-":
            dots.setdefault(code, middle(largest[1]))
            continue
        dots.pop(code, None)
        shapes[code] = path([ring for size, ring in rings if size >= SPECK or ring is largest[1]])
    return {
        "width": WIDTH * FINE,
        "height": HEIGHT * FINE,
        "shapes": {code: shapes[code] for code in sorted(shapes)},
        "dots": {code: [round(x * FINE), round(y * FINE)] for code, (x, y) in sorted(dots.items())},
    }


if __name__ == "__main__":
    world = draw(json.loads(Path(sys.argv[1]).read_text()))
    Path(__file__).with_name("world.json").write_text(json.dumps(world, indent=0, separators=(",", ":")) + "\n")
