from __future__ import annotations

import gzip
import json
import re

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from signatures.models import Petition, Signature

from .conftest import OpenPage

FIRST_LOAD = 60_000  # bytes, compressed
COUNT = ".total"


def stream(*events: dict[str, int]) -> bytes:
    return "".join(f"event: tally\ndata: {json.dumps(event)}\n\n" for event in events).encode()


def with_stream(page: Page, *events: dict[str, int]) -> None:
    """Let the page's event stream say this."""
    page.route(
        "**/stream", lambda route: route.fulfill(content_type="text/event-stream", body=stream(*events).decode())
    )


def without_stream(route: Route) -> None:
    route.fulfill(status=204)


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (1280, "light"), (320, "dark"), (1280, "dark")])
@pytest.mark.parametrize(
    "path", ["/en/water/", "/fr/water/", "/en/", "/fr/privacy/", "/en/water/confirm/cut-short/", "/en/no/such/page/"]
)
def test_pages_are_accessible_and_fit(
    live_server: LiveServer, petition: Petition, open_page: OpenPage, *, path: str, width: int, scheme: str
) -> None:
    page = open_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page.goto(live_server.url + path)

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page).response["violations"]
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []


@pytest.mark.parametrize("language", [code for code, _ in settings.LANGUAGES])
def test_the_form_with_errors_is_accessible(
    live_server: LiveServer, petition: Petition, open_page: OpenPage, language: str
) -> None:
    page = open_page(viewport={"width": 320, "height": 800})
    page.goto(f"{live_server.url}/{language}/water/")
    page.click("form button")
    expect(page.locator(".problems")).to_be_visible()

    assert [each["id"] for each in Axe().run(page).response["violations"]] == []


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "323,832 people from 184 countries and territories"),
        ("fr", "323\u202f832 personnes de 184 pays et territoires"),
    ],
)
def test_the_page_says_how_many_from_how_many_places(
    live_server: LiveServer, petition: Petition, open_page: OpenPage, language: str, words: str
) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(f"{live_server.url}/{language}/water/")

    assert page.locator(COUNT).inner_text() == words


def test_reading_sets_no_cookie_asks_nobody_else_and_breaks_no_rule(
    live_server: LiveServer, petition: Petition, open_page: OpenPage
) -> None:
    page = open_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    with_stream(page, {"version": 8, "total": 323_833, "countries": 184})
    page.goto(f"{live_server.url}/en/water/")
    expect(page.locator(COUNT)).to_contain_text("323,833")

    assert page.context.cookies() == []
    assert [url for url in asked if not url.startswith(live_server.url)] == []
    assert said == []  # a refused style or script would be named here


def test_the_first_load_is_small(live_server: LiveServer, petition: Petition) -> None:
    html = httpx.get(f"{live_server.url}/en/water/").content
    parts = re.findall(r'(?:src|href)="(/static/[^"]+)"', html.decode())
    assert {part.rpartition(".")[2] for part in parts} == {"css", "js", "svg", "woff2"}

    sizes = [
        len(gzip.compress(body)) for body in (html, *(httpx.get(live_server.url + part).content for part in parts))
    ]
    assert sum(sizes) < FIRST_LOAD, sizes


def test_errors_are_summed_up_linked_and_what_was_typed_is_kept(
    live_server: LiveServer, petition: Petition, open_page: OpenPage
) -> None:
    page = open_page()
    page.goto(f"{live_server.url}/en/water/")
    page.get_by_label("Your name").fill("Ada <b>山田</b>")
    page.get_by_label("E-mail address").fill("nobody")
    page.locator("#id_country").select_option("XK")
    page.get_by_label("Hand my name to the addressees").check()
    page.get_by_role("button", name="Sign this letter").click()

    expect(page.get_by_role("alert")).to_be_focused()
    expect(page).to_have_title(re.compile("^Error: "))
    page.get_by_role("alert").get_by_role("link", name="Enter an e-mail address").click()
    field = page.get_by_label("E-mail address")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(re.compile("Enter an e-mail address in the form"))
    expect(field).to_have_value("nobody")
    expect(page.get_by_label("Your name")).to_have_value("Ada <b>山田</b>")
    expect(page.locator("#id_country")).to_have_value("XK")
    expect(page.get_by_role("combobox", name="Country or territory")).to_have_value("Kosovo")
    expect(page.get_by_label("Hand my name to the addressees")).to_be_checked()
    expect(page.get_by_label("Show my name publicly")).not_to_be_checked()


def test_without_script_a_form_that_comes_back_opens_at_its_errors(
    live_server: LiveServer, petition: Petition, open_page: OpenPage
) -> None:
    page = open_page(java_script_enabled=False, viewport={"width": 320, "height": 600})
    page.goto(f"{live_server.url}/en/water/")
    page.get_by_role("button", name="Sign this letter").click()

    expect(page.get_by_role("heading", name="Something is not right yet")).to_be_in_viewport()


def test_a_signer_without_script_gets_to_the_mailbox_page(
    live_server: LiveServer, petition: Petition, open_page: OpenPage
) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(f"{live_server.url}/en/water/")
    page.get_by_role("link", name="Sign this letter").click()
    page.get_by_label("Your name").fill("Åsa Öberg")
    page.get_by_label("E-mail address").fill("asa@mail.example")
    page.get_by_label("Country or territory").select_option("Prefer not to say")
    page.get_by_role("button", name="Sign this letter").click()

    expect(page.get_by_role("heading", name="Now look into your mailbox")).to_be_visible()
    expect(page.get_by_text("asa@mail.example")).to_be_visible()
    assert Signature.objects.get().country is None


@pytest.mark.parametrize("state", ["closed", "delivered"])
def test_a_letter_that_takes_no_more_signatures_says_so(
    live_server: LiveServer, petition: Petition, open_page: OpenPage, state: str
) -> None:
    Petition.objects.update(state=state)
    page = open_page()
    page.goto(f"{live_server.url}/en/water/")

    expect(page.locator("form")).to_have_count(0)
    expect(page.get_by_role("link", name="Sign this letter")).to_have_count(0)
    expect(page.locator("#sign")).to_contain_text("takes no more" if state == "closed" else "handed over")
    expect(page.locator(COUNT)).to_contain_text("323,832 people")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert [each["id"] for each in Axe().run(page).response["violations"]] == []


def test_the_count_follows_the_stream_and_never_goes_back(
    live_server: LiveServer, petition: Petition, open_page: OpenPage
) -> None:
    page = open_page()
    with_stream(
        page,
        {"version": 9, "total": 1, "countries": 1},
        {"version": 8, "total": 999_999, "countries": 190},
        {"version": 9, "total": 888_888, "countries": 190},
    )
    page.goto(f"{live_server.url}/en/water/")

    expect(page.locator(COUNT)).to_have_text("1 person from 1 country or territory")
    expect(page.locator("progress")).to_have_js_property("value", 1)


def test_the_first_signature_turns_up_on_an_empty_letter(
    live_server: LiveServer, petition: Petition, open_page: OpenPage
) -> None:
    petition.tally.delete()
    page = open_page()
    page.clock.install()
    page.route("**/stream", without_stream)
    page.goto(f"{live_server.url}/fr/water/")
    expect(page.locator(COUNT)).to_be_hidden()

    page.route("**/tally", lambda route: route.fulfill(json={"version": 1, "total": 2, "countries": 0}))
    with page.expect_response("**/tally"):
        page.clock.fast_forward(80_000)
    expect(page.locator(COUNT)).to_have_text(re.compile(r"^2 personnes"))
    expect(page.locator(".places")).to_be_hidden()
    expect(page.locator(".first")).to_be_hidden()


def test_without_a_stream_the_page_looks_every_minute(
    live_server: LiveServer, petition: Petition, open_page: OpenPage
) -> None:
    page = open_page()
    page.clock.install()
    page.route("**/stream", without_stream)
    totals = iter([323_900, 324_000])
    page.route(
        "**/tally",
        lambda route: route.fulfill(json={"version": (total := next(totals)), "total": total, "countries": 184}),
    )
    with page.expect_response("**/stream"):
        page.goto(f"{live_server.url}/en/water/")

    for expected in ("323,900 people", "324,000 people"):
        with page.expect_response("**/tally"):
            page.clock.fast_forward(80_000)
        expect(page.locator(COUNT)).to_contain_text(expected)
