"""A signer who wrote to the campaign: found, revealed and in the audit; the list by day and night, wide and narrow."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.stack import Stack

ADDRESS = "grace.hopper@desk-signer.example.org"
LIST = "/desk/signatures/signature/"


@pytest.fixture(scope="module", autouse=True)
def signers(stack: Stack) -> None:
    """Some hundred who confirmed, and some who were held."""
    stack.manage("simulate", "--signatures", "130", "--countries", "40", "--seed", "11")
    stack.sql(
        """
        UPDATE signatures_signature
        SET state = 'held', held_at = now(), held_from = 'confirmed', held_reason = 'many addresses of one mail domain'
        WHERE id IN (SELECT id FROM signatures_signature WHERE state = 'confirmed' ORDER BY id DESC LIMIT 12)
        """
    )


def _find(page: Page, text: str) -> None:
    page.goto(LIST)
    page.get_by_role("textbox", name="Find").fill(text)
    page.get_by_role("search").get_by_role("button", name="Find").click()
    page.wait_for_load_state()


def test_a_signer_is_found_revealed_and_the_audit_knows(desk_page, desk_password, stack):
    page = desk_page
    page.goto("/en/xinjiang/")
    page.locator("#id_name").fill("Grace Hopper")
    page.locator("#id_email").fill(ADDRESS)
    page.locator("#id_country").select_option("US")
    page.locator("form:has(#id_name) button[type=submit]").click()
    page.wait_for_url("**/check/**")

    _find(page, ADDRESS)
    assert "grace" not in page.url
    expect(page.locator(".messagelist")).to_contain_text("1 signature matches exactly.")
    assert "Grace" not in page.content()
    page.locator("#result_list tbody a").click()
    page.wait_for_url("**/change/**")
    page.get_by_role("link", name="Reveal…").click()
    if "confirm-identity" in page.url:
        page.locator("#id_password").fill(desk_password)
        page.locator("#content [type=submit]").click()
    page.get_by_label("Reason").fill("she asked what we hold")
    page.get_by_role("button", name="Reveal").click()
    expect(page.locator(".revealed")).to_contain_text("Grace Hopper")
    expect(page.locator(".revealed")).to_contain_text(ADDRESS)

    page.goto("/desk/signatures/auditentry/?action=reveal")
    row = page.locator("#result_list tbody tr").first
    expect(row).to_contain_text("she asked what we hold")
    assert "Grace" not in page.content()
    page.goto("/desk/signatures/auditentry/?action=search")
    assert "grace" not in page.content()
    kept = stack.sql("SELECT count(*) FROM django_session WHERE session_data LIKE '%%race%%'")
    assert kept == [(0,)]


def test_what_is_typed_becomes_the_choices_beside_the_list(desk_page):
    _find(desk_page, "held signatures")
    expect(desk_page.locator(".what-is-shown h2")).to_have_text(re.compile(r"Held signatures \d+"))
    assert desk_page.locator("#id_state").input_value() == "held"
    rows = desk_page.locator("#result_list tbody tr")
    assert rows.count() == rows.filter(has_text="held for review").count() >= 12
    desk_page.locator("#id_state").select_option("confirmed")
    desk_page.get_by_role("button", name="Show").click()
    expect(desk_page.locator(".what-is-shown h2")).to_contain_text("Confirmed signatures")


def _accessible(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    width: Any = page.viewport_size
    assert page.evaluate("document.documentElement.scrollWidth") <= width["width"], page.url


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(open_desk, scheme, width):
    # axe is put into the page by the test, which the desk's own policy would refuse.
    page = open_desk(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
    for path in (LIST, f"{LIST}?state=held", f"{LIST}?state=erased", f"{LIST}?signed_from=never"):
        page.goto(path)
        _accessible(page)
    _find(page, "held Ada Example")
    _accessible(page)
    page.goto(f"{LIST}?state=held")
    page.locator("#result_list tbody th a").first.click()
    page.wait_for_url("**/change/**")
    _accessible(page)
