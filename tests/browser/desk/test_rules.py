"""A wave that a moderator meets with a rule: written, looked at, run, and undone."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.stack import Stack


@pytest.fixture(scope="module", autouse=True)
def signers(stack: Stack) -> None:
    stack.manage("simulate", "--signatures", "60", "--countries", "5", "--seed", "7")
    # Other tests may have signed this letter and others.
    stack.sql(
        "UPDATE signatures_signature SET source = 'rule-wave' WHERE id IN ("
        "SELECT s.id FROM signatures_signature AS s JOIN signatures_petition AS p ON p.id = s.petition_id "
        "WHERE p.slug = 'xinjiang' AND s.state = 'confirmed' AND s.paper_import_id IS NULL ORDER BY s.id DESC LIMIT 60)"
    )


def _held(stack: Stack) -> int:
    count: int = stack.sql("SELECT count(*) FROM signatures_signature WHERE source = 'rule-wave' AND state = 'held'")[
        0
    ][0]
    return count


@pytest.mark.parametrize("width", [1280, 360])
def test_a_rule_is_looked_at_run_and_undone(open_desk, stack, width):
    page = open_desk(viewport={"width": width, "height": 900}, color_scheme="dark" if width == 360 else "light")
    page.goto("/desk/signatures/rule/add/")
    page.locator("#id_petition").select_option(label="xinjiang")
    page.locator("#id_name").fill(f"the wave {width}")
    page.locator("#id_source").fill("rule-wave")
    page.locator("[name=_save]").click()
    page.goto("/desk/signatures/rule/")
    row = page.locator("#result_list tr", has_text=f"the wave {width}")
    row.get_by_role("link", name="Look at what it would do").click()
    expect(page.locator("#content-main")).to_contain_text("signatures match")
    assert _held(stack) == 0
    assert Axe().run(page).response["violations"] == []
    page.locator("#id_reason").fill("a wave")
    page.get_by_role("button", name="Hold by a rule").click()
    expect(page.locator("#content-main")).to_contain_text("60 signatures were moved", timeout=30_000)
    assert _held(stack) == 60
    page.get_by_role("link", name="Undo").first.click()
    page.locator("#id_reason").fill("a mistake")
    page.locator("#content [type=submit]").first.click()
    expect(page.locator("#content-main")).to_contain_text("60 are back", timeout=30_000)
    assert _held(stack) == 0
