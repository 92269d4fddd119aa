"""The page where a partner chooses a counter."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from signatures.models import Petition
from tests.browser.pages.conftest import OpenPage


def test_without_javascript_the_button_shows_what_was_chosen(
    live_server: LiveServer, petition: Petition, open_page: OpenPage
) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(f"{live_server.url}/en/water/")
    page.get_by_role("link", name="Show the count on your site").click()
    page.get_by_label("A frame, without a script of ours in your page").check()
    page.get_by_label("Language", exact=True).select_option("fr")
    page.get_by_label("Your tag").fill("paper-1")
    page.get_by_role("button", name="Show").click()

    assert "/embed/v1/fr/water/?accent=%233b7dd8&amp;s=paper-1" in page.locator("#code").input_value()
    expect(page.frame_locator(".preview iframe").locator("body")).to_contain_text("323\u202f832")
    assert page.locator("#copy").is_hidden()


def test_what_is_chosen_is_seen_at_once_and_can_be_copied(
    live_server: LiveServer, petition: Petition, open_page: OpenPage
) -> None:
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    complaints: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{live_server.url}/en/water/embed/")
    page.locator(".preview").scroll_into_view_if_needed()
    expect(page.locator(".preview .number")).to_have_text("323,832")

    page.get_by_label("Language", exact=True).select_option("fr")
    expect(page.locator(".preview .number")).to_have_text("323\u202f832")
    page.get_by_label("Background").select_option("dark")
    expect(page.locator(".preview [theme=dark]")).to_be_visible()
    page.get_by_label("Your tag").fill("paper-1")
    expect(page.locator(".preview [source=paper-1]")).to_be_visible()
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("status")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert 'lang="fr" variant="bar" theme="dark" accent="#3b7dd8" source="paper-1"' in copied
    assert copied == page.locator("#code").input_value()
    assert "s=paper-1" in page.url

    page.get_by_label("A picture (SVG)").check()
    expect(page.locator(".preview img")).to_be_visible()
    assert page.locator(".preview img").evaluate("e => e.decode().then(() => e.naturalWidth)") > 150
    assert complaints == []


@pytest.mark.parametrize("width", [320, 1200])
@pytest.mark.parametrize("query", ["", "?kind=frame", "?kind=png&s=No+Tag"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible_and_fits(
    live_server: LiveServer, petition: Petition, open_page: OpenPage, *, query: str, width: int, scheme: str
) -> None:
    page = open_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page.goto(f"{live_server.url}/en/water/embed/{query}")
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page).response["violations"]
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []
