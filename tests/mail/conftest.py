"""A real SMTP server on loopback that does what a test tells it to."""

from __future__ import annotations

import email
import email.policy
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from signatures.mail import deliver


class Sink:
    """Takes mail and keeps it. `rcpt` and `content` may answer for a recipient instead ("550 …"); None accepts."""

    def __init__(self) -> None:
        self.envelopes: list[tuple[str, bytes]] = []  # (recipient, content), in order of arrival
        self.connections = 0
        self.rcpt: Callable[[str], str | None] = lambda address: None
        self.content: Callable[[str], str | None] = lambda address: None
        self._lock = threading.Lock()

    async def handle_EHLO(
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        hostname: str,
        responses: list[str],
    ) -> list[str]:
        session.host_name = hostname
        with self._lock:
            self.connections += 1
        return responses

    async def handle_RCPT(
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: Any,
    ) -> str:
        answer = self.rcpt(address)
        if answer is None:
            envelope.rcpt_tos.append(address)
        return answer or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = self.content(envelope.rcpt_tos[0])
        if answer is None:
            with self._lock:
                self.envelopes += [(address, bytes(envelope.content or b"")) for address in envelope.rcpt_tos]
        return answer or "250 taken"

    @property
    def mails(self) -> list[EmailMessage]:
        return [email.message_from_bytes(raw, policy=email.policy.default) for _, raw in self.envelopes]  # type: ignore[misc]

    @property
    def recipients(self) -> Counter[str]:
        return Counter(address for address, _ in self.envelopes)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """The sink's server, which can be taken away and brought back on the same port."""

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self.port = free_port()
        self._controller: Controller | None = None

    def start(self) -> None:
        self._controller = Controller(self.sink, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None


@pytest.fixture
def server(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A running server that the outbox delivers to. pytest-django's own mail backend is set aside."""
    server = Server(Sink())
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_TIMEOUT = 5
    settings.PUBLIC_URL = "https://letters.example"
    monkeypatch.setattr(deliver, "PAUSE", 0.0)
    monkeypatch.setattr(deliver, "_paused_until", 0.0)
    yield server
    server.stop()


@pytest.fixture
def sink(server: Server) -> Sink:
    return server.sink
