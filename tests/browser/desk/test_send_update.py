"""An update written, published, tried out, sent, watched; and a reader who has had enough of them."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.stack import Stack

STAFF = "mo.staff@campaign.example"


@dataclass
class Reader:
    """Somebody who has signed in French, confirmed, and asked for updates."""

    address: str
    stack: Stack
    visit: Callable[..., Any]

    def update(self) -> dict[str, Any]:
        """The update in the mailbox."""
        (mail,) = [each for each in self.stack.mail.wait_for(self.address, count=3) if "/unsubscribe/" in each["text"]]
        return mail

    def follow(self, mail: dict[str, Any], purpose: str, **how: Any) -> Any:
        """The page behind a link of a mail."""
        found = re.search(rf"http\S+(/fr/xinjiang/{purpose}/\S+)", mail["text"])
        assert found, purpose
        return self.visit(found[1], **how)


@pytest.fixture
def reader(stack: Stack, visit: Callable[..., Any]) -> Reader:
    somebody = Reader(f"{uuid.uuid4().hex}@mail.example.org", stack, visit)
    # Whom other tests made sign would get theirs first, at so many a minute.
    stack.sql("UPDATE signatures_signature SET wants_updates = false WHERE wants_updates")
    page = visit("/fr/xinjiang/").page
    page.locator("#id_name").fill("Zoé Exemple")
    page.locator("#id_email").fill(somebody.address)
    page.locator("#id_country").select_option("PE")
    page.locator("#id_updates").check()
    page.locator("form:has(#id_name) button[type=submit], form:has(#id_name) button:not([type])").first.click()
    page = somebody.follow(stack.mail.wait_for(somebody.address)[0], "confirm").page
    page.locator("main form button").first.click()
    stack.mail.wait_for(somebody.address, count=2)
    return somebody


def write_update(page: Page, *, title: str) -> str:
    """At the desk, in two languages; the address of its page."""
    page.goto("/desk/signatures/campaignupdate/add/")
    page.locator("#id_petition").select_option(label="xinjiang")
    for number, (language, words) in enumerate((("en", title), ("fr", f"{title}, en français"))):
        if number:
            page.locator("#texts-group .add-row a").click()
        page.locator(f"#id_texts-{number}-language").fill(language)
        page.locator(f"#id_texts-{number}-title").fill(words)
        page.locator(f"#id_texts-{number}-body").fill("We **met** them.\n\n- first\n- second")
    page.locator("[name=_continue]").click()
    page.wait_for_url("**/change/")
    return page.url.rpartition("/change/")[0]


def with_reason(page: Page, reason: str) -> None:
    page.locator("#id_reason").fill(reason)
    page.locator(".submit-row [type=submit]").click()
    page.wait_for_load_state()


def seen_well(page: Page) -> None:
    found = Axe().run(page).response["violations"]
    assert not found, [(each["id"], [node["html"] for node in each["nodes"]]) for each in found]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "it scrolls sideways"


def it_is_me(page: Page, password: str) -> None:
    page.locator("#id_password").fill(password)
    page.locator("[type=submit]").click()
    page.wait_for_url("**/send/")


def figure(page: Page, label: str) -> str:
    return page.locator("#progress tr", has_text=re.compile(f"^{label}")).locator("td").inner_text()


def test_an_update_is_written_tried_out_sent_watched_and_left(
    stack: Stack, open_desk: Callable[..., Page], desk_password: str, reader: Reader
) -> None:
    page = open_desk(viewport={"width": 1280, "height": 900})
    stack.sql("UPDATE auth_user SET email = %s WHERE username = 'staff'", STAFF)
    update = write_update(page, title="The ministers answered")

    # A draft can be tried out, and cannot be sent.
    assert not page.get_by_text("Send to supporters…").count()
    page.get_by_text("Send a test to myself…").click()
    page.locator("#id_language").select_option("fr")
    page.locator(".submit-row [type=submit]").click()
    (test,) = stack.mail.wait_for(STAFF)
    assert "en français" in test["text"] and test["subject"].startswith("Essai")
    page.reload()
    assert page.locator("table").get_by_text("sent", exact=True).count() == 1

    page.goto(f"{update}/change/")
    page.get_by_text("Publish…").click()
    with_reason(page, "their answer")
    page.get_by_text("Send to supporters…").click()
    it_is_me(page, desk_password)
    assert "French" in page.locator("table.sources").inner_text()
    with_reason(page, "their answer")
    assert page.url.endswith("/sending/")

    mail = reader.update()
    assert "The ministers answered, en français" in mail["text"]
    for _ in range(50):
        page.get_by_text("Look again").click()
        page.wait_for_load_state()
        if page.get_by_text("Finished").count():
            break
        page.wait_for_timeout(200)
    assert page.get_by_text("Finished").count() == 1
    assert figure(page, "Sent") == "1" and figure(page, "Waiting") == "0"

    # The reader, in the language that they signed in.
    left = reader.follow(mail, "unsubscribe")
    assert left.page.locator("html").get_attribute("lang") == "fr"
    left.page.locator("main form button").click()
    left.page.wait_for_load_state()
    left.nothing_untoward()
    page.get_by_text("Look again").click()
    assert figure(page, "Unsubscribed") == "1"
    mine = reader.follow(mail, "mine").page
    assert not mine.locator("#id_updates").is_checked()


@pytest.mark.parametrize("look", [("light", 1280), ("dark", 360)])
def test_its_pages_can_be_read_by_everybody(
    open_desk: Callable[..., Page], desk_password: str, reader: Reader, look: tuple[str, int]
) -> None:
    scheme, width = look
    how = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme, "bypass_csp": True}
    page = open_desk(**how)
    reader.stack.sql("UPDATE signatures_updatesending SET started_at = started_at - interval '2 days'")
    update = write_update(page, title="Another one")
    page.goto(f"{update}/publish/")
    with_reason(page, "their answer")
    for name in ("test", "send", "sending", "pause"):
        page.goto(f"{update}/{name}/")
        if name == "send":
            it_is_me(page, desk_password)
        seen_well(page)
        if name == "send":
            with_reason(page, "their answer")
    mail = reader.update()
    left = reader.follow(mail, "unsubscribe", **how).page
    seen_well(left)
    left.locator("main form button").click()
    left.wait_for_load_state()
    seen_well(left)
