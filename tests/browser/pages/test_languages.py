"""What only a browser can say of a language: its order of names, and whether the script writes as the server does."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.template import Context, Template
from django.utils.translation import override
from pytest_django.live_server_helper import LiveServer

from signatures.models import Letter, Petition
from signatures.signing.countries.names import country_names
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


def in_the_servers_words(total: int, language: str) -> str:
    """What stands in the page for a total, written by the template tags that the page is written with."""
    words = Template("{% load figures %}{% people total language %} {% places countries language %}")
    with override(language):
        html = words.render(Context({"total": total, "countries": min(total, 184), "language": language}))
    return unescape(re.sub("<[^>]*>", "", html))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_script_counts_in_the_servers_words(
    live_server: LiveServer, everywhere: Petition, open_page: OpenPage, language: str
) -> None:
    """As the server would say each of these totals, so does the script that hears of them, one after the other."""
    page = open_page(locale="fr-FR")  # a browser's own language must not show through
    events = "".join(
        "event: tally\ndata: "
        + json.dumps({"version": number, "total": total, "countries": min(total, 184), "goal": 400_000})
        + "\n\n"
        for number, total in enumerate(TOTALS, start=1000)
    )
    page.route("**/stream", lambda route: route.fulfill(content_type="text/event-stream", body=events))
    page.add_init_script("""addEventListener("readystatechange", () => {
      if (document.readyState !== "interactive") return; // before any module runs
      window.said = [document.querySelector(".total").innerText];
      new MutationObserver(() => window.said.push(document.querySelector(".total").innerText))
        .observe(document.querySelector("[data-version]"), { attributeFilter: ["data-version"] });
    }, true)""")
    page.goto(f"{live_server.url}/{language}/water/")
    page.wait_for_function("count => window.said.length === count", arg=1 + len(TOTALS))

    assert page.evaluate("window.said") == [in_the_servers_words(total, language) for total in (323_832, *TOTALS)]


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
        page.evaluate("document.querySelectorAll('.letter, .top, .ways, select, h1').forEach((part) => part.remove())")
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
