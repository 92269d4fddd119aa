"""A petition that closes while it is being read: its last count is shown, and nobody asks again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from signatures.models import Petition

from .conftest import OpenPage

LAST = {"version": 8, "total": 323_833, "countries": 184}


def asked_for(page: Page) -> list[str]:
    """The requests for the count that the page makes from now on, as they come."""
    found: list[str] = []
    page.on("request", lambda request: found.append(request.url) if request.url.endswith(("stream", "tally")) else None)
    return found


def look_away_and_back(page: Page) -> None:
    """What makes an open page begin anew; then a round trip, behind which no request of its own can be."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.evaluate("fetch('/healthz').then(answer => answer.status)")


@pytest.mark.parametrize("state", ["open", "paused", "closed", "delivered"])
def test_a_stream_that_says_the_petition_is_over_is_not_opened_again(
    live_server: LiveServer, petition: Petition, open_page: OpenPage, state: str
) -> None:
    page = open_page()
    said = f"event: tally\ndata: {json.dumps(LAST | {'state': state})}\n\n"
    page.route("**/stream", lambda route: route.fulfill(content_type="text/event-stream", body=f"retry: 60000\n{said}"))
    asked = asked_for(page)
    page.goto(f"{live_server.url}/en/water/")
    expect(page.locator(".total")).to_contain_text("323,833")
    look_away_and_back(page)
    assert len(asked) == (2 if state in ("open", "paused") else 1)


def test_a_poll_that_says_so_is_the_last(live_server: LiveServer, petition: Petition, open_page: OpenPage) -> None:
    page = open_page()
    page.clock.install()

    def tally(route: Route) -> Any:
        route.fulfill(content_type="application/json", body=json.dumps(LAST | {"state": "closed"}))

    page.route("**/stream", lambda route: route.fulfill(status=204))
    page.route("**/tally", tally)
    with page.expect_response("**/stream"):
        page.goto(f"{live_server.url}/en/water/")
    with page.expect_response("**/tally"):
        page.clock.run_for(120_000)
    expect(page.locator(".total")).to_contain_text("323,833")
    asked = asked_for(page)
    page.clock.run_for(600_000)
    look_away_and_back(page)
    assert asked == []


@pytest.mark.parametrize("version", [7, 8])
def test_a_goal_that_rises_is_shown_on_an_open_page(
    live_server: LiveServer, petition: Petition, open_page: OpenPage, version: int
) -> None:
    """With the count that passed the mark, or a moment after it."""
    page = open_page()
    said = json.dumps(LAST | {"version": version, "state": "open", "goal": 1_000_000})
    body = f"retry: 60000\nevent: tally\ndata: {said}\n\n"
    page.route("**/stream", lambda route: route.fulfill(content_type="text/event-stream", body=body))
    page.goto(f"{live_server.url}/en/water/")
    expect(page.locator(".goal")).to_have_text("Goal: 1,000,000")
    assert page.locator("progress").evaluate("bar => bar.max") == 1_000_000
