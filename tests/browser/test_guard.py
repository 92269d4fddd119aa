"""What people meet when very many forms arrive: their browser works for a moment, or they wait for one."""

from __future__ import annotations

import re
import time
import uuid

import httpx
import pytest

from tests.browser.press import press
from tests.browser.test_flow import fill, send
from tests.stack import Stack


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    """A stack on which every form meets a high pressure."""
    pressed = {"PRESSURE_NETWORK": "0", "PATIENCE_SECONDS": "3", "GUARD_PATIENCE_RATE": "1000/m"}
    running = Stack(tmp_path_factory.mktemp("pressed"), own_servers=True, **pressed)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def address():
    return f"{uuid.uuid4().hex}@mail.example.org"


def states(stack):
    return [state for (state,) in stack.sql("SELECT state FROM signatures_signature ORDER BY id DESC")]


def test_with_javascript_the_browser_works_for_a_moment_and_signs(stack, visit, address):
    seen = visit()
    fill(seen.page, address)
    send(seen.page)
    seen.page.wait_for_url("**/check/**")
    assert address in seen.page.locator("main").inner_text()
    assert stack.mail.wait_for(address)
    seen.nothing_untoward()
    assert stack.sql("SELECT count(*) FROM signatures_spentproof")[0][0] >= 1


def test_while_it_works_the_page_says_so_and_nobody_need_press(visit, address):
    seen = visit()
    page = seen.page
    # Held up at the first try, as on a very slow phone.
    page.add_init_script("""
        const derive = crypto.subtle.deriveBits.bind(crypto.subtle);
        const released = new Promise((done) => (window.release = done));
        crypto.subtle.deriveBits = (...how) => released.then(() => derive(...how));
    """)
    page.goto("/en/xinjiang/")
    fill(page, address)
    send(page)
    status = page.locator("[data-challenge] [role=status]")
    assert "working" in status.inner_text()
    assert page.locator("[data-by-hand]").is_hidden()
    assert page.evaluate("() => document.activeElement.id") == "problems"
    page.locator("#id_name").press("Enter")  # too early: nothing is sent, nothing is lost
    assert page.locator("#id_email").input_value() == address
    page.evaluate("() => window.release()")
    page.wait_for_url("**/check/**")
    seen.nothing_untoward()


def test_nothing_is_sent_while_somebody_is_still_typing(visit, address):
    seen = visit()
    page = seen.page
    page.add_init_script("""
        const derive = crypto.subtle.deriveBits.bind(crypto.subtle);
        const released = new Promise((done) => (window.release = done));
        crypto.subtle.deriveBits = (...how) => released.then(() => derive(...how));
    """)
    page.goto("/en/xinjiang/")
    fill(page, "wrong@mail.example.org")
    send(page)
    page.locator("#id_email").fill(address)
    page.evaluate("() => window.release()")
    page.get_by_text("Done. Press the button once more.").wait_for()
    page.locator("form:has(#id_name) button").first.click()
    page.wait_for_url("**/check/**")
    assert address in page.locator("main").inner_text()


def test_without_javascript_a_wait_does(stack, visit, address):
    seen = visit(java_script_enabled=False)
    page = seen.page
    fill(page, address)
    page.locator("#id_show_name").check()
    send(page)
    asked = page.locator("#problems").inner_text()
    assert re.search(r"Wait \d seconds?, then press the button once more", asked)
    assert page.locator("#id_name").input_value() == "Ngô Thị Ánh"
    assert page.locator("#id_email").input_value() == address
    assert page.locator("#id_show_name").is_checked()
    started = time.monotonic()
    while "/check/" not in page.url:
        assert time.monotonic() - started < 30
        send(page)
    assert time.monotonic() - started > 1, "a wait that nobody has to wait is none"
    assert address in page.locator("main").inner_text()
    assert stack.mail.wait_for(address)
    seen.nothing_untoward()


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_another_address_takes_the_same_way(visit, address, javascript):
    seen = visit(java_script_enabled=javascript)
    page = seen.page
    fill(page, "wrong@mail.example.org")
    while "/check/" not in page.url:
        send(page)
        if javascript:
            page.wait_for_url("**/check/**")
    first = page.url.partition("#")[0]
    page.locator("#id_email").fill(address)
    started = time.monotonic()
    while page.url.partition("#")[0] == first:
        assert time.monotonic() - started < 30
        press(page.locator("form:has(#id_email) button"))
        if javascript:
            page.wait_for_url(lambda url: url.partition("#")[0] != first)
    assert address in page.locator("main").inner_text()
    seen.nothing_untoward()


def test_the_trap_is_out_of_sight_and_out_of_reach(visit):
    page = visit().page
    trap = page.locator("[name=website]")
    assert trap.count() == 1
    box = trap.bounding_box()
    assert box["width"] <= 1 or page.locator(".visually-hidden:has([name=website])").bounding_box()["width"] <= 1
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("() => document.activeElement.name"))
    assert "email" in reached
    assert "website" not in reached


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_while_something_is_asked(visit, scheme):
    from axe_playwright_python.sync_playwright import Axe

    page = visit(bypass_csp=True, color_scheme=scheme, java_script_enabled=True).page
    page.add_init_script("crypto.subtle.deriveBits = () => new Promise(() => {});")
    page.goto("/en/xinjiang/")
    fill(page, "ada@mail.example.org")
    send(page)
    page.locator("[data-challenge]").wait_for()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_a_frozen_redis_under_pressure_neither_opens_nor_bars_the_gate(stack):
    browser = httpx.Client(base_url=stack.url, timeout=20)
    page = browser.get("/en/xinjiang/")
    form = {"name": "Ada", "email": f"{uuid.uuid4().hex}@mail.example.org", "country": "FR"}
    form["token"] = re.search(r'name="token" value="([^"]+)"', page.text)[1]
    before = len(states(stack))
    stack.valkey.freeze()
    try:
        started = time.monotonic()
        asked = browser.post("/en/xinjiang/", data=form)
        assert asked.status_code == 422
        assert len(states(stack)) == before
        form["pass"] = re.search(r'name="pass" value="([^"]+)"', asked.text)[1]
        while browser.post("/en/xinjiang/", data=form).status_code != 303:
            assert time.monotonic() - started < 20
        assert len(states(stack)) == before + 1
    finally:
        stack.valkey.thaw()
