from __future__ import annotations

import time
from io import BytesIO

import pytest
from fontTools.ttLib import TTFont
from PIL import Image, features

from signatures.letters.drawing import FONTS, SIZE, _coverage, draw_picture, font_for

TITLES = {
    "en": "Open letter to all UN member states",
    "fr": "Lettre ouverte à tous les États membres : enquêtez",
    "ru": "Открытое письмо всем государствам — членам ООН",
    "kk": "БҰҰ-ға мүше барлық мемлекеттерге ашық хат әғқңөұүһі",
    "ar": "رسالة مفتوحة إلى جميع الدول الأعضاء",
    "ug": "ب د ت غا ئەزا بارلىق دۆلەتلەرگە ئوچۇق خەت ھەققىدە ژ ڭ",
    "zh": "致联合国全体会员国的公开信：调查新疆的人权侵犯行为",
}


def draw(title: str, *, number: str = "323,832", words: str = "people", rtl: bool = False) -> Image.Image:
    png = draw_picture(title=title, number=number, words=words, share=0.8, rtl=rtl)
    return Image.open(BytesIO(png)).convert("L")


def ink(image: Image.Image, box: tuple[int, int, int, int]) -> int:
    """How many pixels in a part of the picture are dark."""
    return sum(count for shade, count in enumerate(image.crop(box).histogram()) if shade < 128)


def test_arabic_can_be_shaped_here() -> None:
    assert features.check("raqm")


@pytest.mark.parametrize("language", TITLES)
def test_a_title_in_each_language_is_drawn(language: str) -> None:
    image = draw(TITLES[language], rtl=language in {"ar", "ug"})

    assert image.size == SIZE
    assert ink(image, (84, 150, 1116, 440)) > 2_000


@pytest.mark.parametrize("title", ["จดหมายเปิดผนึก", "Letter 😀", "ᏣᎳᎩ"])
def test_a_title_without_a_font_leaves_the_number_alone(title: str) -> None:
    image = draw(title)

    assert font_for(title) is None
    assert ink(image, (84, 150, 1116, 440)) == 0
    assert ink(image, (84, 480, 1116, 600)) > 2_000


def test_a_title_that_never_ends_stays_in_its_place() -> None:
    image = draw("Human rights and clean water for everybody " * 30)

    assert ink(image, (0, 425, 1200, 450)) == 0
    assert ink(image, (1117, 150, 1200, 440)) == 0


def test_right_to_left_starts_at_the_right() -> None:
    image = draw(TITLES["ar"][:12], rtl=True)

    assert ink(image, (600, 150, 1200, 440)) > 500
    assert ink(image, (0, 150, 600, 440)) == 0


def test_the_coverage_is_what_the_fonts_have() -> None:
    for name, codes in _coverage().items():
        assert codes == frozenset(TTFont(FONTS / f"{name}.woff2").getBestCmap())


def test_it_is_drawn_within_300_milliseconds() -> None:
    draw(TITLES["zh"])  # reads the fonts

    times = []
    for _ in range(3):
        began = time.thread_time()
        draw(TITLES["zh"])
        times.append(time.thread_time() - began)
    assert min(times) < 0.3
