"""The front: two processes behind one address, told truly who asked."""

from __future__ import annotations

import os
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from petition.local import services
from petition.local.children import free_port

FORGED = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https", "Forwarded": "for=203.0.113.9"}


class Behind:
    """A server that answers with what it was asked, and streams one line, then waits to be told to send the next."""

    def __init__(self, name: str) -> None:
        self.name, self.asked, self.go = name, [], threading.Event()
        behind = self

        class Answer(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                behind.asked.append((self.command, self.path, self.headers, b""))
                if self.path.endswith("/stream"):
                    return self.stream()
                return self.answer()

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                behind.asked.append((self.command, self.path, self.headers, body))
                self.answer()

            def do_HEAD(self) -> None:
                self.do_GET()

            def answer(self) -> None:
                self.send_response(303 if self.command == "POST" else 200)
                self.send_header("Content-Length", str(len(behind.name)))
                self.send_header("Set-Cookie", "a=1")
                self.send_header("Set-Cookie", "b=2")
                self.send_header("Location", "/next")
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(behind.name.encode())

            def stream(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream")
                self.send_header("Connection", "close")
                self.end_headers()
                self.wfile.write(b"data: first\n\n")
                behind.go.wait(30)
                self.wfile.write(b"data: second\n\n")
                self.close_connection = True

            def log_message(self, *_args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.go.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def house(tmp_path):
    web, stream, port = Behind("web"), Behind("stream"), free_port()
    front = services.start_front(folder=tmp_path, env=dict(os.environ), port=port, web=web.port, stream=stream.port)
    yield f"http://127.0.0.1:{port}", web, stream
    front.stop()
    web.close()
    stream.close()


def test_the_stream_goes_to_one_process_and_all_else_to_the_other(house):
    url, web, stream = house
    assert httpx.get(f"{url}/en/xinjiang/?x=%2F").text == "web"
    assert httpx.get(f"{url}/api/v1/petitions/xinjiang/tally").text == "web"
    stream.go.set()
    assert "second" in httpx.get(f"{url}/api/v1/petitions/xinjiang/stream").text
    assert [path for _method, path, *_ in web.asked] == ["/en/xinjiang/?x=%2F", "/api/v1/petitions/xinjiang/tally"]
    assert [path for _method, path, *_ in stream.asked] == ["/api/v1/petitions/xinjiang/stream"]


def test_an_event_is_passed_on_when_it_happens(house):
    url, _web, stream = house
    with httpx.stream("GET", f"{url}/api/v1/petitions/xinjiang/stream", timeout=10) as answer:
        lines = answer.iter_lines()
        assert next(lines) == "data: first"
        stream.go.set()
        assert "data: second" in list(lines)


def test_what_the_asker_claims_about_itself_is_replaced(house):
    url, web, _stream = house
    httpx.get(f"{url}/en/", headers=FORGED | {"Host": "letters.example"})
    ((_method, _path, headers, _body),) = web.asked
    assert headers.get_all("X-Forwarded-For") == ["127.0.0.1"]
    assert headers.get_all("X-Forwarded-Proto") == ["http"]
    assert headers["Forwarded"] is None
    assert headers.get_all("Host") == ["letters.example"]


def test_bodies_redirects_and_every_cookie_pass_through_as_they_are(house):
    url, web, _stream = house
    answer = httpx.post(f"{url}/en/%C3%A9/..%2f//x", content=b"name=\x00\xff")
    assert (answer.status_code, answer.text, answer.headers["Location"]) == (303, "web", "/next")
    assert answer.headers.get_list("Set-Cookie") == ["a=1", "b=2"]
    ((method, path, _headers, body),) = web.asked
    assert (method, path, body) == ("POST", "/en/%C3%A9/..%2f//x", b"name=\x00\xff")
    head = httpx.head(f"{url}/en/")
    assert (head.status_code, head.headers["Content-Length"], head.text) == (200, "3", "")


def test_no_request_reaches_another_host(house):
    url, web, _stream = house
    with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=10) as plain:
        plain.sendall(b"GET http://127.0.0.2:9/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert plain.recv(100).startswith(b"HTTP/1.1 400")
    assert web.asked == []


def test_a_web_process_that_is_away_is_said_in_words(house):
    url, web, _stream = house
    web.close()
    answer = httpx.get(f"{url}/en/")
    assert answer.status_code == 502
    assert "does not answer" in answer.text
