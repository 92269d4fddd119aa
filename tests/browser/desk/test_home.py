"""The desk's first page in a browser: every figure opens its list, by day and by night, on a desk and in a hand."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.desk.conftest import OpenDesk
from tests.stack import Stack

SIGNED = """
from django.utils import timezone
from signatures.desk.home.refresh import refresh_figures
from signatures.models import Petition, Signature
from signatures.signing.confirm import confirm
from signatures.tally.tasks import recount
from tests.factories import make_petition, make_signature

if not Petition.objects.filter(slug="rivers").exists():
    rivers = make_petition(slug="rivers")
    for number in range(30):
        row = make_signature(rivers, email=f"river-{number}@mail.example", mail_sent_at=timezone.now())
        if number % 3:
            confirm(signature_id=row.pk, revision=0)
        elif number % 2:
            make_signature(rivers, email=f"river-{number}@other.example", state="held")
    Signature.objects.filter(petition=rivers).update(mail_due_at=None)
recount()
refresh_figures(whole=True)
"""


@pytest.fixture(scope="session")
def signed(stack: Stack) -> Stack:
    stack.manage("shell", "-c", SIGNED)
    return stack


def addresses(page: Page) -> list[str]:
    """What the page's figures lead to."""
    found = page.locator(".home-main a").evaluate_all("links => links.map(link => link.href)")
    return sorted({urlsplit(each)._replace(scheme="", netloc="").geturl() for each in found})


def test_every_figure_opens_the_list_behind_it(signed: Stack, desk_page: Page) -> None:
    desk_page.goto("/desk/")
    desk_page.get_by_label("Petition").first.select_option(label="rivers")
    desk_page.get_by_role("button", name="Show").click()
    expect(desk_page.locator(".card").last).to_contain_text("20 confirmed")
    lists = addresses(desk_page)
    assert len(lists) >= 15
    for address in lists:
        answer = desk_page.goto(address)
        assert answer is not None
        assert answer.status == 200, address
        assert urlsplit(desk_page.url).query == urlsplit(address).query, address  # no filter was refused
        assert desk_page.locator(".errornote, .messagelist .error").count() == 0, address


def test_a_figure_is_as_many_as_its_list_shows(signed: Stack, desk_page: Page) -> None:
    desk_page.goto("/desk/")
    desk_page.get_by_role("link", name="rivers").click()
    for name, number in {"20 confirmed": 20, "5 held for review": 5, "10 not confirmed yet": 10}.items():
        desk_page.get_by_role("link", name=name).first.click()
        expect(desk_page.locator("#result_list tbody tr")).to_have_count(number)
        desk_page.go_back()


@pytest.mark.parametrize(("scheme", "width"), [("dark", 360), ("light", 820), ("light", 1600)])
def test_everybody_can_read_it(signed: Stack, open_desk: OpenDesk, *, scheme: str, width: int) -> None:
    page = open_desk(viewport={"width": width, "height": 900}, color_scheme=scheme)
    for path in ("/desk/", "/desk/help/"):
        page.goto(path)
        assert [each["id"] for each in Axe().run(page).response["violations"]] == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_it_works_without_scripts(signed: Stack, open_desk: OpenDesk) -> None:
    page = open_desk(java_script_enabled=False)
    expect(page.locator("svg.plot")).to_have_count(2)
    page.get_by_text("The same as a table").first.click()
    expect(page.locator(".chart table").first.locator("tbody tr")).to_have_count(30)
    page.get_by_role("link", name="How this works").first.click()
    expect(page.get_by_role("heading", name="Your daily round")).to_be_visible()


def test_the_colour_theme_can_be_chosen_against_the_systems(signed: Stack, open_desk: OpenDesk) -> None:
    page = open_desk(color_scheme="dark")
    dark = page.locator("rect.confirmed").first.evaluate("each => getComputedStyle(each).fill")
    page.evaluate("document.documentElement.dataset.theme = 'light'")
    assert page.locator("rect.confirmed").first.evaluate("each => getComputedStyle(each).fill") != dark
    assert [each["id"] for each in Axe().run(page).response["violations"]] == []
