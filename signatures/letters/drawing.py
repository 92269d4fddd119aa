"""The picture that a shared link shows: the letter's title and how many have signed, drawn with fonts of our own.

1200 by 630 pixels, as Open Graph readers want it. Which letters each font has stands in fonts/coverage.txt; a title
that no font has all letters of is left out, for boxes in its place would be worse than the number alone.
"""

from __future__ import annotations

from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, features

FONTS = Path(__file__).parent / "fonts"
SIZE = (1200, 630)
MARGIN = 84
BAR = (452, 464)  # top and bottom of the way to the goal
TITLE_SIZES = (66, 58, 50, 44, 38)  # the largest that fits in its lines
TITLE_HEIGHT = 270
PAPER, INK, FADED, ACCENT, RULE = "#fdfcf8", "#1d1c1a", "#5a564e", "#1b4b8a", "#d3cdbf"
JOINED = frozenset({"arabic"})  # scripts that cannot be set letter by letter
_UNSEEN = frozenset("\u200e\u200f\u2066\u2067\u2068\u2069\u00ad")


@cache
def _coverage() -> dict[str, frozenset[int]]:
    """The code points of each font, the European one first."""
    fonts = {}
    for line in (FONTS / "coverage.txt").read_text().splitlines():
        name, _, spans = line.partition(" ")
        ends = [span.split("-") for span in spans.split(",")]
        fonts[name] = frozenset(code for first, last in ends for code in range(int(first, 16), int(last, 16) + 1))
    return {name: fonts[name] for name in ("european", "arabic", "chinese")}


def font_for(text: str) -> str | None:
    """The font that has every letter of a text; None when no one has."""
    wanted = {ord(char) for char in text if char not in _UNSEEN}
    for name, has in _coverage().items():
        if wanted <= has and (name not in JOINED or features.check("raqm")):
            return name
    return None


@lru_cache(maxsize=32)
def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONTS / f"{name}.woff2", size)


def _lines(text: str, font: ImageFont.FreeTypeFont, width: float, *, spaced: bool) -> list[str]:
    """The text broken at its spaces, or between any two characters of a script that writes none."""
    lines = [""]
    for word in text.split(" ") if spaced else text:
        longer = f"{lines[-1]} {word}".strip() if spaced else lines[-1] + word
        if font.getlength(longer) <= width or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _set_title(draw: ImageDraw.ImageDraw, title: str, *, rtl: bool) -> None:
    name = font_for(title)
    if name is None:
        return
    width = SIZE[0] - 2 * MARGIN
    leading = 1.5 if name in JOINED else 1.2
    for size in TITLE_SIZES:
        font = _font(name, size)
        lines = _lines(title, font, width, spaced=name != "chinese")
        if len(lines) * size * leading <= TITLE_HEIGHT and max(map(font.getlength, lines)) <= width:
            break
    room = int(TITLE_HEIGHT // (size * leading))
    if len(lines) > room:
        last = lines[room - 1]
        while font.getlength(last + "…") > width:
            last = last[:-1]
        lines = [*lines[: room - 1], last.rstrip() + "…"]
    for number, line in enumerate(lines):
        baseline = 150 + size + number * size * leading
        _write(draw, line, font=font, colour=INK, baseline=baseline, rtl=rtl)


def _write(
    draw: ImageDraw.ImageDraw,
    text: str,
    *,
    font: ImageFont.FreeTypeFont,
    colour: str,
    baseline: float,
    rtl: bool,
    after: float = 0,
) -> float:
    """A line from the side where reading starts, `after` pixels in; how wide it is."""
    start = SIZE[0] - MARGIN - after if rtl else MARGIN + after
    direction = ("rtl" if rtl else "ltr") if features.check("raqm") else None
    draw.text((start, baseline), text, font=font, fill=colour, anchor="rs" if rtl else "ls", direction=direction)
    return font.getlength(text)


def draw_picture(*, title: str, number: str, words: str, share: float, rtl: bool) -> bytes:
    """A PNG. `number` is the count, `words` the rest of the sentence (left out if it cannot be drawn), `share` of 1."""
    image = Image.new("RGB", SIZE, PAPER)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, SIZE[0], 12), fill=ACCENT)
    _draw_mark(draw, rtl=rtl)
    _set_title(draw, title, rtl=rtl)
    left, right = MARGIN, SIZE[0] - MARGIN
    draw.rounded_rectangle((left, BAR[0], right, BAR[1]), radius=6, fill=RULE)
    if share > 0:
        filled = max(12, (right - left) * min(1.0, share))
        way = (right - filled, BAR[0], right, BAR[1]) if rtl else (left, BAR[0], left + filled, BAR[1])
        draw.rounded_rectangle(way, radius=6, fill=ACCENT)
    font = font_for(number)
    if font:
        width = _write(draw, number, font=_font(font, 84), colour=ACCENT, baseline=562, rtl=rtl)
        name = font_for(words)
        if name:
            room = right - left - width - 24
            size = next((size for size in (36, 32, 28, 24, 20) if _font(name, size).getlength(words) <= room), 0)
            if size:
                _write(draw, words, font=_font(name, size), colour=FADED, baseline=562, rtl=rtl, after=width + 24)
    stored = BytesIO()
    # Few colours: a palette makes it a third as large, and sooner packed.
    image.quantize(64, dither=Image.Dither.NONE).save(stored, "PNG", compress_level=6)
    return stored.getvalue()


def _draw_mark(draw: ImageDraw.ImageDraw, *, rtl: bool) -> None:
    """static/img/mark.svg, a signed sheet, and the product's name."""
    x = SIZE[0] - MARGIN - 64 if rtl else MARGIN
    draw.rounded_rectangle((x, 56, x + 64, 120), radius=14, fill=ACCENT)
    draw.rectangle((x + 18, 66, x + 46, 110), fill=PAPER)
    for y in (76, 83):
        draw.line((x + 24, y, x + 40, y), fill="#8b98a9", width=3)
    draw.line(
        [(x + 23, 101), (x + 28, 93), (x + 30, 101), (x + 34, 97), (x + 36, 101), (x + 41, 100)],
        fill=ACCENT,
        width=4,
        joint="curve",
    )
    _write(draw, "Undersigned", font=_font("european", 34), colour=FADED, baseline=100, rtl=rtl, after=84)
