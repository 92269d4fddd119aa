"""The way into the desk, as a browser takes it."""

from __future__ import annotations

from playwright.sync_api import Page


def test_the_desk_opens_with_name_and_password(desk_page: Page) -> None:
    assert desk_page.locator("#site-name").inner_text() == "Undersigned"
    desk_page.goto("/desk/signatures/petition/")
    assert desk_page.locator("#result_list").get_by_text("xinjiang").count()
