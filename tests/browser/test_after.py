"""After the form: thanked, passed on, changed, downloaded; with and without JavaScript, and read by axe."""

from __future__ import annotations

import json
import re
import time
import uuid

import pytest

from tests.browser.test_flow import act, fill, link_in, send

JAVASCRIPT = pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])


@pytest.fixture
def confirmed(stack, visit):
    """Somebody who has just confirmed: (what was watched, the address)."""

    def confirm(path="/en/xinjiang/", **how):
        address = f"{uuid.uuid4().hex}@mail.example.org"
        seen = visit(path, **how)
        fill(seen.page, address)
        send(seen.page)
        seen.page.goto(link_in(stack.mail.wait_for(address)[0], "confirm"))
        act(seen.page)
        return seen, address

    return confirm


@JAVASCRIPT
def test_the_thank_you_page_counts_you_in_and_passes_the_letter_on(confirmed, stack, javascript):
    seen, _address = confirmed(java_script_enabled=javascript)
    page = seen.page
    assert re.search(r"With you, [\d,]+ (?:person|people)|You are the first", page.locator(".lead").inner_text())
    names = page.locator(".ways a").all_inner_texts()
    assert names == ["WhatsApp", "Telegram", "X", "Facebook", "E-mail"]
    assert page.locator("#share-copy").input_value() == f"{stack.url}/en/xinjiang/?s=share-copy"
    assert page.locator("#share-signal").input_value().endswith("?s=share-signal")
    assert page.locator("[data-copies]").first.is_visible() == javascript
    page.locator(".share summary").click()
    page.locator(".share img").scroll_into_view_if_needed()
    page.wait_for_function("() => document.querySelector('.share img').naturalWidth > 0") if javascript else None
    seen.nothing_untoward()


def test_copying_puts_the_tagged_link_into_the_clipboard(confirmed, stack):
    seen, _address = confirmed(permissions=["clipboard-read", "clipboard-write"])
    page = seen.page
    page.locator("[data-copies=share-copy]").click()
    page.locator("[data-copies=share-copy]", has_text="Copied").wait_for()
    assert page.evaluate("() => navigator.clipboard.readText()") == f"{stack.url}/en/xinjiang/?s=share-copy"
    assert page.locator("[data-copied]").inner_text() == "Copied"
    seen.nothing_untoward()


def test_the_devices_own_share_sheet_is_offered_where_there_is_one(confirmed, stack):
    seen, _address = confirmed()
    page = seen.page
    assert page.locator("[data-share-sheet]").is_visible() == page.evaluate("() => 'share' in navigator")
    page.add_init_script("navigator.share = (what) => { window.shared = what; return Promise.resolve(); }")
    page.reload()
    page.locator("[data-share-sheet] button").click()
    assert page.evaluate("() => window.shared.url") == f"{stack.url}/en/xinjiang/?s=share-web"


@JAVASCRIPT
def test_choices_are_changed_and_everything_is_downloaded(confirmed, stack, javascript):
    seen, address = confirmed(java_script_enabled=javascript)
    page = seen.page
    page.goto(link_in(stack.mail.wait_for(address, count=2)[0], "mine"))
    page.locator("#id_show_name").check()
    page.get_by_role("button", name="Save my choices").click()
    assert page.locator("[role=status]").inner_text() == "Your choices are saved."
    assert page.locator("#id_show_name").is_checked()
    assert not page.locator("#id_hand_over").is_checked()
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Download").click()
    assert downloading.value.suggested_filename == "my-signature.json"
    held = json.loads(downloading.value.path().read_text())
    assert (held["email"], held["name"]) == (address, "Ngô Thị Ánh")
    assert held["choices"] == {"show_name": True, "hand_over": False, "updates": False}
    seen.nothing_untoward()


@JAVASCRIPT
def test_a_lost_link_is_mailed_to_the_address_that_signed(confirmed, stack, visit, javascript):
    _seen, address = confirmed()
    stack.mail.wait_for(address, count=2)
    # A quarter of an hour goes by, once the worker has noted the mail that has just arrived.
    recent = "mail_sent_at > now() - interval '15 minutes'"
    for _ in range(100):
        if not stack.sql("SELECT 1 FROM signatures_signature WHERE mail_due_at IS NOT NULL"):
            break
        time.sleep(0.1)
    stack.sql(f"UPDATE signatures_signature SET mail_sent_at = mail_sent_at - interval '1 hour' WHERE {recent}")
    seen = visit(java_script_enabled=javascript)
    page = seen.page
    page.get_by_role("link", name="I signed and lost the link").click()
    page.locator("#id_email").fill(address)
    page.get_by_role("button", name="Send me the link").click()
    page.wait_for_url(re.compile(r"\?asked"))
    newest = stack.mail.wait_for(address, count=3)[0]
    assert newest["subject"] == "The link you asked for"
    page.goto(link_in(newest, "mine"))
    assert address in page.locator("main").inner_text()
    seen.nothing_untoward()
