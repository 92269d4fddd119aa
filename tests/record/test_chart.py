from datetime import date, timedelta

import pytest
from django.utils.translation import override

from signatures.record.chart import draw_chart
from signatures.tally.plot import marks_up_to

FIRST = date(2026, 10, 1)


def days(*numbers):
    return [(FIRST + timedelta(days=i), number) for i, number in enumerate(numbers)]


def draw(rows, language="en"):
    with override(language):
        return draw_chart(rows, language=language)


@pytest.mark.parametrize(
    ("largest", "most", "expected"),
    [
        (323_000, 4, [100_000, 200_000, 300_000, 400_000]),
        (7_830, 2, [5_000, 10_000]),
        (1, 4, [1]),
        (20, 2, [10, 20]),
    ],
)
def test_marks_are_round_and_reach_the_largest(largest, most, expected):
    assert marks_up_to(largest, most=most) == expected


def test_the_curve_adds_up_and_ends_at_the_sum():
    chart = draw(days(100, None, 300))
    points = [tuple(map(float, point.split(","))) for point in chart.growth.line.split()]
    heights = [y for _x, y in points]
    assert heights == sorted(heights, reverse=True)
    assert heights[1] == heights[2]  # the day that is kept back
    assert points[-1] == (1000.0, 26.0)
    assert chart.growth.last.words == "400"


def test_a_day_that_is_kept_back_has_no_bar():
    chart = draw(days(100, None, 300))
    assert [bar.title for bar in chart.steps.bars] == ["1 October 2026: 100", "3 October 2026: 300"]
    tallest = max(chart.steps.bars, key=lambda bar: bar.height)
    assert tallest.y + tallest.height == pytest.approx(chart.steps.floor)


def test_the_chart_says_in_words_what_it_shows():
    chart = draw(days(10, 9_870, 300))
    assert chart.growth.summary == "From 1 October 2026 to 3 October 2026 it grew to 10,180."
    assert chart.steps.summary == "The most: 9,870 on 2 October 2026."


def test_its_labels_are_those_of_the_language():
    chart = draw(days(*[10_000] * 30), "fr")
    assert [tick.words for tick in chart.ticks] == ["1 oct.", "16 oct.", "30 oct."]
    assert chart.growth.marks[0].words == "100\xa0k"


def test_a_long_campaign_is_drawn_by_the_week():
    chart = draw(days(*[10] * 400))
    assert chart.weekly
    assert len(chart.steps.bars) == 58
    assert chart.growth.last.words == "4,000"
    assert chart.steps.summary == "The most: 70 in the week from 1 October 2026."


@pytest.mark.parametrize("rows", [[], days(100), days(None, None, None)])
def test_there_is_no_chart_before_there_is_something_to_draw(rows):
    assert draw(rows) is None
