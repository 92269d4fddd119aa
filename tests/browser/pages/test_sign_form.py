"""What the scripts add to the form: a list of countries that is searched, and a question about a slip in an address."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from signatures.models import Petition, Signature
from signatures.signing.form.typos import COMMON, REAL, perhaps_meant
from tests.factories import make_consent

from .conftest import OpenPage

SLIPS = """gmial.com gmail.con gmail.co small.com mail.com yaho.com yahooo.com hotmial.con outlok.fr yandx.ru
example.org qq.com protonmial.com iclod.com web.de gmx.net lapost.net""".split()


@pytest.fixture
def form(live_server: LiveServer, petition: Petition, open_page: OpenPage) -> Page:
    page = open_page()
    page.goto(f"{live_server.url}/en/water/")
    return page


def country(page: Page) -> str:
    return page.locator("#id_country").input_value()


@pytest.mark.parametrize(
    ("language", "typed", "code"),
    [
        ("en", "cote", "CI"),
        ("en", "CÔTE D’I", "CI"),
        ("en", "ivory", "CI"),
        ("en", "uk", "GB"),
        ("en", "usa", "US"),
        ("en", "uae", "AE"),
        ("en", "drc", "CD"),
        ("en", "kosovo", "XK"),
        ("en", "taiw", "TW"),
        ("en", "aland", "AX"),
        ("en", "niger", "NE"),
        ("en", "prefer", "-"),
        ("fr", "allem", "DE"),
        ("fr", "germany", "DE"),
        ("fr", "etats", "US"),
        ("fr", "uk", "GB"),
    ],
)
def test_a_country_is_found_without_accents_in_english_and_by_its_short_names(
    live_server: LiveServer, petition: Petition, open_page: OpenPage, *, language: str, typed: str, code: str
) -> None:
    page = open_page()
    page.goto(f"{live_server.url}/{language}/water/")
    page.get_by_role("combobox").press_sequentially(typed)
    expect(page.get_by_role("option").first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Tab")

    assert country(page) == code
    expect(page.get_by_role("listbox")).to_be_hidden()


def test_the_list_is_walked_with_the_arrows_and_left_with_escape(form: Page) -> None:
    box = form.get_by_role("combobox")
    box.focus()
    expect(box).to_have_attribute("aria-expanded", "false")
    form.keyboard.press("ArrowDown")
    expect(box).to_have_attribute("aria-expanded", "true")
    form.keyboard.press("ArrowDown")
    form.keyboard.press("ArrowDown")
    active = box.get_attribute("aria-activedescendant")
    assert active
    expect(form.locator(f"#{active}")).to_have_text(form.locator("#id_country option").nth(2).inner_text())
    form.keyboard.press("Escape")
    expect(box).to_have_attribute("aria-expanded", "false")
    assert country(form) == ""

    form.keyboard.press("ArrowUp")
    form.keyboard.press("ArrowUp")
    form.keyboard.press("Enter")
    expect(box).to_have_attribute("aria-expanded", "false")
    assert country(form) != ""
    expect(form).to_have_url(form.url)  # Enter chose, and sent nothing


def test_whoever_only_looks_has_chosen_nothing(form: Page) -> None:
    form.get_by_role("combobox").click()
    expect(form.get_by_role("listbox")).to_be_visible()
    form.keyboard.press("Tab")

    assert country(form) == ""
    expect(form.get_by_role("combobox")).to_have_value("")


def test_a_country_is_chosen_by_pointer(form: Page) -> None:
    form.get_by_role("combobox").fill("ger")
    form.get_by_role("option", name="Germany").click()

    assert country(form) == "DE"
    expect(form.get_by_role("combobox")).to_have_value("Germany")
    expect(form.get_by_role("combobox")).to_be_focused()


def test_what_is_sent_is_never_another_country_than_the_one_that_stands_there(form: Page) -> None:
    box = form.get_by_role("combobox")
    box.fill("Peru")
    form.keyboard.press("Tab")
    assert country(form) == "PE"
    box.fill("Atlantis")
    form.keyboard.press("Tab")

    assert country(form) == ""
    expect(box).to_have_value("Atlantis")


@pytest.mark.parametrize("language", ["en", "ar"])
def test_what_fits_no_country_is_kept_and_named(
    live_server: LiveServer, petition: Petition, open_page: OpenPage, language: str
) -> None:
    make_consent(language)
    page = open_page()
    page.goto(f"{live_server.url}/{language}/water/")
    page.locator("#id_name").fill("Ada")
    page.locator("#id_email").fill("ada@mail.example")
    page.get_by_role("combobox").fill("Atlantis")
    page.locator("form button").first.click()
    page.locator(".problems a", has_text="Atlantis").click()
    expect(page.get_by_role("combobox")).to_be_focused()
    expect(page.get_by_role("combobox")).to_have_value("Atlantis")
    expect(page.get_by_role("combobox")).to_have_accessible_description(re.compile("Atlantis"))

    page.get_by_role("combobox").fill("peru")
    page.keyboard.press("Tab")
    page.locator("form:has(#id_name) button").last.click()
    page.wait_for_url("**/check/**")
    assert Signature.objects.get().country == "PE"


def test_the_label_and_the_error_lead_to_the_box(form: Page) -> None:
    form.get_by_text("Country or territory", exact=True).click()
    expect(form.get_by_role("combobox")).to_be_focused()
    form.get_by_role("button", name="Sign this letter").click()
    form.get_by_role("alert").get_by_role("link", name="Choose your country").click()

    expect(form.get_by_role("combobox")).to_be_focused()
    expect(form.get_by_role("combobox")).to_have_attribute("aria-invalid", "true")


def test_without_script_it_is_a_plain_list(live_server: LiveServer, petition: Petition, open_page: OpenPage) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(f"{live_server.url}/en/water/")

    assert page.get_by_label("Country or territory").evaluate("select => select.tagName") == "SELECT"
    box = page.locator("#id_country").bounding_box()
    assert box and box["height"] >= 40


def test_a_slip_in_the_address_is_asked_about_and_changed_only_on_request(form: Page) -> None:
    field = form.get_by_label("E-mail address")
    field.fill("ada@gmial.com")
    form.keyboard.press("Tab")
    question = form.get_by_role("status").filter(has_text="Did you mean")
    expect(question).to_contain_text("Did you mean ada@gmail.com?")
    expect(field).to_have_value("ada@gmial.com")

    question.get_by_role("button").click()
    expect(field).to_have_value("ada@gmail.com")
    expect(field).to_be_focused()
    expect(question).to_have_count(0)


def test_the_question_does_not_come_up_under_the_finger(form: Page) -> None:
    form.get_by_label("E-mail address").fill("ada@gmial.com")
    form.get_by_role("button", name="Sign this letter").click()

    expect(form.get_by_role("alert")).to_be_visible()  # the press was not lost


def test_the_script_asks_about_the_same_slips_as_the_server(form: Page) -> None:
    source = form.locator("[data-asks]").get_attribute("data-asks")
    asked, common, real = form.evaluate(
        """async ([source, domains]) => {
          const { meantBy, COMMON, REAL } = await import(source);
          return [domains.map((domain) => meantBy(domain)), COMMON.split(" "), REAL.split(" ")];
        }""",
        [source, SLIPS],
    )

    assert (common, set(real)) == (list(COMMON), REAL)
    assert asked == [perhaps_meant(f"x@{domain}").removeprefix("x@") for domain in SLIPS]
    assert "gmail.com" in asked
    assert "" in asked


def test_without_script_the_mailbox_page_asks(live_server: LiveServer, petition: Petition, open_page: OpenPage) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(f"{live_server.url}/en/water/")
    page.get_by_label("Your name").fill("Ada")
    page.get_by_label("E-mail address").fill("ada@gmial.com")
    page.get_by_label("Country or territory").select_option("PE")
    page.get_by_role("button", name="Sign this letter").click()

    expect(page.locator(".note")).to_contain_text("Did you mean ada@gmail.com?")
    assert "gmail" not in page.url
    page.locator(".note").get_by_role("button").click()
    expect(page.get_by_text("ada@gmail.com")).to_be_visible()
    expect(page.get_by_text("Did you mean")).to_have_count(0)
    assert Signature.objects.count() == 1
