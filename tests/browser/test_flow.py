"""Read the letter, sign, confirm, be counted: as people do it, with and without JavaScript."""

from __future__ import annotations

import re
import uuid

import httpx
import pytest
from django.conf import settings

from tests.browser.press import press

SIZES = {
    "320 px": {"viewport": {"width": 320, "height": 640}},
    "200 % zoom": {"viewport": {"width": 640, "height": 400}, "device_scale_factor": 2},  # 1280 by 800, twice as large
}
CONFIRMED = {"en": "Your signature counts", "fr": "Votre signature compte", "ar": "توقيعكم محسوب"}


def link_in(mail, purpose):
    return re.search(rf"http\S+/{purpose}/\S+", mail["text"])[0]


def total(stack):
    return int(httpx.get(f"{stack.url}/api/v1/petitions/xinjiang/tally", timeout=10).json()["total"])


def fill(page, address, country="PE"):
    page.locator("#id_name").fill("Ngô Thị Ánh")
    page.locator("#id_email").fill(address)
    page.locator("#id_country").select_option(country)


def send(page):
    press(page.locator("form:has(#id_name) button[type=submit], form:has(#id_name) button:not([type])").first)


def act(page):
    """Press the one button that a link page is for."""
    press(page.locator("main form button").first)


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
@pytest.mark.parametrize("language", CONFIRMED)
@pytest.mark.parametrize("size", SIZES)
def test_a_person_signs_confirms_and_is_counted(stack, visit, javascript, language, size):
    before = total(stack)
    address = f"{uuid.uuid4().hex}@mail.example.org"
    seen = visit(f"/{language}/xinjiang/", java_script_enabled=javascript, **SIZES[size])
    page = seen.page

    def says(words):
        assert words in page.locator("main").inner_text()
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")

    assert page.locator("html").get_attribute("lang") == language
    for box in ("show_name", "hand_over", "updates"):
        assert not page.locator(f"#id_{box}").is_checked()
    fill(page, address)
    send(page)
    says(address)
    (mail,) = stack.mail.wait_for(address)
    page.goto(link_in(mail, "confirm"))
    says("Ngô Thị Ánh")
    act(page)
    says(CONFIRMED[language])
    page.reload()  # the browser asks again with POST: still one
    seen.nothing_untoward()
    mails = stack.mail.wait_for(address, count=2)
    page.goto(link_in(mails[0], "mine"))
    says(address)
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


@pytest.mark.parametrize("language", CONFIRMED)
def test_the_whole_flow_by_keyboard_alone(stack, visit, language):
    address = f"{uuid.uuid4().hex}@mail.example.org"
    page = visit(f"/{language}/xinjiang/", **SIZES["200 % zoom"]).page
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
    page.locator("main", has_text=CONFIRMED[language]).wait_for()


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
    press(page.locator("details[open] button"))
    assert "withdrawn" in page.locator("main").inner_text().lower()
    page.goto(mine)
    page.locator("details summary").last.click()
    press(page.locator("details[open] button").last)
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


def _nothing_found(page, state, looks):
    """axe in each of the looks (a colour scheme and a width), and no sideways scrolling at the narrowest."""
    from axe_playwright_python.sync_playwright import Axe

    for scheme, width in looks:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 700})
        found = Axe().run(page)
        assert found.violations_count == 0, f"{state}, {scheme}, {width}: {found.generate_report()}"
    page.set_viewport_size({"width": 320, "height": 700})
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 320, state


def open_all(page):
    """Show what is folded away."""
    page.evaluate("() => document.querySelectorAll('main details').forEach((each) => (each.open = true))")


PAGES = ("", "privacy/", "no/such/page/")
PAGES += tuple(f"xinjiang/{part}" for part in ("record/", "record/count/", "names/", "updates/", "embed/"))
LOOKS = (("light", 320), ("dark", 1280))


# axe is injected by the test; the page's own policy would refuse it. By day and by night in each direction of writing;
# in every language, that its words fit.
@pytest.mark.parametrize("language", [code for code, _ in settings.LANGUAGES])
def test_axe_finds_nothing_on_any_page_in_any_state_and_all_of_it_fits(lived_in, visit, language):
    looks = LOOKS if language in ("en", "ar") else ()

    def nothing_found(page, state):
        _nothing_found(page, state, looks)

    page = visit("/", bypass_csp=True, reduced_motion="reduce").page
    nothing_found(page, "the choice of languages")
    for path in PAGES:
        page.goto(f"/{language}/{path}")
        open_all(page)
        nothing_found(page, path)
    page.goto(f"/{language}/xinjiang/updates/")
    press(page.locator(".letters a").first)
    nothing_found(page, "an update")
    page.goto(f"/{language}/xinjiang/my-signature/")
    nothing_found(page, "a lost link")
    press(page.locator("form:has(#id_email) button[type=submit]"))
    nothing_found(page, "a lost link, with errors")
    page.locator("#id_email").fill(f"{uuid.uuid4().hex}@mail.example.org")
    page.locator("form:has(#id_email) button[type=submit]").click()
    page.wait_for_url("**?asked**")
    nothing_found(page, "a lost link, asked for")
    page.goto(f"/{language}/xinjiang/")
    open_all(page)
    nothing_found(page, "the letter")
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
    press(page.locator("form:has(#id_email) button[type=submit]"))
    nothing_found(page, "check mail, with errors")
    mail = lived_in.mail.wait_for(address)[0]
    confirm, not_me = link_in(mail, "confirm"), link_in(mail, "not-me")
    page.goto(confirm)
    nothing_found(page, "confirm")
    act(page)
    open_all(page)
    nothing_found(page, "confirmed")
    mine = link_in(lived_in.mail.wait_for(address, count=2)[0], "mine")
    for state, url in {"mine": mine, "not me": not_me, "cut short": confirm[:-8], "cut short too": mine[:-8]}.items():
        page.goto(url)
        open_all(page)
        nothing_found(page, state)
    page.goto(mine)
    page.locator("details:has(button.quiet) summary").first.click()
    press(page.locator("details[open] button.quiet").first)
    nothing_found(page, "withdrawn")
    page.goto(not_me)
    act(page)
    nothing_found(page, "deleted")
    page.goto(mine)
    nothing_found(page, "nothing is left")
