"""The count as a small picture, for pages where nothing else may stand: SVG, and PNG for what cannot show that.

Both are drawn from the same words and measured with the same font, a part of DejaVu Sans Bold that this folder holds.
A reader's browser draws the SVG with a font of its own, so the text is fitted into the width that was measured.
"""

from __future__ import annotations

import io
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.template.loader import render_to_string
from PIL import Image, ImageDraw, ImageFont, features

FONT = Path(__file__).parent / "fonts" / "DejaVuSans-Bold.ttf"
HEIGHT, SIZE, EDGE, MARK = 28, 13, 9, 30  # pixels: the badge, its letters, the space around them, the pen's field
SCALE = 2  # a PNG is drawn for dense screens
INK, PAPER = "#1b4b8a", "#fdfcf8"
PEN = [(8, 20), (11, 13), (14, 10), (15, 13), (13, 18), (17, 17), (19, 16), (22, 17)]


@dataclass(frozen=True, slots=True)
class Badge:
    """What a badge says. `short` is what a PNG shows where no font of ours has the letters of `words`."""

    words: str
    short: str
    title: str
    rtl: bool


@lru_cache(maxsize=4)
def _font(scale: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONT, SIZE * scale)


@lru_cache(maxsize=1)
def _letters() -> frozenset[str]:
    """Every character that the font can draw: one that it cannot is drawn as its empty box."""
    font = ImageFont.truetype(FONT, SIZE, layout_engine=ImageFont.Layout.BASIC)
    missing = bytes(font.getmask("\U0010ffff"))
    return frozenset(char for char in map(chr, range(0x20, 0x700)) if bytes(font.getmask(char)) != missing)


def can_draw(text: str) -> bool:
    """Whether our font has the letters, and this machine can join them if they are Arabic ones."""
    known = all(char in _letters() or char in " \u00a0\u202f" for char in text)
    joined = any(unicodedata.bidirectional(char) in ("AL", "R") for char in text)
    return known and (not joined or bool(features.check("raqm")))


def _width(text: str) -> int:
    """Pixels that the text takes; a character that we cannot draw is counted as a square."""
    drawn = "".join(char if char in _letters() else " " for char in text)
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return round(_font(1).getlength(drawn) + wide * SIZE * 0.7)


def draw_svg(badge: Badge) -> bytes:
    """Self-contained: no font, no style sheet, no script, and a title and a description to read out."""
    length = _width(badge.words)
    width = length + 2 * EDGE + MARK
    return render_to_string(
        "embed/badge.svg",
        {
            "badge": badge,
            "length": length,
            "width": width,
            "height": HEIGHT,
            "size": SIZE,
            "middle": EDGE + length // 2 + (0 if badge.rtl else MARK),
            "mark": width - MARK if badge.rtl else 0,
            "mark_width": MARK,
            "pen": " ".join(f"{x},{y}" for x, y in PEN),
            "ink": INK,
            "paper": PAPER,
        },
    ).encode()


@lru_cache(maxsize=256)
def draw_png(badge: Badge) -> bytes:
    """The same, twice as large, to be shown at half its size."""
    text = badge.words if can_draw(badge.words) else badge.short
    shaped = features.check("raqm")
    font = _font(SCALE)
    length = round(font.getlength(text))
    width = length + (2 * EDGE + MARK) * SCALE
    picture = Image.new("RGBA", (width, HEIGHT * SCALE))
    draw = ImageDraw.Draw(picture)
    box, radius = (0, 0, width - 1, HEIGHT * SCALE - 1), 5 * SCALE
    draw.rounded_rectangle(box, radius, fill=PAPER)
    start = width - MARK * SCALE if badge.rtl else 0
    corners = (not badge.rtl, badge.rtl, badge.rtl, not badge.rtl)
    draw.rounded_rectangle((start, 0, start + MARK * SCALE, HEIGHT * SCALE), radius, fill=INK, corners=corners)
    draw.rounded_rectangle(box, radius, outline=INK, width=SCALE)
    pen = [(start + x * SCALE, y * SCALE) for x, y in PEN]
    draw.line(pen, fill=PAPER, width=2 * SCALE, joint="curve")
    draw.text(
        ((EDGE + (0 if badge.rtl else MARK)) * SCALE, HEIGHT * SCALE / 2),
        text,
        fill=INK,
        font=font,
        anchor="lm",
        direction="rtl" if shaped and badge.rtl and text == badge.words else None,
    )
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()
