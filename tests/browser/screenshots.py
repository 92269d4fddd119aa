"""`make screenshots`: the main pages as a person sees them, into docs/screenshots."""

from __future__ import annotations

import re
import tempfile
from io import BytesIO
from pathlib import Path
from typing import Literal

import httpx
from django.conf import settings
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests import servers  # noqa: F401  the servers, before the stack asks for them
from tests.browser.conftest import QUIET
from tests.browser.press import press
from tests.stack import Stack

FOLDER = Path(__file__).resolve().parent.parent.parent / "docs" / "screenshots"
ColorScheme = Literal["light", "dark"]
ADDRESS = "thi.anh@mail.example.org"


def _take(page: Page, name: str) -> None:
    page.evaluate("() => document.fonts.ready.then(() => true)")
    page.screenshot(path=FOLDER / f"{name}.png", full_page=not name.startswith(("desk", "letter-phone", "countries")))
    print(f"docs/screenshots/{name}.png")


def _open(browser: Browser, stack: Stack, path: str, *, width: int, height: int, scheme: ColorScheme = "light") -> Page:
    """A page as whoever comes back sees it: the fonts are there from the first moment."""
    page = browser.new_page(base_url=stack.url, viewport={"width": width, "height": height}, color_scheme=scheme)
    page.goto(path)
    page.wait_for_load_state("networkidle")
    page.reload()
    return page


def take_reading(browser: Browser, stack: Stack) -> None:
    """The letter on a desk and in a hand, by day and by night, from right to left, and on paper."""
    wide = _open(browser, stack, "/en/xinjiang/", width=1280, height=900)
    _take(wide, "letter")
    wide.set_viewport_size({"width": 605, "height": 960})  # A4 at 96 dots an inch, less the margins of the style sheet
    wide.emulate_media(media="print")
    sheet = Image.new("RGB", (794, 1123), "white")
    sheet.paste(Image.open(BytesIO(wide.screenshot())), (94, 91))
    sheet.save(FOLDER / "letter-print.png")
    print("docs/screenshots/letter-print.png")
    _take(_open(browser, stack, "/en/xinjiang/", width=390, height=844), "letter-phone")
    _take(_open(browser, stack, "/en/xinjiang/", width=1280, height=900, scheme="dark"), "letter-dark")
    _take(_open(browser, stack, "/fr/xinjiang/", width=320, height=640, scheme="dark"), "letter-phone-dark-fr")
    for language in sorted({"ar", "ug"} & {code for code, _ in settings.LANGUAGES}):
        _take(_open(browser, stack, f"/{language}/xinjiang/", width=390, height=844), f"letter-phone-rtl-{language}")
    _take(_open(browser, stack, "/en/xinjiang/record/", width=1280, height=900), "record")
    _take(_open(browser, stack, "/en/xinjiang/embed/", width=1280, height=900), "embed")
    (FOLDER / "picture.png").write_bytes(httpx.get(f"{stack.url}/en/xinjiang/picture.png", timeout=30).content)
    print("docs/screenshots/picture.png")


def take_signing(browser: Browser, stack: Stack) -> None:
    """The way of a signer, with a mistake in it."""
    wide = _open(browser, stack, "/en/xinjiang/", width=1280, height=900)
    form = wide.locator("form:has(#id_name) button[type=submit]")
    wide.locator("#id_name").fill("Ngô Thị Ánh")
    wide.locator("#id_email").fill("thi.anh@mail")
    wide.locator("#id_country-search").press_sequentially("cote")
    _take(wide, "countries")
    wide.locator("#id_country-search").fill("")
    press(form)
    _take(wide, "errors")
    wide.locator("#id_email").fill(ADDRESS)
    wide.locator("#id_country").select_option("VN")
    form.click()
    wide.wait_for_url("**/check/**")
    _take(wide, "check-mail")
    wide.goto(_link(stack, "confirm", count=1))
    _take(wide, "confirm")
    press(wide.locator("main form button").first)
    _take(wide, "confirmed")
    wide.goto(_link(stack, "mine", count=2))
    _take(wide, "my-signature")


def _link(stack: Stack, purpose: str, *, count: int) -> str:
    found = re.search(rf"http\S+/{purpose}/\S+", stack.mail.wait_for(ADDRESS, count=count)[0]["text"])
    assert found, f"no {purpose} link in the mail"
    return found[0]


def take_desk(browser: Browser, stack: Stack) -> None:
    """What staff see of a wave: the first page, the list, what a hold would do, the hold; and the names that wait."""
    page = browser.new_page(base_url=stack.url, viewport={"width": 1280, "height": 900})
    password = stack.manage("createstaff", "staff").split()[-1]
    page.goto("/desk/")
    page.locator("#id_username").fill("staff")
    page.locator("#id_password").fill(password)
    press(page.locator("#login-form [type=submit]"))
    stack.sql("UPDATE signatures_signature SET source = 'wave' WHERE country = 'PE' AND state = 'confirmed'")
    stack.manage("shell", "-c", "from signatures.desk.home.refresh import refresh_figures; refresh_figures(whole=True)")
    page.goto("/desk/")
    _take(page, "desk")
    petition = stack.sql("SELECT id FROM signatures_petition WHERE slug = 'xinjiang'")[0][0]
    page.goto(f"/desk/signatures/signature/?petition={petition}&source=wave")
    _take(page, "desk-signatures")
    press(page.get_by_role("link", name="Hold for review"))
    page.get_by_label("Reason").fill("a wave of one minute")
    press(page.get_by_role("button", name="Hold for review"))
    page.locator(".state", has_text="Done").wait_for(timeout=120_000)
    _take(page, "desk-job")
    page.goto("/desk/signatures/waitingname/")
    _take(page, "desk-names")
    page.goto(f"/desk/signatures/petition/{petition}/change/")
    _take(page, "desk-letter")


def take_all(stack: Stack) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    stack.manage("simulate", "--signatures", "323832", "--countries", "184")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=QUIET)
        take_reading(browser, stack)
        take_signing(browser, stack)
        take_desk(browser, stack)
        browser.close()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        stack = Stack(Path(folder))
        stack.start()
        try:
            take_all(stack)
        finally:
            stack.stop()


if __name__ == "__main__":
    main()
