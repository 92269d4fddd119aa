"""A partner's server that does what a test tells it to, a name server, and an authority for certificates."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import dns.flags
import dns.message
import dns.rdatatype
import dns.rrset
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from signatures.models import Petition, Tally, WebhookEndpoint
from signatures.webhooks.notice import start_from_now
from signatures.webhooks.secrets import new_secret
from tests.factories import make_petition


@dataclass
class Request:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Partner:
    """What was received, and what is answered: a status, or headers with it."""

    port: int = 0
    received: list[Request] = field(default_factory=list)
    answer: Callable[[Request], int | tuple[int, dict[str, str]]] = lambda request: 204

    def url(self, path: str = "/hook") -> str:
        return f"http://127.0.0.1:{self.port}{path}"


def serve(partner: Partner, *, tls: ssl.SSLContext | None = None) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            request = Request(self.path, dict(self.headers.items()), body)
            partner.received.append(request)
            answer = partner.answer(request)
            status, headers = answer if isinstance(answer, tuple) else (answer, {})
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    partner.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    return server


@pytest.fixture
def partner(settings: Any) -> Iterator[Partner]:
    """A server on the loopback, which webhooks may be sent to for the test."""
    settings.WEBHOOK_ALLOW_LOOPBACK = True
    settings.WEBHOOK_TIMEOUT, settings.WEBHOOK_CONNECT_TIMEOUT = 10, 10
    partner = Partner()
    server = serve(partner)
    yield partner
    server.shutdown()
    server.server_close()


class Names:
    """A name server. `records` gives the addresses of a name; a list of lists, one for each time it is asked."""

    def __init__(self) -> None:
        self.records: dict[str, list[str]] = {}
        self.asked: list[str] = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                wire, sender = self.socket.recvfrom(4096)
            except OSError:
                return
            query = dns.message.from_wire(wire)
            answer = dns.message.make_response(query)
            answer.flags |= dns.flags.RA
            question = query.question[0]
            name = question.name.to_text(omit_final_dot=True)
            kind = dns.rdatatype.to_text(question.rdtype)
            self.asked.append(f"{kind} {name}")
            if name not in self.records:
                answer.set_rcode(dns.rcode.NXDOMAIN)
            elif found := [each for each in self.records[name] if (":" in each) == (kind == "AAAA")]:
                answer.answer.append(dns.rrset.from_text(question.name, 0, "IN", kind, *found))
            self.socket.sendto(answer.to_wire(), sender)


@pytest.fixture
def names(settings: Any) -> Iterator[Names]:
    names = Names()
    settings.WEBHOOK_NAMESERVERS = [f"127.0.0.1#{names.port}"]
    settings.WEBHOOK_CONNECT_TIMEOUT = 10
    yield names
    names.socket.close()


@dataclass
class Authority:
    """Signs certificates; `file` is what those who trust it are given."""

    folder: Path
    file: Path
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    def server(self, name: str) -> ssl.SSLContext:
        """The context of a server with a certificate for `name`."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _certificate(name, key, issuer=self.certificate.subject, signer=self.key, authority=False)
        file = self.folder / f"{name}.pem"
        file.write_bytes(_pem(key) + certificate.public_bytes(serialization.Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    *,
    issuer: x509.Name,
    signer: ec.EllipticCurvePrivateKey,
    authority: bool,
) -> x509.Certificate:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .sign(signer, hashes.SHA256())
    )


@pytest.fixture
def authority(tmp_path: Path, settings: Any) -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Test authority")])
    certificate = _certificate("Test authority", key, issuer=name, signer=key, authority=True)
    file = tmp_path / "authority.pem"
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    settings.WEBHOOK_CA_FILE = str(file)
    return Authority(tmp_path, file, key, certificate)


@dataclass
class Hook:
    endpoint: WebhookEndpoint
    secret: str


def make_hook(
    petition: Petition | None = None,
    *,
    url: str = "https://hooks.partner.example/in",
    step: int | None = 100,
    **fields: Any,
) -> Hook:
    """An endpoint that hears of what happens from now on, and its secret."""
    petition = petition or make_petition()
    endpoint = WebhookEndpoint(petition=petition, partner="A Partner", url=url, step=step, **fields)
    secret = new_secret(endpoint)
    endpoint.save()
    start_from_now(endpoint)
    endpoint.refresh_from_db()
    return Hook(endpoint, secret)


def count(petition: Petition, total: int, *, countries: int = 3) -> None:
    """Set the folded figure, as the fold would leave it."""
    now = datetime.now(UTC)
    tally, _new = Tally.objects.get_or_create(petition=petition, defaults={"as_of": now})
    tally.total, tally.countries, tally.version, tally.as_of = total, countries, tally.version + 1, now
    tally.save()
