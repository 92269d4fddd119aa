"""What only a browser can say of a language: its order of names, and whether the script writes as the server does."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from signatures.models import Letter, Petition, Tally
from signatures.signing.countries import country_names
from tests.factories import make_consent

from .conftest import OpenPage

LANGUAGES = [code for code, _name in settings.LANGUAGES]
TOTALS = [1, 2, 3, 11, 22, 101, 1_234, 9_999, 10_000, 323_832, 1_000_000, 12_345_678]


@pytest.fixture
def everywhere(petition: Petition) -> Petition:
    """The letter in each of our languages."""
    original = petition.letters.get(language="en")
    for code in LANGUAGES:
        make_consent(code)
        if not petition.letters.filter(language=code).exists():
            Letter.objects.create(petition=petition, language=code, title=original.title, body=original.body)
    return petition


def says(page: Page) -> str:
    return page.locator(".total").inner_text()


def _answering(event: dict[str, int]) -> Callable[[Route], None]:
    """A stream that says one thing and ends."""

    def answer(route: Route) -> None:
        route.fulfill(content_type="text/event-stream", body=f"event: tally\ndata: {json.dumps(event)}\n\n")

    return answer


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_script_counts_in_the_servers_words(
    live_server: LiveServer, everywhere: Petition, open_page: OpenPage, language: str
) -> None:
    """As the server would say each of these totals, so does the script that hears of them."""
    from signatures.signing import letter_page
    from signatures.tally import snapshot

    told: list[str] = []
    for version, total in enumerate(TOTALS, start=100):
        Tally.objects.filter(petition=everywhere).update(total=total, countries=min(total, 184), version=version)
        letter_page._ready.clear()
        snapshot.forget()
        plain = open_page(java_script_enabled=False)
        plain.goto(f"{live_server.url}/{language}/water/")
        told.append(says(plain))
        plain.context.close()

    # A page that starts elsewhere, so that each total has to be said by the script.
    Tally.objects.filter(petition=everywhere).update(total=5_555, countries=55, version=1)
    letter_page._ready.clear()
    snapshot.forget()
    for number, total in enumerate(TOTALS):
        event = {"version": 1000 + number, "total": total, "countries": min(total, 184), "goal": 400_000}
        page = open_page(locale="fr-FR")  # a browser's own language must not show through
        page.route("**/stream", _answering(event))
        page.goto(f"{live_server.url}/{language}/water/")
        expect(page.locator("[data-version]")).to_have_attribute("data-version", str(event["version"]))
        assert says(page) == told[number]
        page.context.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_of_countries_stand_in_the_browsers_order(open_page: OpenPage, language: str) -> None:
    page = open_page()
    names = [name for _code, name in country_names(language)]
    if not page.evaluate("code => Intl.Collator.supportedLocalesOf(code).length", language):
        assert language in ("kk", "ug")  # Chromium has no order of its own for these; their alphabets have unit tests
        return

    assert names == page.evaluate("([code, names]) => names.sort(new Intl.Collator(code).compare)", [language, names])


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_letter_fits_and_is_accessible_in_every_language(
    live_server: LiveServer, everywhere: Petition, open_page: OpenPage, language: str, width: int
) -> None:
    page = open_page(viewport={"width": width, "height": 800})
    page.goto(f"{live_server.url}/{language}/water/")

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert [each["id"] for each in Axe().run(page).response["violations"]] == []
    title = page.locator("h1").bounding_box()
    assert title is not None
    starts_right = page.evaluate("getComputedStyle(document.documentElement).direction") == "rtl"
    assert starts_right == (language in ("ar", "ug"))


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_no_english_is_left_on_a_page(
    live_server: LiveServer, everywhere: Petition, open_page: OpenPage, language: str
) -> None:
    """Of the page in English, only names and what people wrote stand in the other language's page too."""
    page = open_page()

    def words(code: str) -> set[str]:
        page.goto(f"{live_server.url}/{code}/water/")
        page.evaluate("document.querySelectorAll('.letter, .top, select, h1').forEach((part) => part.remove())")
        return {line for line in page.locator("body").inner_text().splitlines() if re.search("[A-Za-z]{4}", line)}

    assert words(language) & words("en") == set()
    page.goto(f"{live_server.url}/{language}/privacy/")
    privacy = {line for line in page.locator("main").inner_text().splitlines() if line}
    page.goto(f"{live_server.url}/en/privacy/")
    assert privacy & {line for line in page.locator("main").inner_text().splitlines() if line} == set()


def test_the_choice_of_languages_is_accessible_at_any_width(live_server: LiveServer, open_page: OpenPage) -> None:
    for width in (320, 1280):
        page = open_page(viewport={"width": width, "height": 800})
        page.goto(f"{live_server.url}/")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert [each["id"] for each in Axe().run(page).response["violations"]] == []
        page.context.close()
