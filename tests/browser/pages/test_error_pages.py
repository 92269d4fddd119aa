"""The pages for what goes wrong: accessible in both directions of writing, by day and by night, in every language."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import LazySettings, settings
from django.db import OperationalError
from playwright.sync_api import Page, Response
from pytest_django.live_server_helper import LiveServer

from signatures.models import Petition
from signatures.signing.pages import views
from tests.browser.press import press
from tests.deploy.shipped import ROOT
from tests.factories import make_consent

from .conftest import OpenPage

LANGUAGES = [code for code, _name in settings.LANGUAGES]
ELSEWHERE = "http://elsewhere.example/"


def answer_to(page: Page, address: str, *, enctype: str = "application/x-www-form-urlencoded", origin: str) -> int:
    """Post a form from a page of another site, or of ours; the status of what comes back."""
    form = f"<form method=post action={address} enctype={enctype}><input name=name value=Ada><button>Go</button></form>"
    place = f"{origin}/posting/"
    page.route(place, lambda route: route.fulfill(content_type="text/html", body=f"<!doctype html>{form}"))
    page.goto(place)
    with page.expect_response(address) as met:
        press(page.locator("button"))
    return met.value.status


def status(response: Response | None) -> int:
    assert response
    return response.status


def errors(
    page: Page, url: str, language: str, fails: pytest.MonkeyPatch, settings: LazySettings
) -> Iterator[tuple[int, int]]:
    """Meet each error in turn; while its page is shown, the status that was met and the one that was meant."""
    letter = f"{url}/{language}/water/"
    yield status(page.goto(f"{url}/{language}/no/such/page/")), 404
    yield answer_to(page, letter, origin=url, enctype="text/plain"), 400
    yield answer_to(page, letter, origin=ELSEWHERE.rstrip("/")), 403
    with fails.context() as broken:
        broken.setattr(views, "open_petitions", failing(RuntimeError("broken")))
        yield status(page.goto(f"{url}/{language}/")), 500
    with fails.context() as broken:
        broken.setattr(views, "open_petitions", failing(OperationalError("away")))
        yield status(page.goto(f"{url}/{language}/")), 503
    page.goto(letter)
    with page.expect_response(letter) as met:
        press(page.locator("form button").first)
    yield met.value.status, 422
    settings.GUARD_SIGN_RATE = "0/m"
    page.fill("#id_name", "Ada")
    page.fill("#id_email", "ada@mail.example")
    page.select_option("#id_country", "PE")
    with page.expect_response(letter) as met:
        press(page.locator("form button").first)
    yield met.value.status, 429


def failing(problem: Exception) -> Callable[[], None]:
    def fail() -> None:
        raise problem

    return fail


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_error_has_a_page_in_the_readers_language(
    live_server: LiveServer,
    petition: Petition,
    open_page: OpenPage,
    *,
    monkeypatch: pytest.MonkeyPatch,
    settings: LazySettings,
    language: str,
) -> None:
    make_consent(language)
    page = open_page(viewport={"width": 320, "height": 700})
    english = {404: "There is no such page", 400: "We could not read that", 403: "This form came from another site"}
    english |= {500: "Something went wrong on our side", 503: "We cannot save anything right now"}
    english |= {422: "Something is not right yet", 429: "Something is not right yet"}
    for met, meant in errors(page, live_server.url, language, monkeypatch, settings):
        assert met == meant
        assert page.locator("html").get_attribute("lang") == language
        assert page.locator("html").get_attribute("dir") == ("rtl" if language in ("ar", "ug") else "ltr")
        assert (english[meant] in page.locator("main").inner_text()) == (language == "en"), meant
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, meant
        assert page.context.cookies() == []
        for scheme in ("light", "dark") if language in ("en", "ar") else ():
            page.emulate_media(color_scheme=scheme)
            found = Axe().run(page).response["violations"]
            assert [(meant, each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []


def test_the_proxys_own_last_word_is_accessible_and_in_every_language(open_page: OpenPage) -> None:
    template = (ROOT / "deploy" / "nginx" / "undersigned.conf.template").read_text()
    found = re.search(r"return 503 '(<!doctype html>.*?)'", template, re.DOTALL)
    assert found
    page = open_page(viewport={"width": 320, "height": 700})
    page.set_content(found[1])
    said = {"en", *page.locator("section").evaluate_all("all => all.map(each => each.lang.toLowerCase())")}
    assert said == set(LANGUAGES)
    assert page.locator("[dir=rtl]").evaluate_all("all => all.map(each => each.lang)") == ["ar", "ug"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert [each["id"] for each in Axe().run(page).response["violations"]] == []
