"""nginx with the shipped configuration: what it keeps, what it passes on, what it never writes down."""

from __future__ import annotations

import http.server
import json
import os
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.factories import make_consent, make_petition

from .production import production_environment
from .proxy import Proxy, command, free_port, nginx_folder, running_proxy, write_configuration
from .shipped import ROOT, compose, last_command, services
from .stage import database_url, run, running

TOKEN = "c2VjcmV0-dG9rZW4"
TYPED = "ada.example%40mail.example"


@dataclass
class Origin:
    """An application that counts what it is asked and answers as it is told."""

    port: int
    asked: Counter[str] = field(default_factory=Counter)
    headers: list[dict[str, str]] = field(default_factory=list)
    caching: str = "public, max-age=60"
    status: int = 200
    cookie: str = ""

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"


@contextmanager
def running_origin() -> Iterator[Origin]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            origin.asked[f"{self.command} {self.path}"] += 1
            origin.headers.append({name.lower(): value for name, value in self.headers.items()})
            body = f"answer {sum(origin.asked.values())}".encode().ljust(2000)
            self.send_response(origin.status)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            if origin.caching:
                self.send_header("Cache-Control", origin.caching)
            if origin.cookie:
                self.send_header("Set-Cookie", origin.cookie)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    origin = Origin(port=server.server_port)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield origin
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def origin() -> Iterator[Origin]:
    with running_origin() as running:
        yield running


@pytest.fixture
def proxy(origin: Origin) -> Iterator[Proxy]:
    with running_proxy(web=origin.address, scheme="https") as running:
        yield running


def test_nginx_accepts_what_is_shipped() -> None:
    with nginx_folder() as folder:
        configuration = write_configuration(folder, web="127.0.0.1:1", stream="127.0.0.1:2", port=free_port())
        done = run(command(configuration, "-t"), environment=dict(os.environ))
        assert "test is successful" in done.stderr
        assert "${NGINX_" not in configuration.read_text()


def test_compose_fills_in_every_name_of_the_template() -> None:
    template = (ROOT / "deploy" / "nginx" / "undersigned.conf.template").read_text()
    environment = services()["proxy"]["environment"]
    used = {name for name in environment if f"${{{name}}}" in template}
    assert used == {name for name in environment if not name.startswith("NGINX_ENVSUBST")}
    assert template.count("${NGINX_") == sum(template.count(f"${{{name}}}") for name in used)
    # The image writes name.conf for name.conf.template; its folder must be one it may write in.
    assert services()["proxy"]["command"][2] == f"{environment['NGINX_ENVSUBST_OUTPUT_DIR']}/undersigned.conf"
    assert any(mount.startswith(environment["NGINX_RUN"] + ":") for mount in services()["proxy"]["tmpfs"])
    assert compose()["networks"]["front"]["internal"] is True


def test_a_public_page_is_asked_for_once(origin: Origin, proxy: Proxy) -> None:
    answers = {httpx.get(f"{proxy.url}/en/water/").text for _ in range(5)}
    assert len(answers) == 1
    assert origin.asked["GET /en/water/"] == 1


def test_twenty_readers_at_once_are_one_request(origin: Origin, proxy: Proxy) -> None:
    barrier = threading.Barrier(20)

    def read() -> None:
        barrier.wait()
        httpx.get(f"{proxy.url}/api/v1/petitions/water/tally")

    readers = [threading.Thread(target=read) for _ in range(20)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert origin.asked["GET /api/v1/petitions/water/tally"] == 1


def test_a_page_that_says_nothing_about_caching_is_not_kept(origin: Origin, proxy: Proxy) -> None:
    origin.caching = ""
    for _ in range(3):
        httpx.get(f"{proxy.url}/en/water/")
    assert origin.asked["GET /en/water/"] == 3


@pytest.mark.parametrize("way", ["check", "confirm", "not-me", "mine", "preview", "unsubscribe"])
def test_a_page_behind_a_link_is_never_kept(way: str, origin: Origin, proxy: Proxy) -> None:
    path = f"/en/water/{way}/{TOKEN}/"  # even when the application were to say that it may be
    answers = [httpx.get(proxy.url + path) for _ in range(3)]
    assert origin.asked[f"GET {path}"] == 3
    assert all("content-encoding" not in answer.headers for answer in answers)
    assert all("accept-encoding" not in sent for sent in origin.headers)


def test_a_post_is_passed_on_and_never_kept(origin: Origin, proxy: Proxy) -> None:
    httpx.get(f"{proxy.url}/en/water/")
    for _ in range(3):
        httpx.post(f"{proxy.url}/en/water/", data={"name": "Ada"})
    assert origin.asked["POST /en/water/"] == 3


def test_what_sets_a_cookie_and_the_desk_are_never_kept(origin: Origin, proxy: Proxy) -> None:
    origin.cookie = "sessionid=1"
    for path in ("/en/water/", "/desk/"):
        for _ in range(2):
            httpx.get(proxy.url + path)
        assert origin.asked[f"GET {path}"] == 2
    origin.cookie = ""
    for _ in range(2):
        httpx.get(f"{proxy.url}/desk/login/")
    assert origin.asked["GET /desk/login/"] == 2


def test_the_last_good_page_is_shown_while_the_application_is_away() -> None:
    with running_origin() as origin:
        origin.caching = "public, max-age=1"
        address = origin.address
        with running_proxy(web=address) as proxy:
            good = httpx.get(f"{proxy.url}/en/water/").text
            origin.status = 500
            _until_expired(proxy, "/en/water/")
            assert httpx.get(f"{proxy.url}/en/water/").text == good


def _until_expired(proxy: Proxy, path: str) -> None:
    """Ask until the log says that the kept answer was too old."""
    for _ in range(100):
        httpx.get(proxy.url + path)
        if '"cache":"STALE"' in proxy.log:
            return
        time.sleep(0.05)
    raise AssertionError(proxy.log)


def test_without_an_application_a_person_is_told_to_try_again() -> None:
    with running_proxy(web=f"127.0.0.1:{free_port()}") as proxy:
        page = httpx.post(f"{proxy.url}/en/water/", data={"name": "Ada"})
        assert page.status_code == 503
        assert "signing twice counts once" in page.text
        assert page.headers["cache-control"] == "no-store"
        figures = httpx.get(f"{proxy.url}/api/v1/petitions/water/tally")
        assert (figures.status_code, figures.json()) == (503, {"error": "unavailable"})
        assert figures.headers["access-control-allow-origin"] == "*"


def test_what_a_client_says_about_its_address_is_not_believed(origin: Origin, proxy: Proxy) -> None:
    invented = {
        "X-Forwarded-For": "203.0.113.9",
        "X-Forwarded-Proto": "http",
        "X-Forwarded-Host": "evil.example",
        "X-Real-IP": "203.0.113.9",
        "Forwarded": "for=203.0.113.9",
    }
    for path in ("/en/water/", f"/en/water/check/{TOKEN}/", "/desk/"):
        httpx.post(proxy.url + path, headers=invented)
    for sent in origin.headers:
        assert sent["x-forwarded-for"] == "127.0.0.1"
        assert sent["x-forwarded-proto"] == "https"
        assert not {"x-forwarded-host", "x-real-ip", "forwarded"} & set(sent)


def test_what_ends_tls_in_front_is_believed_for_one_hop(origin: Origin) -> None:
    with running_proxy(web=origin.address, trusts="127.0.0.1/32") as proxy:
        httpx.post(f"{proxy.url}/en/water/", headers={"X-Forwarded-For": "203.0.113.9, 198.51.100.7"})
    assert origin.headers[-1]["x-forwarded-for"] == "198.51.100.7"


@pytest.mark.parametrize(("path", "size", "status"), [("/en/water/", 70_000, 413), ("/desk/import/", 4_000_000, 200)])
def test_a_form_is_small_and_an_upload_of_the_desk_is_not(path: str, size: int, status: int, proxy: Proxy) -> None:
    assert httpx.post(proxy.url + path, content=b"x" * size).status_code == status


def test_a_posted_form_is_not_written_to_a_disk(origin: Origin, proxy: Proxy) -> None:
    httpx.post(f"{proxy.url}/en/water/", content=b"name=" + b"x" * 60_000)
    assert origin.asked["POST /en/water/"] == 1
    body_folder = proxy.folder / "body"
    before = body_folder.stat().st_mtime_ns
    httpx.post(f"{proxy.url}/en/water/", content=b"name=" + b"x" * 60_000)
    assert body_folder.stat().st_mtime_ns == before
    # An upload is, and shows that the folder would tell.
    httpx.post(f"{proxy.url}/desk/import/", content=b"x" * 200_000)
    assert body_folder.stat().st_mtime_ns != before


def test_the_log_holds_no_token_no_address_and_no_query(proxy: Proxy) -> None:
    for way in ("check", "confirm", "not-me", "mine", "preview", "unsubscribe"):
        httpx.get(f"{proxy.url}/fr/water/{way}/{TOKEN}/?again={TYPED}", headers={"Referer": f"http://x/{TOKEN}"})
        httpx.get(f"{proxy.url}//fr/water/{way}%2F{TOKEN}")
    httpx.get(f"{proxy.url}/en/water/?s={TYPED}")
    said = _log_with(proxy, lines=13)
    lines = [json.loads(line) for line in said.splitlines()]
    assert {line["path"] for line in lines} >= {"/fr/water/confirm/[token]", "/fr/water/not-me/[token]", "/en/water/"}
    for secret in (TOKEN, TYPED, "ada.example", "127.0.0.1", "python-httpx"):
        assert secret not in said


def test_what_partners_embed_is_kept_and_not_logged(origin: Origin, proxy: Proxy) -> None:
    for path in ("/embed/v1/counter.js", "/embed/v1/en/water/", "/embed/v1/en/water/badge.svg"):
        assert {httpx.get(proxy.url + path).status_code for _ in range(2)} == {200}
        assert origin.asked[f"GET {path}"] == 1
    httpx.get(f"{proxy.url}/en/water/embed/")  # the page where one is chosen is read by people, and is
    assert [json.loads(line)["path"] for line in _log_with(proxy, lines=1).splitlines()] == ["/en/water/embed/"]


def test_what_goes_wrong_is_logged_without_a_token_or_an_address() -> None:
    with running_proxy(web=f"127.0.0.1:{free_port()}") as proxy:
        httpx.post(f"{proxy.url}/en/water/confirm/{TOKEN}/?x={TYPED}")
        httpx.post(f"{proxy.url}/en/water/", content=b"x" * 70_000)
        said = _log_with(proxy, lines=2) + (proxy.folder / "stderr").read_text()
    assert '"status":503' in said
    assert TOKEN not in said
    assert "ada.example" not in said
    assert "client:" not in said


def _log_with(proxy: Proxy, *, lines: int) -> str:
    for _ in range(100):
        if len(proxy.log.splitlines()) >= lines:
            return proxy.log
        time.sleep(0.05)
    raise AssertionError(f"not {lines} lines:\n{proxy.log}")


@pytest.fixture
def product(transactional_db: None, tmp_path: Path) -> Iterator[Proxy]:
    """The proxy before the web and stream processes, started by the shipped commands on the test's database."""
    make_consent()
    make_petition(slug="water")
    environment = production_environment(
        DATABASE_URL=database_url(),
        PUBLIC_URL="http://letters.example",
        ALLOWED_HOSTS="127.0.0.1",
        TRUSTED_PROXIES="127.0.0.1/32",
        STATIC_ROOT=str(tmp_path / "static"),
        GRANIAN_HOST="127.0.0.1",
        PATH=f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    )
    collected = run([sys.executable, "manage.py", "collectstatic", "--noinput"], environment=environment)
    assert collected.returncode == 0, collected.stderr
    with (
        running(last_command(), cwd=ROOT, environment=environment) as web,
        running(services()["stream"]["command"], cwd=ROOT, environment=environment) as stream,
        running_proxy(web=f"127.0.0.1:{web}", stream=f"127.0.0.1:{stream}") as proxy,
    ):
        yield proxy


def test_the_product_is_read_and_signed_through_the_proxy(product: Proxy) -> None:
    with httpx.Client(base_url=product.url) as visitor:
        page = visitor.get("/en/water/")
        assert page.status_code == 200
        assert page.headers["content-encoding"] == "gzip"
        token = page.text.partition('name="token"')[2].partition('value="')[2].partition('"')[0]
        form = {"name": "Ada Example", "email": "ada@mail.example", "country": "FR", "token": token, "source": ""}
        signed = visitor.post("/en/water/", data=form, headers={"Origin": product.url})
        assert signed.status_code == 303
        shown = visitor.get(signed.headers["location"])
        assert "ada@mail.example" in shown.text
        style = page.text.partition("/static/css/")[2].partition('"')[0]
        kept = visitor.get(f"/static/css/{style}")
        assert "immutable" in kept.headers["cache-control"]
        assert visitor.get("/healthz").status_code == 200
        assert visitor.get("/readyz").status_code == 404  # for the operators alone
        assert "set-cookie" not in {*page.headers, *signed.headers, *shown.headers}


def test_the_live_count_arrives_through_the_proxy_at_once(product: Proxy) -> None:
    with socket.create_connection(("127.0.0.1", product.port), timeout=10) as client:
        client.sendall(b"GET /api/v1/petitions/water/stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        said = b""
        while b"event: tally" not in said:
            piece = client.recv(4096)  # it ends only when we do: were it held back, this would time out
            assert piece, said
            said += piece
        assert b"200 OK" in said
        assert b"text/event-stream" in said
