import io
import xml.etree.ElementTree as ET

import pytest
from django.test import Client
from PIL import Image

from signatures.counter.badge import Badge, can_draw, draw_png, draw_svg
from signatures.models import Tally
from tests.factories import make_petition

URL = "/embed/v1/en/water/badge"
SVG = "{http://www.w3.org/2000/svg}"


def parsed(drawing):
    return ET.fromstring(drawing)  # noqa: S314  we drew it


def said(answer):
    return parsed(answer.content).find(f"{SVG}title").text


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "323,832 people have signed"), ("fr", "323\u202f832")],
)
def test_the_svg_says_the_count_in_its_language(petition, language, words):
    answer = Client().get(f"/embed/v1/{language}/water/badge.svg")
    assert answer["Content-Type"] == "image/svg+xml"
    assert words in said(answer)


@pytest.mark.parametrize("name", ["svg", "png"])
def test_any_site_may_show_it_and_caches_keep_it_for_a_minute(petition, name):
    answer = Client().get(f"{URL}.{name}")
    assert answer["Cache-Control"].startswith("public, max-age=60, stale-while-revalidate=60")
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert not answer.cookies


@pytest.mark.parametrize(("state", "mark"), [("closed", "Closed"), ("delivered", "Delivered")])
def test_what_is_over_says_so(db, state, mark):
    petition = make_petition(slug="water", state=state)
    assert said(Client().get(f"{URL}.svg")) == mark
    Tally.objects.create(petition=petition, total=5, version=1, as_of=petition.opened_at)
    from signatures.tally import snapshot

    snapshot.forget()
    assert said(Client().get(f"{URL}.svg")) == f"{mark} · 5 people have signed"


def test_nobody_yet_is_not_shown_as_a_zero(db):
    make_petition(slug="water")
    assert said(Client().get(f"{URL}.svg")) == "Sign this letter"


def test_the_svg_is_self_contained_and_its_text_fits_whatever_the_font():
    drawing = draw_svg(Badge("12,345 people have signed", "12,345", "Water & <rights>", rtl=False))
    root = parsed(drawing)
    text = root.find(f"{SVG}text")
    assert int(text.get("textLength")) + 48 == int(root.get("width"))
    assert root.find(f"{SVG}desc").text == "Water & <rights>"
    for forbidden in (b"<script", b"<style", b"style=", b"href", b"url(", b"<foreignObject"):
        assert forbidden not in drawing


def test_a_right_to_left_badge_is_a_mirrored_one():
    ltr, rtl = (parsed(draw_svg(Badge("وقّع ٣ أشخاص", "3", "", rtl=each))) for each in (False, True))
    assert ltr.findall(f"{SVG}rect")[1].get("x") == "0"
    assert int(rtl.findall(f"{SVG}rect")[1].get("x")) > 100
    assert rtl.find(f"{SVG}text").get("direction") == "rtl"


def test_the_png_is_drawn_for_dense_screens():
    picture = Image.open(io.BytesIO(draw_png(Badge("12,345 people have signed", "12,345", "", rtl=False))))
    assert picture.height == 56
    assert picture.width > 400
    assert len(picture.getcolors(10_000)) > 2


@pytest.mark.parametrize(
    "words", ["323 832 людей подписали", "1 адам қол қойды ҢңӨөҰұҮүҺһІі", "323\u202f832 ont signé"]
)
def test_our_font_has_the_letters_of(words):
    assert can_draw(words)


def test_where_no_font_has_the_letters_a_png_shows_the_figure_alone():
    assert not can_draw("已有 323,832 人签名")
    chinese = draw_png(Badge("已有 323,832 人签名", "323,832", "", rtl=False))
    assert chinese == draw_png(Badge("323,832", "323,832", "", rtl=False))
