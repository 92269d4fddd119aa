"""Read the letter, sign, confirm, be counted: as people do it, with and without JavaScript."""

from __future__ import annotations

import re
import uuid

import httpx
import pytest
from django.conf import settings

PHONE = {"width": 320, "height": 640}
TEXTS = {
    "en": {"sign": "Sign this letter", "confirmed": "Your signature counts"},
    "fr": {"sign": "Signer cette lettre", "confirmed": "Votre signature compte"},
}


def link_in(mail, purpose):
    return re.search(rf"http\S+/{purpose}/\S+", mail["text"])[0]


def total(stack):
    return int(httpx.get(f"{stack.url}/api/v1/petitions/xinjiang/tally", timeout=10).json()["total"])


def fill(page, address, country="PE"):
    page.locator("#id_name").fill("Ngô Thị Ánh")
    page.locator("#id_email").fill(address)
    page.locator("#id_country").select_option(country)


def send(page):
    page.locator("form:has(#id_name) button[type=submit], form:has(#id_name) button:not([type])").first.click()
    page.wait_for_load_state()


def act(page):
    """Press the one button that a link page is for."""
    page.locator("main form button").first.click()
    page.wait_for_load_state()


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_person_signs_confirms_and_is_counted(stack, visit, javascript, language):
    before = total(stack)
    address = f"{uuid.uuid4().hex}@mail.example.org"
    seen = visit(f"/{language}/xinjiang/", java_script_enabled=javascript, viewport=PHONE)
    page = seen.page
    assert page.locator("html").get_attribute("lang") == language
    for box in ("show_name", "hand_over", "updates"):
        assert not page.locator(f"#id_{box}").is_checked()
    fill(page, address)
    send(page)
    assert address in page.locator("main").inner_text()
    (mail,) = stack.mail.wait_for(address)
    page.goto(link_in(mail, "confirm"))
    assert "Ngô Thị Ánh" in page.locator("main").inner_text()
    act(page)
    assert TEXTS[language]["confirmed"] in page.locator("main").inner_text()
    page.reload()  # the browser asks again with POST: still one
    seen.nothing_untoward()
    mails = stack.mail.wait_for(address, count=2)
    page.goto(link_in(mails[0], "mine"))
    assert address in page.locator("main").inner_text()
    for _ in range(100):
        if total(stack) == before + 1:
            break
        page.wait_for_timeout(100)
    assert total(stack) == before + 1


def test_the_count_moves_on_an_open_page(stack, visit):
    before = total(stack)
    reader = visit()
    address = f"{uuid.uuid4().hex}@mail.example.org"
    signer = visit(java_script_enabled=False)
    fill(signer.page, address)
    send(signer.page)
    signer.page.goto(link_in(stack.mail.wait_for(address)[0], "confirm"))
    act(signer.page)
    reader.page.locator("[data-count]", has_text=re.compile(f"^{before + 1:,}$")).wait_for(timeout=10_000)
    reader.nothing_untoward()


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_mistake_is_named_linked_and_nothing_is_lost(visit, javascript):
    seen = visit(java_script_enabled=javascript)
    page = seen.page
    fill(page, "nobody@nowhere@else")
    page.locator("#id_show_name").check()
    send(page)
    assert page.locator("#id_name").input_value() == "Ngô Thị Ánh"
    assert page.locator("#id_email").input_value() == "nobody@nowhere@else"
    assert page.locator("#id_country").input_value() == "PE"
    assert page.locator("#id_show_name").is_checked()
    assert page.locator("#id_email").get_attribute("aria-invalid") == "true"
    page.locator('a[href="#id_email"]').click()
    assert page.evaluate("() => document.activeElement.id") == "id_email"
    seen.nothing_untoward()


def test_the_whole_flow_by_keyboard_alone(stack, visit):
    address = f"{uuid.uuid4().hex}@mail.example.org"
    page = visit().page
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.id") == "id_name":
            break
    page.keyboard.type("Ada Example")
    page.keyboard.press("Tab")
    page.keyboard.type(address)
    page.keyboard.press("Tab")
    page.keyboard.type("cote")  # finds Côte d'Ivoire
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    assert page.locator("#id_country").input_value() == "CI"
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert page.locator("#id_show_name").is_checked()
    page.locator("#id_name").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/check/**")
    page.goto(link_in(stack.mail.wait_for(address)[0], "confirm"))
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.tagName") == "BUTTON":
            break
    page.keyboard.press("Enter")
    page.wait_for_load_state()
    assert "Your signature counts" in page.locator("main").inner_text()


def test_withdrawing_erasing_and_not_me_by_link(stack, visit):
    address = f"{uuid.uuid4().hex}@mail.example.org"
    page = visit(java_script_enabled=False).page
    fill(page, address)
    send(page)
    mail = stack.mail.wait_for(address)[0]
    page.goto(link_in(mail, "confirm"))
    act(page)
    mine = link_in(stack.mail.wait_for(address, count=2)[0], "mine")
    page.goto(mine)
    page.locator("details summary").first.click()
    page.locator("details[open] button").click()
    page.wait_for_load_state()
    assert "withdrawn" in page.locator("main").inner_text().lower()
    page.goto(mine)
    page.locator("details summary").last.click()
    page.locator("details[open] button").last.click()
    page.wait_for_load_state()
    assert address not in page.content()
    page.goto(link_in(mail, "not-me"))
    act(page)
    assert page.locator("h1").count() == 1


@pytest.mark.parametrize("language", [code for code, _ in settings.LANGUAGES])
def test_the_first_load_is_light_and_comes_from_one_place(stack, chromium, language):
    context = chromium.new_context(base_url=stack.url)
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    loaded = []
    devtools.on("Network.loadingFinished", lambda event: loaded.append(event["encodedDataLength"]))
    page.goto(f"/{language}/xinjiang/", wait_until="load")
    page.evaluate("() => document.fonts.ready.then(() => true)")
    page.wait_for_timeout(500)
    assert len(loaded) >= 5
    assert sum(loaded) < 60_000, loaded
    context.close()


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_no_page_scrolls_sideways(visit, width):
    page = visit(viewport={"width": width, "height": 800}).page
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width


def nothing_found(page, state):
    """axe, and no sideways scrolling."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page)
    assert found.violations_count == 0, f"{state}: {found.generate_report()}"
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), state


# axe is injected by the test; the page's own policy would refuse it. Each language brings its script and direction.
@pytest.mark.parametrize(("scheme", "width"), [("light", 320), ("dark", 320), ("light", 1280), ("dark", 1280)])
@pytest.mark.parametrize("language", [code for code, _ in settings.LANGUAGES])
def test_axe_finds_nothing_on_any_page_in_any_state(stack, visit, language, scheme, width):
    size = {"width": width, "height": 700}
    page = visit(f"/{language}/", color_scheme=scheme, viewport=size, bypass_csp=True, reduced_motion="reduce").page
    nothing_found(page, "home")
    for path in (f"/{language}/privacy/", f"/{language}/no/such/page/", f"/{language}/xinjiang/"):
        page.goto(path)
        nothing_found(page, path)
    send(page)
    nothing_found(page, "errors")
    page.locator("#id_email").fill("ada@gmial.com")
    page.locator("#id_country-search").fill("al")
    nothing_found(page, "a question about the address, and the list of countries open")
    address = f"{uuid.uuid4().hex}@gmial.com"
    fill(page, address)
    send(page)
    page.wait_for_url("**/check/**")
    nothing_found(page, "check mail, with a question")
    page.locator("form:has(#id_email) button[type=submit]").click()
    page.wait_for_load_state()
    nothing_found(page, "check mail, with errors")
    mail = stack.mail.wait_for(address)[0]
    confirm, not_me = link_in(mail, "confirm"), link_in(mail, "not-me")
    page.goto(confirm)
    nothing_found(page, "confirm")
    act(page)
    nothing_found(page, "confirmed")
    mine = link_in(stack.mail.wait_for(address, count=2)[0], "mine")
    for state, url in {"mine": mine, "not me": not_me, "cut short": confirm[:-8], "cut short too": mine[:-8]}.items():
        page.goto(url)
        page.evaluate("() => document.querySelectorAll('main details').forEach((each) => (each.open = true))")
        nothing_found(page, state)
    page.goto(mine)
    page.locator("details:has(button.quiet) summary").first.click()
    page.locator("details[open] button.quiet").first.click()
    page.wait_for_load_state()
    nothing_found(page, "withdrawn")
    page.goto(not_me)
    act(page)
    nothing_found(page, "deleted")
    page.goto(mine)
    nothing_found(page, "nothing is left")
