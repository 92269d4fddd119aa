"""The frame and the badges in the pages of others."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from signatures.models import Petition

from .conftest import Edge, Partner, Visit, documented

Visiting = Callable[..., Visit]


def policy(kind: str, edge: Edge) -> str:
    return f"default-src 'none'; {documented(kind).replace('https://letters.example', edge.origin)}"


def frame(edge: Edge, language: str, query: str = "") -> str:
    return f'<iframe src="{edge.origin}/embed/v1/{language}/water/{query}" title=Count width=360 height=200></iframe>'


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ("have signed", "Goal: 400,000", "Sign this letter")), ("fr", ("Objectif", "Signer cette lettre"))],
)
def test_the_frame_says_the_count_with_and_without_scripts(
    edge: Edge,
    partner: Partner,
    visit: Visiting,
    petition: Petition,
    *,
    language: str,
    words: tuple[str],
    scripts: bool,
) -> None:
    partner.show(frame(edge, language, "?s=paper-1"), policy=policy("csp-frame", edge))
    seen = visit(java_script_enabled=scripts)
    inside = seen.page.frame_locator("iframe")
    for each in words:
        expect(inside.locator("body")).to_contain_text(each)
    expect(inside.locator("body")).to_contain_text("323,832" if language == "en" else "323\u202f832")
    if scripts:
        expect(inside.locator("petition-counter .live")).to_be_visible()
        expect(inside.locator("[slot=before]")).to_be_hidden()
    assert inside.locator("html").evaluate("e => e.scrollHeight <= e.clientHeight")
    assert seen.complaints == []
    assert seen.page.context.cookies() == []

    inside.locator(".sign a").click()
    seen.page.wait_for_url(f"{edge.origin}/{language}/water/?s=paper-1")


@pytest.mark.parametrize(("variant", "height"), [("bar", 200), ("compact", 160), ("countries", 320)])
@pytest.mark.parametrize("language", ["en", "fr", "ar"])
def test_a_long_title_pushes_neither_the_count_nor_the_button_out_of_the_frame(
    edge: Edge, partner: Partner, visit: Visiting, petition: Petition, *, language: str, variant: str, height: int
) -> None:
    petition.letters.update(title="An open letter to all of the governments of the world, on what they owe us " * 2)
    edge.said["/countries"] = (200, {"countries": [{"code": code, "number": 12} for code in ("FR", "DE", "PE")]})
    partner.show(frame(edge, language, f"?variant={variant}").replace("height=200", f"height={height}"))
    seen = visit()
    inside = seen.page.frame_locator("iframe")
    inside.locator("petition-counter .live").wait_for()
    assert inside.locator("html").evaluate("e => e.scrollHeight <= e.clientHeight")
    button = inside.locator(".sign a").evaluate("e => e.getBoundingClientRect().bottom")
    assert button <= height


def test_the_letter_itself_is_not_framed(edge: Edge, partner: Partner, visit: Visiting, petition: Petition) -> None:
    partner.show(f'<iframe src="{edge.origin}/en/water/"></iframe>')
    seen = visit()
    seen.wait_until(lambda: bool(seen.complaints))
    assert "frame-ancestors" in seen.complaints[0]


def test_the_frames_own_figures_give_way_without_a_move(
    edge: Edge, partner: Partner, visit: Visiting, petition: Petition
) -> None:
    edge.slow = 0.2
    partner.show(frame(edge, "en"))
    seen = visit()
    inside = seen.page.frames[1]
    inside.locator("petition-counter .live").wait_for()
    moved = inside.evaluate(
        """() => new Promise(done => {
            new PerformanceObserver(list => done(list.getEntries().map(e => e.value)))
                .observe({type: "layout-shift", buffered: true});
            setTimeout(() => done([]), 300);
        })"""
    )
    assert moved == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("query", ["", "?variant=compact", "?theme=dark&accent=%23a5231b"])
def test_the_frame_is_accessible(
    edge: Edge, partner: Partner, visit: Visiting, petition: Petition, *, query: str, scheme: str
) -> None:
    partner.show(f"<main><h1>News</h1>{frame(edge, 'en', query)}</main>")
    seen = visit(color_scheme=scheme)
    seen.page.frame_locator("iframe").locator("petition-counter .live").wait_for()
    found = Axe().run(seen.page).response["violations"]
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []


@pytest.mark.parametrize("kind", ["svg", "png"])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_badge_is_shown_under_the_documented_line_without_scripts(
    edge: Edge, partner: Partner, visit: Visiting, petition: Petition, *, kind: str, language: str
) -> None:
    image = f'<img src="{edge.origin}/embed/v1/{language}/water/badge.{kind}" alt=Count height=28 crossorigin>'
    partner.show(image, policy=policy("csp-badge", edge))
    seen = visit(java_script_enabled=False)
    assert seen.page.locator("img").evaluate("e => e.complete && e.naturalWidth") > 150
    assert seen.page.locator("img").evaluate("e => e.height") == 28
    assert seen.complaints == []


def test_the_svg_fits_its_text_into_its_box(edge: Edge, visit: Visiting, partner: Partner, petition: Petition) -> None:
    page = visit().page
    page.goto(f"{edge.origin}/embed/v1/en/water/badge.svg")
    text, box = page.evaluate(
        "[document.querySelector('text').getBBox(), document.documentElement.getBoundingClientRect()]"
        ".map(({x, width}) => [x, x + width])"
    )
    assert box[0] + 30 < text[0]
    assert text[1] < box[1] - 5
