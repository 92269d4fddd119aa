"""Chromium against the running stack, watched for what a public page must never do."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.stack import Stack

QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
QUIET += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert path, "Chromium is missing: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()


# Names on the list, on more than one page of it, and an update.
LIVED_IN = """
from signatures.models import Petition
from signatures.signing.review.names import approve_names, publish_names, waiting_names
from tests.factories import make_update
names = waiting_names(most=1000, petition_ids=Petition.objects.values_list("pk", flat=True))
assert len(names) > 200, len(names)
approve_names([(each.signature_id, each.digest) for each in names], actor=None)
assert publish_names() > 200
make_update(Petition.objects.get(slug="xinjiang"), title="We met the minister")
"""


@pytest.fixture(scope="session")
def lived_in(stack: Stack) -> Stack:
    """The stack with something on every page of the letter's record."""
    stack.manage("simulate", "--signatures", "3000", "--countries", "40", "--seed", "1")
    stack.manage("shell", "-c", LIVED_IN)
    return stack


@dataclass
class Watched:
    """A page and what it did behind its back."""

    page: Page
    context: BrowserContext
    origin: str
    complaints: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def nothing_untoward(self) -> None:
        """No request to another origin, no cookie, no storage, no word in the console."""
        assert not self.foreign
        assert not self.context.cookies()
        assert not self.context.storage_state()["origins"]
        assert not self.complaints


@pytest.fixture
def visit(chromium: Browser, stack: Stack) -> Iterator[Callable[..., Watched]]:
    """Open a path of the stack in a context of its own; keyword arguments are Playwright's."""
    contexts: list[BrowserContext] = []

    def opening(path: str = "/en/xinjiang/", **how: Any) -> Watched:
        context = chromium.new_context(base_url=stack.url, **how)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        watched = Watched(page, context, urlsplit(stack.url).netloc)
        page.on(
            "request", lambda r: watched.foreign.append(r.url) if urlsplit(r.url).netloc != watched.origin else None
        )
        page.on("pageerror", lambda error: watched.complaints.append(str(error)))
        page.on(
            "console",
            # Chromium itself reports every 422 as an error; that is the status we mean to send.
            lambda m: (
                watched.complaints.append(m.text) if m.type in ("error", "warning") and "422" not in m.text else None
            ),
        )
        page.goto(path)
        return watched

    yield opening
    for context in contexts:
        context.close()
