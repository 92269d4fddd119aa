"""Publish a letter, as a campaign's staff do: bring it in, correct it, show a draft, open it, see it public."""

from __future__ import annotations

import re

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.letters.word import document, paragraph, run
from tests.stack import Stack

from .conftest import OpenDesk

pytestmark = pytest.mark.xdist_group("desk")
SLUG = "open-the-river"


def letter_as_it_came() -> bytes:
    return document(
        paragraph("Friends of the River"),
        paragraph("Reference: FR 12/2026"),
        paragraph("11 March 2026"),
        paragraph("To every mayor on the river"),
        paragraph("Dear mayors,"),
        paragraph("Subject: Open the river"),
        paragraph("We write because ", run("ten towns", bold=True), " drink from a river that is closed to them."),
        paragraph("Yours sincerely,"),
        paragraph("Ada Example, Chair"),
    )


def test_a_letter_is_brought_in_shown_as_a_draft_opened_and_public(
    desk_page: Page, open_desk: OpenDesk, stack: Stack
) -> None:
    page = desk_page
    page.goto("/desk/signatures/petition/import/")
    file = {"name": "letter.docx", "mimeType": "application/octet-stream", "buffer": letter_as_it_came()}
    page.locator("#id_file").set_input_files(file)
    page.get_by_role("button", name="Read the file").click()

    # What was understood, beside the letter as it will look. Nothing is stored.
    expect(page.locator("#id_title")).to_have_value("Open the river")
    expect(page.locator("#id_reference")).to_have_value("FR 12/2026")
    expect(page.locator("#id_signatory")).to_have_value("Ada Example")
    page.locator("iframe.letter-preview").scroll_into_view_if_needed()
    frame = page.frame_locator("iframe.letter-preview")
    expect(frame.locator("article strong")).to_have_text("ten towns")
    page.locator("#id_addressee").fill("To the mayors of all ten towns")
    expect(frame.locator(".addressee")).to_have_text("To the mayors of all ten towns")
    assert stack.sql("SELECT count(*) FROM signatures_petition WHERE slug = %s", SLUG) == [(0,)]
    page.locator("#id_slug").fill(SLUG)
    page.get_by_role("button", name="Save the letter").click()

    # The draft, read by its link without a login.
    expect(page.locator(".success")).to_contain_text("The letter is imported")
    assert httpx.get(f"{stack.url}/en/{SLUG}/", timeout=20).status_code == 404
    page.get_by_role("link", name="Preview link…").click()
    page.locator("#id_reason").fill("for the board")
    page.get_by_role("button", name="Make a preview link").click()
    link = page.locator(".field-preview_link a").get_attribute("href") or ""
    board = page.context.browser.new_context().new_page()  # type: ignore[union-attr]
    board.goto(link)
    expect(board.locator(".addressee")).to_have_text("To the mayors of all ten towns")
    expect(board.get_by_role("button", name="Sign this letter")).to_be_disabled()
    assert not board.context.cookies()
    board.get_by_role("link", name="Français").click()
    expect(board.locator("html")).to_have_attribute("lang", "fr")

    # Open it; it is public, and the draft's link leads there.
    page.get_by_role("link", name="Open…").click()
    page.locator("#id_reason").fill("the launch")
    page.get_by_role("button", name="Open the petition").click()
    expect(page.locator(".success")).to_contain_text("The petition is open.")
    board.wait_for_timeout(600)  # PAGE_TTL of the other processes
    board.goto(link)
    expect(board).to_have_url(re.compile(rf"/en/{SLUG}/$"))
    expect(board.get_by_role("button", name="Sign this letter")).to_be_enabled()
    board.context.close()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1400), ("dark", 360)])
def test_the_pages_of_a_letter_are_whole_at_every_width(
    open_desk: OpenDesk, stack: Stack, scheme: str, width: int
) -> None:
    page = open_desk(viewport={"width": width, "height": 900}, color_scheme=scheme)
    (petition,) = stack.sql("SELECT id FROM signatures_petition WHERE slug = 'xinjiang'")[0]
    for path in (f"{petition}/change/", "import/", f"{petition}/pause/"):
        page.goto(f"/desk/signatures/petition/{path}")
        if path.endswith("change/"):
            page.locator("iframe.letter-preview").first.scroll_into_view_if_needed()
            frame = page.frame_locator("iframe.letter-preview >> nth=0")
            expect(frame.locator("article .body")).not_to_be_empty()
            assert page.locator("iframe.letter-preview").count() == page.locator("textarea[name$='-body']").count() - 1
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        found = Axe().run(page).response["violations"]
        assert [(each["id"], [node["target"] for node in each["nodes"]][:3]) for each in found] == [], path
