"""How the letter looks: its face, that nothing moves, that the form is one tap away, on paper, at any size."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import LazySettings, settings
from fontTools.ttLib import TTFont
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from signatures.letters import read
from signatures.models import Petition
from signatures.signing.pages import letter_page
from tests.factories import make_consent
from tests.fonts import PAGES

from .conftest import OpenPage
from .test_letter_page import with_stream

PHONE = {"width": 390, "height": 700}
WATCH_SHIFTS = """window.shifts = [];
new PerformanceObserver((list) => window.shifts.push(...list.getEntries().map((entry) => entry.value)))
  .observe({ type: "layout-shift", buffered: true });"""

# What has more in it than its own box shows, and no way to scroll there.
CUT_OFF = """() => [...document.querySelectorAll("main *, header *, footer *")]
  .filter((each) => each.checkVisibility() && !each.closest(".visually-hidden, svg, select, option, input, textarea"))
  .filter((each) => ["hidden", "clip"].includes(getComputedStyle(each).overflowX))
  .filter((each) => each.scrollWidth > each.clientWidth + 1)
  .map((each) => each.outerHTML.slice(0, 80))"""


@pytest.fixture
def letter(live_server: LiveServer, petition: Petition, open_page: OpenPage) -> Page:
    page = open_page(viewport=PHONE, reduced_motion="reduce")  # where it is now, not where it is scrolling to
    page.goto(f"{live_server.url}/en/water/")
    return page


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("language", [code for code, _ in settings.LANGUAGES])
def test_nothing_shifts_as_it_loads(
    live_server: LiveServer, petition: Petition, open_page: OpenPage, *, width: int, language: str
) -> None:
    page = open_page(viewport={"width": width, "height": 800})
    page.add_init_script(WATCH_SHIFTS)
    page.route("**/*.woff2", lambda route: (page.wait_for_timeout(300), route.continue_())[1])  # a slow line
    page.goto(f"{live_server.url}/{language}/water/", wait_until="networkidle")
    page.evaluate("document.fonts.ready.then(() => true)")
    assert page.evaluate("window.shifts") == []

    page.locator(".share").scroll_into_view_if_needed()  # its script comes now, and shows its buttons
    page.locator("[data-copies]").first.wait_for()
    page.wait_for_timeout(100)
    assert page.evaluate("window.shifts") == []


def test_the_letter_is_set_in_our_own_face(live_server: LiveServer, petition: Petition, open_page: OpenPage) -> None:
    page = open_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    page.goto(f"{live_server.url}/en/water/", wait_until="networkidle")
    page.reload(wait_until="networkidle")  # optional: there from the second page on, whatever the line

    assert {name for name in asked if name.endswith("woff2")} == {"serif-latin.woff2"}
    devtools = page.context.new_cdp_session(page)
    devtools.send("DOM.enable")
    devtools.send("CSS.enable")
    root = devtools.send("DOM.getDocument")["root"]["nodeId"]
    node = devtools.send("DOM.querySelector", {"nodeId": root, "selector": ".body p"})["nodeId"]
    fonts = devtools.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
    assert {font["familyName"] for font in fonts} == {"Undersigned Serif"}


def test_the_ranges_of_the_style_sheet_are_what_the_fonts_have() -> None:
    css = (settings.BASE_DIR / "static" / "css" / "site.css").read_text()
    found = re.findall(r"fonts/([\w-]+\.woff2).*?unicode-range: ([^;]+);", css)
    assert len(found) == 5
    for name, ranges in found:
        spans = [span.strip().removeprefix("U+").split("-") for span in ranges.split(",")]
        said = {code for span in spans for code in range(int(span[0], 16), int(span[-1], 16) + 1)}
        has = set(TTFont(PAGES / name).getBestCmap())
        assert len(said & has) > 0.5 * len(said)  # Unicode has gaps, and so has the face
        assert not has - said or name == "serif-cyrillic.woff2"  # which has ASCII for a family of its own


def test_fonts_are_small_and_carry_their_licence() -> None:
    assert "SIL OPEN FONT LICENSE" in (PAGES / "LICENSE.txt").read_text().upper()
    for path in Path(PAGES).glob("*.woff2"):
        signature, _flavor, length = struct.unpack(">4sII", path.read_bytes()[:12])
        assert signature == b"wOF2"
        assert length == path.stat().st_size < 40_000


@pytest.mark.parametrize("language", [code for code, _ in settings.LANGUAGES])
def test_a_page_asks_first_for_the_font_that_it_needs(
    live_server: LiveServer, petition: Petition, open_page: OpenPage, language: str
) -> None:
    html = httpx.get(f"{live_server.url}/{language}/water/").text
    preloaded = re.findall(r'<link rel="preload" as="font"[^>]+href="([^"]+)"', html)
    assert len(preloaded) == (0 if language in {"ar", "ug", "zh-hans"} else 1)
    for url in preloaded:
        assert httpx.get(live_server.url + url).status_code == 200


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_the_form_is_one_tap_away_from_anywhere_in_the_letter(
    live_server: LiveServer, petition: Petition, open_page: OpenPage, *, javascript: bool
) -> None:
    Petition.objects.get().letters.update(body="A word to you. " * 2_000)
    page = open_page(viewport=PHONE, java_script_enabled=javascript, reduced_motion="reduce")
    page.goto(f"{live_server.url}/en/water/")
    reach = page.get_by_role("link", name="Sign this letter")
    expect(reach).to_be_in_viewport()
    page.mouse.wheel(0, 5_000)
    expect(reach).to_be_in_viewport()
    reach.click()
    expect(page.get_by_label("Your name")).to_be_in_viewport()
    form, bar = page.locator("#sign").bounding_box(), page.locator(".reach").bounding_box()
    assert form and bar
    assert bar["y"] + bar["height"] <= form["y"]  # at rest above the form, covering nothing


def test_what_has_the_focus_is_not_under_the_bar(letter: Page) -> None:
    paragraphs = (f"Words, words, words.\n\n[Source {n}](https://example.org/{n})" for n in range(40))
    Petition.objects.get().letters.update(body="\n\n".join(paragraphs))
    for memory in (read._published, letter_page._ready):
        memory.clear()
    letter.reload()
    links = letter.locator(".body a")
    assert links.count() == 40
    links.first.focus()
    for _ in range(39):
        letter.keyboard.press("Tab")
        focused, bar = (
            letter.evaluate("selector => document.querySelector(selector).getBoundingClientRect().toJSON()", selector)
            for selector in (":focus", ".reach")
        )
        assert focused["bottom"] <= bar["top"]


def test_targets_are_large_enough(letter: Page) -> None:
    small = letter.evaluate(
        """() => [...document.querySelectorAll("a, button, input:not([type=hidden]), summary")]
          .filter((each) => !each.closest("p, .body") && !each.matches(".skip") && each.checkVisibility())
          .map((each) => [each.outerHTML.slice(0, 80), each.getBoundingClientRect()])
          .filter(([, box]) => box.width < 24 || box.height < 24)"""
    )
    assert small == []


@pytest.mark.parametrize("language", ["en", "fr", "ar"])
@pytest.mark.parametrize("path", ["", "record/", "record/count/", "embed/", "my-signature/"])
def test_at_twice_the_size_nothing_is_cut_off(
    live_server: LiveServer, petition: Petition, open_page: OpenPage, *, path: str, language: str
) -> None:
    make_consent(language)
    page = open_page(viewport={"width": 640, "height": 400}, device_scale_factor=2)  # 1280 by 800 at 200 %
    page.goto(f"{live_server.url}/{language}/water/{path}")

    assert page.evaluate("document.documentElement.scrollWidth") <= 640
    assert page.evaluate(CUT_OFF) == []
    if not path:
        expect(page.locator(".reach a")).to_be_in_viewport()


def test_on_paper_stands_the_letter_alone(letter: Page) -> None:
    letter.emulate_media(media="print", color_scheme="dark")

    for selector in (".top", ".foot", ".reach", "#sign", ".count"):
        expect(letter.locator(selector)).to_be_hidden()
    expect(letter.get_by_role("heading", level=1)).to_be_visible()
    expect(letter.locator(".body")).to_be_visible()
    assert letter.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert letter.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert letter.pdf(format="A4").startswith(b"%PDF")
    assert len(re.findall(rb"/Type /Page\b", letter.pdf(format="Letter"))) == 1


def test_right_to_left_needs_no_rules_of_its_own(
    live_server: LiveServer, petition: Petition, open_page: OpenPage, settings: LazySettings
) -> None:
    settings.LANGUAGES = [*settings.LANGUAGES, ("ar", "Arabic")]  # whether or not it is translated
    for width in (320, 1280):
        page = open_page(viewport={"width": width, "height": 700})
        page.goto(f"{live_server.url}/ar/water/")
        expect(page.locator("html")).to_have_attribute("dir", "rtl")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.evaluate("document.fonts.size > 0 && getComputedStyle(document.body).direction") == "rtl"
        page.locator("#id_country-search").fill("peru")
        listed, box, tick, words = (
            page.locator(selector).first.bounding_box()
            for selector in ("[role=listbox]", "#id_country-search", ".choice input", ".choice label")
        )
        assert listed
        assert box
        assert tick
        assert words
        assert (listed["x"], listed["width"]) == (box["x"], box["width"])
        assert tick["x"] > words["x"]
        assert [each["id"] for each in Axe().run(page).response["violations"]] == []


def test_with_reduced_motion_nothing_moves_by_itself(
    live_server: LiveServer, petition: Petition, open_page: OpenPage
) -> None:
    page = open_page(reduced_motion="reduce")
    page.goto(f"{live_server.url}/en/water/")

    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
    assert page.evaluate("document.getAnimations().length") == 0


@pytest.mark.parametrize(
    ("total", "said"),
    [
        (323_999, ""),
        (330_001, "330,001 people from 184 countries and territories"),
        (400_000, "400,000 people from 184 countries and territories. The goal of 400,000 is reached"),
    ],
)
def test_the_count_speaks_only_at_milestones(
    live_server: LiveServer, petition: Petition, open_page: OpenPage, *, total: int, said: str
) -> None:
    page = open_page()
    with_stream(page, {"version": 8, "total": total, "countries": 184})
    page.goto(f"{live_server.url}/en/water/")
    expect(page.locator(".total")).to_contain_text(f"{total:,}")

    expect(page.locator("[data-milestone]")).to_have_text(said)
    assert page.locator(".total").evaluate("element => !element.closest('[aria-live], [role=status]')")
