"""Names read and judged by keyboard alone, and the keys that act nowhere else."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.stack import Stack

QUEUE = "/desk/signatures/waitingname/"
APPROVE = "Refuse the ticked, approve the rest"


@pytest.fixture(scope="module", autouse=True)
def signers(stack: Stack) -> None:
    stack.manage("simulate", "--signatures", "40", "--countries", "5", "--seed", "7")


@pytest.fixture(autouse=True)
def three_wait(stack: Stack, signers: None) -> None:
    """Three names that nobody has read, and no others."""
    stack.sql("DELETE FROM signatures_namereview")
    stack.sql(
        """
        UPDATE signatures_signature
        SET name_reviewed = NULL, show_name = id IN (
            SELECT id FROM signatures_signature
            WHERE state = 'confirmed' AND name_sealed IS NOT NULL ORDER BY id LIMIT 3
        )
        """
    )


def boxes(page: Page):
    return page.locator("#result_list input[type=checkbox]")


def into_the_list(page: Page) -> None:
    """From the button before it, as one comes with the Tab key."""
    page.get_by_role("button", name="Show the keys").focus()
    page.keyboard.press("Tab")
    expect(boxes(page).nth(0)).to_be_focused()


def verdicts(stack: Stack) -> list[tuple[str, str]]:
    return stack.sql("SELECT verdict, reason FROM signatures_namereview ORDER BY signature_id")


def test_three_names_are_judged_by_keyboard_alone(stack: Stack, desk_page: Page) -> None:
    page = desk_page
    page.goto(QUEUE)
    expect(boxes(page)).to_have_count(3)
    into_the_list(page)
    for key, at in (("k", 0), ("j", 1), ("ArrowDown", 2), ("j", 2), ("ArrowUp", 1)):
        page.keyboard.press(key)
        expect(boxes(page).nth(at)).to_be_focused()
    outline = boxes(page).nth(1).evaluate("each => getComputedStyle(each).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("Space")
    page.keyboard.press("Space")
    assert [each.is_checked() for each in boxes(page).all()] == [False, True, False]
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys in the list of names")).to_be_visible()
    page.keyboard.press("a")  # not in the list: only closing is possible here
    page.keyboard.press("Escape")
    expect(boxes(page).nth(2)).to_be_focused()

    page.keyboard.press("a")  # without a reason: asked for one, as by the button, and nothing is lost
    expect(page.get_by_role("alert")).to_have_text("Choose why the ticked names are refused.")
    assert verdicts(stack) == []
    expect(boxes(page).nth(1)).to_be_focused()
    assert boxes(page).nth(1).is_checked()
    page.keyboard.press("4")
    expect(page.locator(".shortcuts [role=status]")).to_have_text("Reason: advertising or a message")
    page.keyboard.press("a")
    expect(page.get_by_text("No name waits.")).to_be_visible()
    assert verdicts(stack) == [("shown", ""), ("refused", "advert"), ("shown", "")]


def test_keys_do_nothing_outside_the_list_nor_when_switched_off(stack: Stack, desk_page: Page) -> None:
    page = desk_page
    page.goto(QUEUE)
    expect(boxes(page)).to_have_count(3)
    switch = page.get_by_label("Keyboard shortcuts while you are in the list of names")
    switch.focus()
    for key in ("j", "x", "4", "?", "a"):
        page.keyboard.press(key)
    expect(switch).to_be_focused()
    page.keyboard.press("Space")
    expect(switch).not_to_be_checked()
    page.reload()  # it is remembered
    expect(switch).not_to_be_checked()
    into_the_list(page)
    for key in ("j", "x", "4", "?", "a"):
        page.keyboard.press(key)
    expect(boxes(page).nth(0)).to_be_focused()
    expect(page.locator("dialog.keys")).to_be_hidden()
    assert page.locator("#id_reason").input_value() == ""
    assert not any(each.is_checked() for each in boxes(page).all())
    assert verdicts(stack) == []
    page.keyboard.press("Space")  # the browser's own
    assert boxes(page).nth(0).is_checked()


def test_where_digits_need_shift_the_key_alone_chooses(desk_page: Page) -> None:
    page = desk_page
    page.goto(QUEUE)
    into_the_list(page)
    boxes(page).nth(0).dispatch_event("keydown", {"key": "é", "code": "Digit2", "bubbles": True})
    assert page.locator("#id_reason").input_value() == "insult"


def test_without_scripts_the_same_form_does_it(stack: Stack, open_desk) -> None:
    page = open_desk(java_script_enabled=False)
    page.goto(QUEUE)
    expect(page.locator(".shortcuts")).to_be_hidden()
    page.get_by_role("button", name=APPROVE).click()
    expect(page.get_by_text("No name waits.")).to_be_visible()
    assert verdicts(stack) == [("shown", "")] * 3


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(open_desk, scheme, width):
    page = open_desk(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
    page.goto(QUEUE)
    expect(boxes(page)).to_have_count(3)
    into_the_list(page)
    for opened in (False, True):
        if opened:
            page.keyboard.press("?")
            expect(page.locator("dialog.keys")).to_be_visible()
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
