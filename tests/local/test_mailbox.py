"""The local mailbox as its own process, and in Chromium."""

from __future__ import annotations

import os
import shutil
import smtplib
import socket
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, sync_playwright

from petition.local import services
from petition.local.children import free_port
from petition.local.mailbox import Mailbox


@pytest.fixture
def mailbox(tmp_path: Path):
    smtp, http = free_port(), free_port()
    child = services.start_mailbox(folder=tmp_path, env=dict(os.environ), smtp=smtp, http=http)
    yield smtp, f"http://127.0.0.1:{http}"
    child.stop()


def send(port, to="ada@mail.example.org", *, text="Follow http://127.0.0.1/x", html="<p>Hi</p>"):
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "Hello <b>you</b>", "a@b.example", to
    message.set_content(text)
    message.add_alternative(html, subtype="html")
    with smtplib.SMTP("127.0.0.1", port) as server:
        server.send_message(message)


def test_a_mail_can_be_read_and_nothing_in_it_runs(mailbox):
    smtp, url = mailbox
    send(smtp)
    (mail,) = httpx.get(f"{url}/api/messages", params={"to": "ada@"}).json()
    assert mail["subject"] == "Hello <b>you</b>"
    assert "<b>you" not in httpx.get(url).text
    page = httpx.get(f"{url}/mail/{mail['id']}")
    assert 'sandbox="allow-popups' in page.text
    assert '<a href="http://127.0.0.1/x">' in page.text
    body = httpx.get(f"{url}/mail/{mail['id']}/html")
    assert "default-src 'none'" in body.headers["Content-Security-Policy"]
    assert "Hello" in httpx.get(f"{url}/mail/{mail['id']}/source").text
    assert httpx.get(f"{url}/mail/1/").status_code == 404


def test_bounces_can_be_tried(mailbox):
    smtp, url = mailbox
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        send(smtp, "bounce-1@mail.example.org")
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        send(smtp, "later-1@mail.example.org")
    send(smtp, "later-1@mail.example.org")
    assert len(httpx.get(f"{url}/api/messages").json()) == 1
    httpx.delete(f"{url}/api/messages")
    assert httpx.get(f"{url}/api/messages").json() == []


def test_an_address_that_begins_another_is_a_link_of_its_own(mailbox):
    smtp, url = mailbox
    send(smtp, text='At http://a.example/ and http://a.example/x?y=1&z="2" <b>')
    (mail,) = httpx.get(f"{url}/api/messages").json()
    page = httpx.get(f"{url}/mail/{mail['id']}").text
    assert '<a href="http://a.example/">http://a.example/</a> and' in page
    assert '<a href="http://a.example/x?y=1&amp;z=">http://a.example/x?y=1&amp;z=</a>&quot;2&quot; &lt;b&gt;' in page


def test_a_restart_keeps_the_mails_and_only_the_newest_are_kept(tmp_path, monkeypatch):
    monkeypatch.setattr("petition.local.mailbox.MOST", 3)
    for number in range(5):
        Mailbox(tmp_path).add(f"Subject: {number}\r\n\r\n.".encode(), "a@b.example", ["c@d.example"])
    again = Mailbox(tmp_path)
    assert [again.message(name)["subject"] for name in again.names()] == ["4", "3", "2"]


def in_chromium(look):
    """Run `look(page)` with a browser of its own; in a thread, as another test's Playwright may be open in this one."""

    def looking():
        with sync_playwright() as playwright:
            path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
            browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
            try:
                return look(browser.new_page())
            finally:
                browser.close()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(looking).result(timeout=90)


def test_nothing_in_a_mail_runs_and_a_link_in_it_opens_a_page_where_forms_work(mailbox):
    smtp, url = mailbox
    # The mailbox itself stands in for the letter's site: any page that is not in the sandbox can send a form.
    send(smtp, html=f"<a href='{url}/'>Open</a><script>top.document.title = 'broken into'</script>")
    (mail,) = httpx.get(f"{url}/api/messages").json()

    def look(page: Page) -> tuple[str, str]:
        page.set_default_timeout(20_000)
        page.goto(f"{url}/mail/{mail['id']}")
        inside = page.frame_locator("iframe")
        with page.expect_popup() as opened:
            inside.get_by_text("Open").click()
        popup = opened.value
        popup.wait_for_load_state()
        popup.evaluate("document.body.innerHTML = '<form action=/sent><button>Confirm</button></form>'")
        with popup.expect_navigation():
            popup.get_by_text("Confirm").click()
        return page.title(), popup.url

    title, reached = in_chromium(look)
    assert title == "Hello <b>you</b>"
    assert reached == f"{url}/sent?"


def test_when_its_usual_port_is_taken_in_the_same_moment_it_listens_elsewhere(tmp_path, monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setattr(services, "some_port", lambda _preferred: taken.getsockname()[1])
        child, smtp, http = services.start_mailbox_somewhere(folder=tmp_path, env=dict(os.environ))
        try:
            assert taken.getsockname()[1] not in (smtp, http)
            send(smtp)
            assert len(httpx.get(f"http://127.0.0.1:{http}/api/messages").json()) == 1
        finally:
            child.stop()
