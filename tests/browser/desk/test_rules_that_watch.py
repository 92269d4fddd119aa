"""A flood from one network: a rule watches for it, holds who comes from there, and the people among them are let go."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.test_flow import act, fill, link_in, send
from tests.stack import Stack


@pytest.fixture(autouse=True)
def nobody_else_is_held(stack: Stack) -> Iterator[None]:
    """Other tests sign from the same network."""
    yield
    stack.sql("UPDATE signatures_rule SET watches_until = now() WHERE watches_until > now()")


@pytest.mark.parametrize("width", [1280, 360])
def test_a_network_is_watched_and_who_comes_from_it_is_held_released_and_counted(open_desk, stack, visit, width):
    page = open_desk(viewport={"width": width, "height": 900}, color_scheme="dark" if width == 360 else "light")
    name = f"the flood {width}"
    page.goto("/desk/signatures/rule/add/")
    page.locator("#id_petition").select_option(label="xinjiang")
    page.locator("#id_name").fill(name)
    page.locator("#id_network").fill("127.0.0.1")
    page.locator("[name=_save]").click()
    expect(page.locator(".errorlist")).to_contain_text("too narrow")
    page.locator("#id_network").fill("127.0.0.1/24")
    page.locator("[name=_continue]").click()
    expect(page.locator("#id_network")).to_have_value("127.0.0.0/24")
    page.get_by_role("link", name="Look at what it would do").click()
    expect(page.locator("#content-main")).to_contain_text("This rule cannot be run")
    assert page.locator("#content-main [type=submit]").count() == 0
    page.get_by_role("link", name="Watch for new ones…").click()
    expect(page.locator("#content-main")).to_contain_text("the honest as well")
    assert Axe().run(page).response["violations"] == []
    page.locator("#id_days").select_option("1")
    page.locator("#id_reason").fill("a flood since noon")
    page.get_by_role("button", name="Watch for new ones").click()
    expect(page.locator(".messagelist")).to_contain_text("The rule watches for new signatures")
    page.wait_for_timeout(600)  # PAGE_TTL of this stack: the other processes have heard of it

    address = f"{uuid.uuid4().hex}@mail.example.org"
    seen = visit()
    fill(seen.page, address)
    send(seen.page)
    assert address in seen.page.locator("main").inner_text()
    (mail,) = stack.mail.wait_for(address)
    assert name not in mail["text"]

    page.goto("/desk/signatures/rule/")
    row = page.locator("#result_list tr", has_text=name)
    row.locator(".field-holds a").click()
    expect(page.locator(".what-is-shown")).to_contain_text(f"held by the rule “{name}”")
    assert page.locator("#result_list tbody tr").count() == 1
    assert Axe().run(page).response["violations"] == []
    page.locator(".all-that-match a", has_text="Release").click()
    page.locator("#id_reason").fill("a person")
    page.locator("#content [type=submit]").first.click()
    expect(page.locator(".messagelist")).to_contain_text("1 signature")

    mails = stack.mail.wait_for(address, count=2)
    seen.page.goto(link_in(mails[0], "confirm"))
    act(seen.page)
    assert "Your signature counts" in seen.page.locator("main").inner_text()
    seen.nothing_untoward()

    page.goto("/desk/signatures/rule/")
    page.locator("#result_list tr", has_text=name).locator("th a").click()
    page.get_by_role("link", name="Stop watching…").click()
    page.locator("#id_reason").fill("it is over")
    page.locator("#content [type=submit]").first.click()
    expect(page.locator(".messagelist")).to_contain_text("does not watch any more")
    page.wait_for_timeout(600)
    after = visit()
    fill(after.page, f"{uuid.uuid4().hex}@mail.example.org")
    send(after.page)
    assert stack.sql("SELECT state FROM signatures_signature ORDER BY id DESC LIMIT 1") == [("pending",)]
