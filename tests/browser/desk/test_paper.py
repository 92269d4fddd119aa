"""Paper signatures from the file to the public record, with rows that cannot be imported."""

from __future__ import annotations

import csv
import os
import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.press import press
from tests.stack import Stack

NEW = "/desk/signatures/paperimport/new/?petition=xinjiang"
SHOTS = os.environ.get("SHOTS", "")  # a folder, for looking at what this test saw


@pytest.fixture(scope="module")
def sheet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty-two good rows among others that are not, as a French office types them."""
    path = tmp_path_factory.mktemp("paper") / "feuilles de mai.csv"
    rows = [["Nom", "Prénom", "Pays", "Courriel", "Signé le", "N° de feuille", "Téléphone"]]
    rows += [[f"Exemple {number}", "Ada", "Pérou", "", "03/05/2026", f"{number}", "0123"] for number in range(1, 33)]
    rows += [
        ["", "", "France", "", "", "33", ""],
        ["Exemple", "Bea", "Atlantide", "bea", "hier", "34", ""],
        ["Exemple 1", "Ada", "PE", "", "", "1", ""],
    ]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter=";").writerows(rows)
    return path


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def send(page: Page, sheet: Path) -> None:
    page.goto(NEW)
    page.locator("#id_file").set_input_files(sheet)
    page.get_by_label("The sheets said that names go to the addressees").check()
    page.get_by_role("button", name="Begin the dry run").click()
    page.get_by_role("link", name="To the report").click(timeout=60_000)


def number(page: Page, label: str) -> str:
    return (
        page.locator("dl.conditions > div", has=page.locator("dt", has_text=re.compile(f"^{label}$")))
        .locator("dd")
        .inner_text()
    )


def test_from_the_file_to_the_public_record(stack: Stack, desk_page: Page, desk_password: str, sheet: Path) -> None:
    page = desk_page
    page.goto(NEW)
    shot(page, "new")
    page.locator("#id_file").set_input_files({"name": "x.csv", "mimeType": "text/csv", "buffer": b"Ada,FR"})
    page.get_by_role("button", name="Begin the dry run").click()
    expect(page.get_by_text("No column is called name")).to_be_visible()
    shot(page, "refused")

    send(page, sheet)
    assert [number(page, each) for each in ("Rows", "Good", "Bad", "There already", "Imported")] == [
        "35",
        "32",
        "2",
        "1",
        "0",
    ]
    table = page.get_by_role("table")
    for row, why in (("34", "There is no name."), ("35", "No country"), ("35", "That is no e-mail"), ("35", "no day")):
        expect(table.get_by_role("row").filter(has_text=row).filter(has_text=why)).to_have_count(1)
    expect(table.get_by_role("row").filter(has_text="(row 2)")).to_have_count(1)
    expect(page.get_by_text("Téléphone")).to_be_visible()
    shot(page, "report")
    with page.expect_download() as fetched:
        page.get_by_role("link", name="As a table (CSV)").click()
    assert Path(fetched.value.path()).read_text("utf-8-sig").startswith("row,column,what,why")
    (petition,) = stack.sql("SELECT id FROM signatures_petition WHERE slug = 'xinjiang'")[0]
    on_paper = "SELECT count(*) FROM signatures_signature WHERE paper_import_id IS NOT NULL AND petition_id = %s"
    assert stack.sql(on_paper, petition) == [(0,)]

    press(page.get_by_role("link", name="Import the 32 good rows"))
    if "confirm-identity" in page.url:
        page.locator("#id_password").fill(desk_password)
        press(page.locator("#content [type=submit]").first)
    page.locator("#id_reason").fill("the stand in May")
    shot(page, "ask")
    page.get_by_role("button", name="Import the 32 good rows").click()
    expect(page.get_by_text("32 rows were imported.")).to_be_visible(timeout=60_000)
    shot(page, "job")

    page.goto(f"/desk/signatures/signature/?paper=yes&petition={petition}")
    expect(page.locator("#result_list tbody tr")).to_have_count(32)
    expect(page.locator("#result_list tbody tr").first.get_by_text("on paper")).to_be_visible()
    shot(page, "list")
    page.locator("#result_list tbody tr th a").first.click()
    expect(page.get_by_text("feuilles de mai.csv")).to_be_visible()
    shot(page, "one")
    for _try in range(60):
        page.goto("/en/xinjiang/record/count/")
        if page.get_by_role("heading", name="On paper").count():
            break
        page.wait_for_timeout(1000)  # the page is kept ready for a while
    expect(page.get_by_text("The campaign also collected signatures on paper: 30 or more.")).to_be_visible()
    shot(page, "public")
    assert page.request.get("/api/v1/petitions/xinjiang/tally").json()["paper"] == 30

    send(page, sheet)  # once more: nothing counts twice
    assert [number(page, each) for each in ("Good", "There already")] == ["0", "33"]


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(open_desk, sheet: Path, scheme, width):
    page = open_desk(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
    send(page, sheet)
    report = page.url
    for name, address in (("report", report), ("new", NEW), ("imports", "/desk/signatures/paperimport/")):
        page.goto(address)
        shot(page, f"{name}-{width}-{scheme}")
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
