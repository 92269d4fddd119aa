"""One POST to a partner's server, over a connection to an address that was checked.

No library's client: each would resolve the name again, follow redirects, or believe the environment's proxies. What is
wanted of the answer is its status, so the head is read up to a limit and the body never.
"""

from __future__ import annotations

import re
import socket
import ssl
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cache

from django.conf import settings
from django.utils.translation import gettext_noop

from .destinations import Destination, NoSuchName, Unfit, read_address, resolve

UNTRUSTED = gettext_noop("The certificate is not accepted: %(why)s.")
BROKEN = gettext_noop("The connection broke: %(why)s.")
LONGEST_HEAD = 16 * 1024  # bytes of the answer that are looked at
_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5]\d\d)[ \r\n]")
_HEAD_ENDS = re.compile(rb"\r?\n\r?\n")
_RETRY_AFTER = re.compile(rb"\nRetry-After:[ \t]*([^\r\n]*?)[ \t]*\r?\n", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one try: the answer's status, or None and why there is none.

    `error` is in English, of words marked for translation: staff read it in their own language (`desk.webhooks`).
    `retry_after`: seconds for which the partner asks not to be tried again; 0 when it does not.
    """

    status: int | None = None
    error: str = ""
    retry_after: float = 0

    @property
    def taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def gone(self) -> bool:
        return self.status == 410


class _NoAnswer(Exception):
    """Why there is no answer, in words for staff."""


def post(*, url: str, body: bytes, headers: dict[str, str]) -> Outcome:
    """Send `body` once, within WEBHOOK_TIMEOUT seconds after its name was resolved. Raises nothing."""
    try:
        destination = read_address(url)
        addresses = resolve(destination)
        ends = time.monotonic() + settings.WEBHOOK_TIMEOUT
        with _connected(destination, addresses, ends=ends) as connection:
            connection.settimeout(_left(ends))
            connection.sendall(_request(destination, body, headers))
            status, head = _answer(connection, ends=ends)
    except (Unfit, NoSuchName, _NoAnswer) as problem:
        return Outcome(error=str(problem))
    except ssl.SSLCertVerificationError as problem:
        return Outcome(error=UNTRUSTED % {"why": problem.verify_message})
    except TimeoutError:
        return Outcome(error=gettext_noop("No answer in time."))
    except (OSError, ssl.SSLError) as problem:
        what = getattr(problem, "strerror", None) or type(problem).__name__
        return Outcome(error=BROKEN % {"why": what})
    if 200 <= status < 300:
        return Outcome(status=status)
    error = gettext_noop("It answered with a redirect.") if status < 400 else f"It answered {status}."
    return Outcome(status=status, error=error, retry_after=_asked_to_wait(head))


def _asked_to_wait(head: bytes) -> float:
    """The seconds of a Retry-After, given as such or as a date (RFC 9110, 10.2.3); 0 without one that can be read."""
    found = _RETRY_AFTER.search(head)
    said = found[1].decode("latin-1") if found else ""
    if re.fullmatch(r"[0-9]{1,9}", said, re.ASCII):
        return float(said)
    try:
        return max(0.0, parsedate_to_datetime(said).timestamp() - time.time())
    except (ValueError, OverflowError):
        return 0.0


def _left(ends: float) -> float:
    """Seconds that remain. Raises TimeoutError when none do."""
    left = ends - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _connected(destination: Destination, addresses: list[str], *, ends: float) -> socket.socket:
    """A connection to the first of the checked addresses that answers; with TLS, to the server of that very name."""
    problem: OSError = TimeoutError()
    for address in addresses:
        within = min(settings.WEBHOOK_CONNECT_TIMEOUT, _left(ends))
        try:
            raw = socket.create_connection((address, destination.port), timeout=within)
        except OSError as error:
            problem = error
            continue
        if not destination.secure:
            return raw
        try:
            raw.settimeout(_left(ends))
            return _tls(settings.WEBHOOK_CA_FILE).wrap_socket(raw, server_hostname=destination.host)
        except BaseException:
            raw.close()
            raise
    raise problem


@cache
def _tls(authorities: str) -> ssl.SSLContext:
    """TLS that checks the certificate and the name in it."""
    context = ssl.create_default_context(cafile=authorities or None)
    context.set_alpn_protocols(["http/1.1"])
    return context


def _request(destination: Destination, body: bytes, headers: dict[str, str]) -> bytes:
    """The request's bytes. Nothing in the head was typed freely: `read_address` lets no control character through."""
    lines = [
        f"POST {destination.target} HTTP/1.1",
        f"Host: {destination.header}",
        "User-Agent: Undersigned-Webhooks",
        "Accept: */*",
        "Connection: close",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode("ascii") + body


def _answer(connection: socket.socket, *, ends: float) -> tuple[int, bytes]:
    """Status and head of the final answer; interim ones (1xx) are passed over.

    Raises _NoAnswer, OSError, TimeoutError.
    """
    received = b""
    while True:
        while end := _HEAD_ENDS.search(received):
            found = _STATUS.match(received)
            if not found:
                raise _NoAnswer(gettext_noop("What answered does not speak HTTP."))
            if (status := int(found[1])) >= 200:
                return status, received[: end.end()]
            received = received[end.end() :]
        if len(received) > LONGEST_HEAD:
            raise _NoAnswer(gettext_noop("The head of its answer does not end."))
        connection.settimeout(_left(ends))
        chunk = connection.recv(4096)
        if not chunk:
            raise _NoAnswer(gettext_noop("It hung up without an answer."))
        received += chunk
