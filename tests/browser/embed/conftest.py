"""Partner pages on an origin of their own, and between them and us an edge that a test can break."""

from __future__ import annotations

import json
import re
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from signatures.models import Petition, Tally
from signatures.tally import snapshot
from tests.browser.pages.conftest import OpenPage, browser, open_page, petition  # noqa: F401  fixtures

DOCUMENTED = (Path(__file__).parents[3] / "docs" / "partners.md").read_text()


def documented(kind: str) -> str:
    """What docs/partners.md has in its code block of a kind, word for word."""
    found = re.search(rf"^```{kind}\n(.*?)^```$", DOCUMENTED, re.MULTILINE | re.DOTALL)
    assert found, f"docs/partners.md has no block {kind}"
    return " ".join(found[1].split())


class Server:
    """Answers GET on a loopback port that stays the same when it is stopped and started."""

    def __init__(self) -> None:
        self.port = 0
        self.start()

    def start(self) -> None:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, headers, body = outer.answer(self.path, dict(self.headers))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None: ...

        ThreadingHTTPServer.allow_reuse_address = True
        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answer(self, path: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        raise NotImplementedError


class Partner(Server):
    """A site that is not ours."""

    def __init__(self) -> None:
        self.html, self.policy = "", ""
        self.painted = threading.Event()  # set by a page that fetches /painted
        super().__init__()

    def answer(self, path: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        if path == "/site.css":
            return 200, {"Content-Type": "text/css"}, documented("css").encode()
        if path == "/painted":
            self.painted.set()
        if path != "/":
            return 204, {}, b""
        said = {"Content-Type": "text/html; charset=utf-8"}
        if self.policy:
            said["Content-Security-Policy"] = self.policy
        return 200, said, f"<!doctype html><html lang=en><title>Partner</title>{self.html}".encode()

    def show(self, html: str, *, policy: str = "") -> None:
        self.html, self.policy = html, policy


class Edge(Server):
    """What stands before us at our own address: passes everything on, unless a test says otherwise."""

    def __init__(self, live: str) -> None:
        self.live = live
        self.asked: list[str] = []
        self.said: dict[str, tuple[int, Any]] = {}  # answers by the end of a path: a status and JSON
        self.slow = 0.0  # seconds before each answer
        self.until: threading.Event | None = None  # nothing is answered before
        super().__init__()

    def answer(self, path: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        self.asked.append(path)
        time.sleep(self.slow)
        if self.until:
            assert self.until.wait(20), "what is waited for never came"
        for ending, (status, body) in self.said.items():
            if path.endswith(ending):
                kinds = {"Content-Type": "application/json", "Access-Control-Allow-Origin": "*"}
                return status, kinds | {"Cache-Control": "no-store"}, json.dumps(body).encode()
        try:
            with urllib.request.urlopen(self.live + path) as answer:
                status, said, body = answer.status, dict(answer.headers), answer.read()
        except urllib.error.HTTPError as error:
            status, said, body = error.code, dict(error.headers), error.read()
        for name in ("Connection", "Date", "Server", "Content-Length", "Transfer-Encoding"):
            said.pop(name, None)
        if path.endswith("/tally"):
            said["Cache-Control"] = "no-store"  # so that a test need not wait for the browser's own cache
        return status, said, body

    def tallies(self) -> int:
        """How often a count was asked for."""
        return sum(path.endswith("/tally") for path in self.asked)


@pytest.fixture
def partner() -> Iterator[Partner]:
    server = Partner()
    yield server
    server.stop()


@pytest.fixture
def edge(live_server: LiveServer) -> Iterator[Edge]:
    server = Edge(live_server.url)
    yield server
    server.stop()


def counted(petition: Petition, total: int, *, version: int) -> None:  # noqa: F811
    """Let the published count be another."""
    from signatures.counter import answers
    from signatures.letters import read

    Tally.objects.filter(petition=petition).update(total=total, version=version)
    snapshot.publish([petition.pk])
    snapshot.forget()
    read.forget(petition.slug)
    answers.forget()


class Visit:
    """A partner's page in a browser, and what went wrong in it."""

    def __init__(self, page: Page, origin: str) -> None:
        self.page, self.origin = page, origin
        self.complaints: list[str] = []
        self.foreign: list[str] = []
        page.on("console", lambda m: self.complaints.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: self.complaints.append(dialog.message))
        page.on("request", lambda r: self.foreign.append(r.url))

    def words(self, index: int = 0) -> str:
        """What a reader sees of a counter, its link included, on one line."""
        return self.page.evaluate(
            """(index) => {
                const counter = document.querySelectorAll("petition-counter")[index];
                const seen = counter.shadowRoot?.querySelector(".figures");
                const shown = seen && getComputedStyle(seen).visibility === "visible" && seen.checkVisibility();
                return [shown ? seen.innerText : "", counter.innerText].join(" ").replace(/\\s+/g, " ").trim();
            }""",
            index,
        )

    def wait_until(self, true: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 15
        while not true():
            assert time.monotonic() < deadline, "it never came"
            self.page.wait_for_timeout(20)

    def wait_for(self, words: str, index: int = 0) -> None:
        deadline = time.monotonic() + 15
        while words not in (now := self.words(index)):
            assert time.monotonic() < deadline, f"{words!r} is not in {now!r}; {self.complaints}"
            self.page.wait_for_timeout(30)


@pytest.fixture
def visit(partner: Partner, open_page: OpenPage) -> Callable[..., Visit]:  # noqa: F811
    """Open the partner's page; keyword arguments are Playwright's. With `clock`, its time is ours to turn on."""

    def opened(*, clock: bool = False, **options: Any) -> Visit:
        page = open_page(**options)
        if clock:
            page.clock.install()
        visiting = Visit(page, partner.origin)
        page.goto(partner.origin)
        return visiting

    return opened
