"""One try: certificates are checked, redirects and proxies are not followed, and there is an end to every waiting."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from signatures.webhooks.post import post

from .conftest import Authority, Names, Partner, serve


@contextmanager
def raw_server(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that says what no well-behaved one would; yields its address."""
    listening = socket.create_server(("127.0.0.1", 0))

    def take() -> None:
        with listening:
            connection, _address = listening.accept()
            with connection:
                connection.recv(65536)
                with suppress(OSError):
                    answer(connection)

    threading.Thread(target=take, daemon=True).start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}/"


@pytest.fixture(autouse=True)
def _loopback(settings: Any) -> None:
    settings.WEBHOOK_ALLOW_LOOPBACK = True


def send(url: str) -> Any:
    return post(url=url, body=b'{"type":"test"}', headers={"Content-Type": "application/json"})


def test_the_body_arrives_as_it_was_given(partner: Partner) -> None:
    assert send(partner.url("/hook?key=1")).taken
    (request,) = partner.received
    assert (request.path, request.body) == ("/hook?key=1", b'{"type":"test"}')
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["Host"] == f"127.0.0.1:{partner.port}"


def test_a_redirect_is_an_answer_and_not_followed(partner: Partner) -> None:
    partner.answer = lambda request: (307, {"Location": partner.url("/elsewhere")})
    outcome = send(partner.url())
    assert (outcome.status, outcome.taken, len(partner.received)) == (307, False, 1)
    assert "redirect" in outcome.error


def test_the_environments_proxies_are_not_believed(partner: Partner, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    assert send(partner.url()).taken


@pytest.mark.parametrize("status", [400, 404, 500, 503])
def test_a_refusal_says_its_number(partner: Partner, status: int) -> None:
    partner.answer = lambda request: status
    outcome = send(partner.url())
    assert (outcome.status, outcome.taken, outcome.error) == (status, False, f"It answered {status}.")


def test_interim_answers_are_passed_over() -> None:
    def early(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\n")

    with raw_server(early) as url:
        assert send(url).status == 200


def test_a_server_that_drips_is_given_up_when_the_whole_time_is_up(settings: Any) -> None:
    settings.WEBHOOK_TIMEOUT = 0.6

    def drip(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            connection.sendall(b"X: y\r\n")
            time.sleep(0.1)

    started = time.monotonic()
    with raw_server(drip) as url:
        assert send(url).error == "No answer in time."
    assert time.monotonic() - started < 5


def test_a_server_that_says_nothing_is_given_up(settings: Any) -> None:
    settings.WEBHOOK_TIMEOUT = 0.3
    over = threading.Event()
    with raw_server(lambda connection: over.wait(20) and None) as url:
        assert send(url).error == "No answer in time."
    over.set()


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 5000, "The head of its answer does not end."),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "What answered does not speak HTTP."),
        (b"HTTP/1.1 999 What\r\n\r\n", "What answered does not speak HTTP."),
        (b"", "It hung up without an answer."),
        (b"HTTP/1.1 200", "It hung up without an answer."),
    ],
)
def test_what_is_no_answer_is_told_in_words(said: bytes, error: str) -> None:
    def say(connection: socket.socket) -> None:
        connection.sendall(said)
        connection.shutdown(socket.SHUT_WR)
        connection.recv(1)

    with raw_server(say) as url:
        assert send(url).error == error


def test_a_large_body_is_not_read() -> None:
    written = []

    def pour(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(2000):
            connection.sendall(b"." * 65536)
            written.append(1)

    with raw_server(pour) as url:
        assert send(url).taken
    assert len(written) < 2000


def test_nobody_listening_is_no_error_of_ours() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        assert "refused" in send(f"http://127.0.0.1:{free.getsockname()[1]}/").error


# -------------------------------------------------------------------------------------------------- certificates
@contextmanager
def secure(tls: ssl.SSLContext) -> Iterator[Partner]:
    partner = Partner()
    server = serve(partner, tls=tls)
    yield partner
    server.shutdown()
    server.server_close()


def test_a_certificate_for_another_name_is_refused(names: Names, authority: Authority) -> None:
    names.records["hooks.partner.example"] = ["127.0.0.1"]
    with secure(authority.server("other.partner.example")) as partner:
        outcome = send(f"https://hooks.partner.example:{partner.port}/")
        assert "certificate" in outcome.error and "hooks.partner.example" in outcome.error
        assert not partner.received


def test_a_certificate_of_an_unknown_authority_is_refused(names: Names, authority: Authority, settings: Any) -> None:
    settings.WEBHOOK_CA_FILE = ""
    names.records["hooks.partner.example"] = ["127.0.0.1"]
    with secure(authority.server("hooks.partner.example")) as partner:
        assert "certificate" in send(f"https://hooks.partner.example:{partner.port}/").error
        assert not partner.received
