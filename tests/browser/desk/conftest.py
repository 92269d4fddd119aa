"""A member of staff in front of Chromium, logged in through the real log-in page of the running stack."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page

from tests.stack import Stack

OpenDesk = Callable[..., Page]


@pytest.fixture(scope="session")
def desk_password(stack: Stack) -> str:
    """The password of the stack's administrator, whose name is `staff`."""
    return stack.manage("createstaff", "staff").split()[-1]


@pytest.fixture
def open_desk(chromium: Browser, stack: Stack, desk_password: str) -> Iterator[OpenDesk]:
    """Log in with a fresh browser and give its page, at the desk; takes Playwright's options for a context.

    `username` and `password` log in as somebody else than the administrator. At the end no page may have had an error
    in its scripts or have been refused anything by the Content-Security-Policy.
    """
    contexts, complaints = [], []

    def said(message: ConsoleMessage) -> None:
        # Chromium reports every status from 400 up as an error; whether it was meant, the test knows. What has no
        # address is no page's doing: axe, for one, tries a style of its own.
        ours = message.location["url"] and "the server responded with a status of" not in message.text
        if message.type == "error" and ours:
            complaints.append(message.text)

    def opening(*, username: str = "staff", password: str = "", **options: Any) -> Page:
        context = chromium.new_context(base_url=stack.url, **options)
        context.set_default_timeout(20_000)
        contexts.append(context)
        context.on("console", said)
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        page = context.new_page()
        page.goto("/desk/login/?next=/desk/")
        page.locator("#id_username").fill(username)
        page.locator("#id_password").fill(password or desk_password)
        page.locator("#login-form [type=submit]").click()
        page.wait_for_url("**/desk/")
        return page

    yield opening
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def desk_page(open_desk: OpenDesk) -> Page:
    """The administrator's page, 1280 × 900."""
    return open_desk(viewport={"width": 1280, "height": 900})
