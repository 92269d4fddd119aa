"""An export as a data officer makes it: asked for, watched, fetched, opened in a spreadsheet, and gone in time."""

from __future__ import annotations

import csv
import io

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from tests.stack import Stack

pytestmark = pytest.mark.xdist_group("desk")
SLUG = "to-be-handed-over"
FORMULA = '=HYPERLINK("https://evil.example/";"Ada")'
SIGNED = f"""
from signatures.models import Petition
from tests.factories import make_petition, make_signature

if not Petition.objects.filter(slug={SLUG!r}).exists():
    petition = make_petition(slug={SLUG!r})
    for number in range(30):
        make_signature(petition, state="confirmed", hand_over=number % 3 > 0, name=f"Åsa 第{{number:02}}", country="PE")
    make_signature(petition, state="confirmed", hand_over=True, name={FORMULA!r}, country=None)
    make_signature(petition, state="pending", hand_over=True, name="Not confirmed")
"""
AGREED = {f"Åsa 第{number:02}" for number in range(30) if number % 3} | {FORMULA}


@pytest.fixture(scope="module", autouse=True)
def signed(stack: Stack) -> None:
    stack.manage("shell", "-c", SIGNED)


def show_who_i_am(page: Page, password: str) -> None:
    """The password once more, a wrong one first."""
    expect(page.get_by_role("heading", name="Confirm that it is you")).to_be_visible()
    for given, status in (("not mine", 422), (password, 302)):
        page.locator("#id_password").fill(given)
        with page.expect_response("**/confirm-identity/**") as answer:
            page.locator("[type=submit]").click()
        assert answer.value.status == status


def ask_for(page: Page, *, format_: str) -> None:
    """From the form to the page of the finished file, by way of its job's."""
    page.get_by_label("Petition").select_option(SLUG)
    page.get_by_label("names for the addressees").check()
    page.get_by_label("Format").select_option(format_)
    page.get_by_label("Reason").fill("for the embassy")
    page.get_by_role("button", name="Export").click()
    expect(page.get_by_role("heading", name=f"Export: {SLUG}")).to_be_visible()
    expect(page.locator(".state")).to_have_text("Done", timeout=30_000)
    page.get_by_role("link", name="To the file").click()


def said(page: Page, label: str) -> str:
    return page.locator(".conditions > div", has_text=label).locator("dd").inner_text()


def fetched(page: Page) -> tuple[str, bytes]:
    """The file's name, and what is in it."""
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    return download.value.suggested_filename, download.value.path().read_bytes()


def test_an_export_is_asked_for_watched_fetched_and_read(desk_page: Page, desk_password: str) -> None:
    page = desk_page
    page.goto("/desk/")
    page.get_by_role("link", name="Exports").first.click()
    page.get_by_role("link", name="Export signatures").click()
    show_who_i_am(page, desk_password)
    expect(page.get_by_text("can be fetched for 24 hours, by you alone")).to_be_visible()
    ask_for(page, format_="csv")
    assert (said(page, "Rows"), said(page, "Why"), said(page, "Downloads left")) == ("21", "for the embassy", "5")

    name, content = fetched(page)
    assert name.startswith(f"{SLUG}-hand-over-")
    assert name.endswith(".csv")
    assert content.startswith(b"\xef\xbb\xbf"), "Excel takes it for UTF-8 by this mark"
    header, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    assert header == ["name", "country code", "country"]
    assert {row[0].removeprefix("'") for row in rows} == AGREED
    assert [f"'{FORMULA}", "", ""] in rows
    assert ["Åsa 第01", "PE", "Peru"] in rows
    page.reload()
    assert said(page, "Downloads left") == "4"

    page.goto("/desk/signatures/exportfile/new/")
    ask_for(page, format_="xlsx")
    name, content = fetched(page)
    assert name.endswith(".xlsx")
    sheet = load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    cells = {str(row[0].value): row[0].data_type for row in sheet.iter_rows(min_row=2)}
    assert cells == dict.fromkeys(AGREED, "s"), "text, the formula too"


def test_a_file_is_fetched_five_times_and_not_after_its_day(desk_page: Page, desk_password: str, stack: Stack) -> None:
    page = desk_page
    page.goto("/desk/signatures/exportfile/new/")
    show_who_i_am(page, desk_password)
    ask_for(page, format_="csv")
    first = page.url
    for left in ("4", "3", "2", "1"):
        fetched(page)
        page.reload()
        assert said(page, "Downloads left") == left
    fetched(page)
    page.reload()
    expect(page.get_by_text("It is no longer to be had.")).to_be_visible()
    assert not page.get_by_role("button", name="Download").count()

    page.get_by_role("link", name="Ask for a new one").click()
    ask_for(page, format_="csv")
    assert page.url != first
    stack.sql("UPDATE signatures_exportfile SET expires_at = now() WHERE deleted_at IS NULL")
    page.get_by_role("button", name="Download").click()
    expect(page.locator(".errornote")).to_contain_text("no longer to be had")
    assert not page.get_by_role("button", name="Download").count()


def test_what_is_missing_is_said_beside_it_and_nothing_is_written(
    desk_page: Page, desk_password: str, stack: Stack
) -> None:
    before = stack.sql("SELECT count(*) FROM signatures_job")
    page = desk_page
    page.goto("/desk/signatures/exportfile/new/")
    show_who_i_am(page, desk_password)
    page.get_by_label("Reason").fill("ada@mail.example asked for it")
    page.get_by_role("button", name="Export").click()
    expect(page.locator(".errorlist")).to_contain_text("Write no e-mail address here")
    assert stack.sql("SELECT count(*) FROM signatures_job") == before
