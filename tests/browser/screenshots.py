"""`make screenshots`: the main pages as a person sees them, into docs/screenshots."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests import servers  # noqa: F401  the servers, before the stack asks for them
from tests.browser.conftest import QUIET
from tests.stack import Stack

FOLDER = Path(__file__).resolve().parent.parent.parent / "docs" / "screenshots"
ADDRESS = "thi.anh@mail.example.org"


def _take(page: Page, name: str) -> None:
    page.screenshot(path=FOLDER / f"{name}.png", full_page=not name.startswith("desk"))
    print(f"docs/screenshots/{name}.png")


def take_all(stack: Stack) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    stack.manage("simulate", "--signatures", "323832", "--countries", "184")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=QUIET)
        wide = browser.new_page(base_url=stack.url, viewport={"width": 1280, "height": 900})
        wide.goto("/en/xinjiang/record/")
        _take(wide, "record")
        wide.goto("/en/xinjiang/")
        _take(wide, "letter")
        wide.locator("#id_name").fill("Ngô Thị Ánh")
        wide.locator("#id_email").fill("thi.anh@mail")
        wide.locator("form:has(#id_name) button").click()
        _take(wide, "errors")
        wide.locator("#id_email").fill(ADDRESS)
        wide.locator("#id_country").select_option("VN")
        wide.locator("form:has(#id_name) button").click()
        wide.wait_for_url("**/check/**")
        _take(wide, "check-mail")
        wide.goto(re.search(r"http\S+/confirm/\S+", stack.mail.wait_for(ADDRESS)[0]["text"])[0])
        _take(wide, "confirm")
        wide.locator("main form button").first.click()
        wide.wait_for_load_state()
        _take(wide, "confirmed")
        wide.goto(re.search(r"http\S+/mine/\S+", stack.mail.wait_for(ADDRESS, count=2)[0]["text"])[0])
        _take(wide, "my-signature")
        phone = browser.new_page(base_url=stack.url, viewport={"width": 320, "height": 640}, color_scheme="dark")
        phone.goto("/fr/xinjiang/")
        _take(phone, "letter-phone-dark-fr")
        password = stack.manage("createstaff", "staff", "--superuser").split()[-1]
        wide.goto("/desk/")
        wide.locator("#id_username").fill("staff")
        wide.locator("#id_password").fill(password)
        wide.locator("[type=submit]").click()
        for name, path in {
            "desk": "",
            "desk-signatures": "signatures/signature/",
            "desk-tally": "signatures/tally/",
        }.items():
            wide.goto(f"/desk/{path}")
            _take(wide, name)
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
