import re

import pytest
from django.utils.translation import override

from signatures.record.map import _world, bounds, draw_map
from signatures.signing.countries.names import country_codes


def test_every_country_has_its_place_on_the_map():
    world = _world()
    assert country_codes() <= world["shapes"].keys() | world["dots"].keys()
    assert not world["shapes"].keys() & world["dots"].keys()


def test_every_place_lies_within_the_picture():
    world = _world()
    for x, y in world["dots"].values():
        assert 0 <= x <= world["width"]
        assert 0 <= y <= world["height"]
    for path in world["shapes"].values():
        assert re.fullmatch(r"[-0-9Mlz ]+", path)


@pytest.mark.parametrize(
    ("smallest", "largest", "expected"),
    [
        (10, 84_000, [10, 100, 1_000, 10_000]),
        (10, 2_000, [10, 50, 100, 500, 1_000]),
        (10, 60, [10, 20, 50]),
        (50, 5_000, [50, 250, 500, 2_500, 5_000]),
        (10, 0, []),
        (10, 5_000_000, [10, 100, 1_000, 10_000, 100_000]),
    ],
)
def test_bands_grow_by_steps(smallest, largest, expected):
    assert bounds(smallest=smallest, largest=largest) == expected


def test_a_country_below_the_threshold_is_shaded_without_a_number():
    with override("en"):
        drawn = draw_map({"FR": 52_310, "TW": 640, "TV": None}, threshold=10, language="en")
    places = {place.code: place for place in (*drawn.shapes, *drawn.dots)}
    assert (places["FR"].band, places["FR"].title) == ("4", "France: 52,310")
    assert (places["TW"].band, places["TW"].title) == ("2", "Taiwan: 640")
    assert (places["TV"].band, places["TV"].title) == ("few", "Tuvalu: fewer than 10")
    assert (places["PE"].band, places["PE"].title) == ("none", "Peru: none")


def test_the_legend_speaks_the_numbers_of_its_language():
    with override("fr"):
        drawn = draw_map({"FR": 52_310}, threshold=10, language="fr")
    assert [key.band for key in drawn.legend] == ["none", "few", "1", "2", "3", "4"]
    assert "1\u202f000–9\u202f999" in [key.words for key in drawn.legend]
