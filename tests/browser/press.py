"""A click that leads to another page."""

from __future__ import annotations

from playwright.sync_api import Locator


def press(what: Locator) -> None:
    """Click, and come back when the page it leads to is there.

    Waiting for the load afterwards would not do: on a busy machine the page before it is still there, and loaded.
    """
    with what.page.expect_navigation():
        what.click()
