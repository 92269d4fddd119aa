"""A moderator holds a wave, watches it, and undoes it; another releases one."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.stack import Stack


def states(stack: Stack) -> set[tuple[str, int]]:
    rows = stack.sql(
        "SELECT s.state, count(*) FROM signatures_signature AS s JOIN signatures_petition AS p ON p.id = s.petition_id "
        "WHERE p.slug = 'xinjiang' AND s.source = 'wave' GROUP BY 1"
    )
    return {(str(state), int(count)) for state, count in rows}


def test_a_wave_is_held_in_the_background_and_the_hold_undone(stack: Stack, desk_page: Page) -> None:
    stack.manage("simulate", "--signatures", "3000", "--countries", "20")
    stack.sql("UPDATE signatures_signature SET source = 'wave' WHERE source = '' AND paper_import_id IS NULL")
    (total,) = (count for _state, count in states(stack))
    petition = stack.sql("SELECT id FROM signatures_petition WHERE slug = 'xinjiang'")[0][0]

    desk_page.goto(f"/desk/signatures/signature/?petition={petition}&source=wave")
    desk_page.get_by_role("link", name="Hold for review").click()
    expect(desk_page.get_by_text("signatures match")).to_be_visible()
    desk_page.get_by_label("Reason").fill("a wave of one minute")
    desk_page.get_by_role("button", name="Hold for review").click()
    expect(desk_page.locator(".state")).to_have_text("Done", timeout=60_000)
    expect(desk_page.get_by_text("signatures were moved")).to_be_visible()
    assert states(stack) == {("held", total)}

    desk_page.get_by_role("link", name="Undo").click()
    desk_page.get_by_label("Reason").fill("a school after all")
    desk_page.get_by_role("button", name="Undo").click()
    expect(desk_page.locator(".state")).to_have_text("Undone", timeout=60_000)
    assert states(stack) == {("confirmed", total)}


def test_ticked_rows_are_held_and_released_at_once(stack: Stack, desk_page: Page) -> None:
    stack.manage("simulate", "--signatures", "50", "--countries", "5")
    for words, action, state in (("Hold for review", "hold", "held"), ("Release from review", "release", "confirmed")):
        desk_page.goto("/desk/signatures/signature/")
        boxes = desk_page.locator("input.action-select")
        boxes.nth(0).check()
        boxes.nth(1).check()
        ids = [boxes.nth(number).get_attribute("value") for number in range(2)]
        desk_page.locator("select[name=action]").select_option(f"{action}_selected")
        desk_page.get_by_role("button", name="Go", exact=True).click()
        desk_page.get_by_label("Reason").fill("one network")
        desk_page.get_by_role("button", name=words).click()
        expect(desk_page.get_by_text("See or undo it")).to_be_visible()
        found = stack.sql("SELECT DISTINCT state FROM signatures_signature WHERE id = ANY(%s::uuid[])", ids)
        assert found == [(state,)]
