"""Handing one mail to whoever carries it, and telling a refused address from a server in trouble.

Works with Django's SMTP backend, whose open connection is kept for a batch, and with any other mail backend (a
provider's API through anymail, files, the console): those raise exceptions of their own, sorted here into the same
four. Reply codes after RFC 5321, section 4.2; enhanced codes after RFC 3463.
"""

from __future__ import annotations

import re
import smtplib
from contextlib import suppress
from types import TracebackType
from typing import Self

from anymail import exceptions as anymail
from celery.exceptions import SoftTimeLimitExceeded
from django.core.mail import EmailMultiAlternatives, get_connection

ASKS_WHO_WE_ARE = frozenset({530, 534, 535, 538})  # authentication wanted: about us, not about the recipient
# A policy (5.7.x: "relay access denied", a block list) may be about us as well, and a full mailbox (5.2.2) empties:
# worth the two days of trying that end in a bounce all the same.
MAY_PASS = re.compile(r"\b5\.(7\.\d+|2\.2)\b")


class NotSent(Exception):
    """`str()` is safe to store and to log: codes and the server's words without the address."""


class Refused(NotSent):
    """This recipient's mail is refused for good."""


class TryLater(NotSent):
    """This mail was not taken now; another one may be."""


class Away(NotSent):
    """The server takes no mail from us at present: down, busy, or refusing our account or our sender address."""


class Post:
    """An open connection for one batch, as a context manager. Raises Away when there is none to be had."""

    def __init__(self) -> None:
        self._backend = get_connection()
        self._carried = 0  # mails on this connection
        self._cut = False  # whether the last mail ended with the connection

    def __enter__(self) -> Self:
        self._open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def send(self, message: EmailMultiAlternatives) -> None:
        """Hand over one mail. Raises Refused, TryLater or Away when it was not taken.

        A connection that breaks in the middle of a mail costs that mail an attempt, so that one which always breaks it
        cannot hold up the others; when it breaks twice in a row, the server is Away.
        """
        if self._cut:
            self._open()
        try:
            self._send(message)
        except Away:
            if not self._carried:
                raise
            self._open()  # servers close after so many mails; on a new connection this one may pass
            self._send(message)
        self._carried += 1

    def _send(self, message: EmailMultiAlternatives) -> None:
        address = message.to[0]
        try:
            taken = self._backend.send_messages([message])
        except SoftTimeLimitExceeded:
            raise
        except (smtplib.SMTPServerDisconnected, ConnectionError, TimeoutError) as error:
            again, self._cut = self._cut, True
            raise (Away if again else TryLater)(f"connection lost: {type(error).__name__}") from None
        except Exception as error:
            self._cut = False
            raise _sorted(error, address) from None  # the chain would carry the address into a traceback
        self._cut = False
        if not taken:
            raise Away("the mail backend took nothing")

    def _open(self) -> None:
        self._close()
        try:
            self._backend.open()
        except (
            OSError,
            anymail.AnymailError,
        ) as error:  # smtplib's exceptions are OSErrors too
            raise Away(_described(error)) from None
        self._carried = 0

    def _close(self) -> None:
        with suppress(Exception):  # what was sent is sent; nobody is helped by a goodbye that failed
            self._backend.close()


def _sorted(error: Exception, address: str) -> NotSent:
    """Which of the three an exception of a mail backend means."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, text = next(iter(error.recipients.values()))
        return _by_code("RCPT", code, text, address)
    if isinstance(error, smtplib.SMTPDataError):
        return _by_code("DATA", error.smtp_code, error.smtp_error, address)
    if isinstance(error, smtplib.SMTPException | OSError):  # greeting, log-in, sender refused, network
        return Away(_described(error, address))
    if isinstance(error, anymail.AnymailRecipientsRefused | anymail.AnymailInvalidAddress):
        return Refused(type(error).__name__)
    if isinstance(error, anymail.AnymailAPIError) and error.status_code in (
        400,
        404,
        413,
        422,
    ):
        return TryLater(_described(error, address))
    if isinstance(error, anymail.AnymailError | anymail.AnymailImproperlyInstalled):
        return Away(_described(error, address))
    return TryLater(type(error).__name__)


def _by_code(stage: str, code: int, text: bytes | str, address: str) -> NotSent:
    said = text.decode(errors="replace") if isinstance(text, bytes) else text
    described = f"{stage} {code} {redacted(said, address)}".strip()
    if code == 421 or code in ASKS_WHO_WE_ARE:
        return Away(described)
    if 500 <= code < 600 and not MAY_PASS.search(said):
        return Refused(described)
    return TryLater(described)


def _described(error: Exception, address: str = "") -> str:
    """The class and code of an exception, and what an SMTP server said with it."""
    parts = [type(error).__name__]
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        said = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
        parts += [str(error.smtp_code), redacted(said, address)]
    elif isinstance(error, anymail.AnymailError) and error.status_code:
        parts.append(str(error.status_code))
    elif isinstance(error, OSError) and error.errno:
        parts.append(f"errno {error.errno}")
    return " ".join(parts)


def redacted(text: str, address: str) -> str:
    """A server's words on one line, without the address, its parts, or anything else that looks like one."""
    local, _, domain = address.rpartition("@")
    text = re.sub(r"\S*@\S*", "…", text)
    for part in filter(None, (domain, local)):
        text = re.sub(rf"(?<!\w){re.escape(part)}(?!\w)", "…", text, flags=re.IGNORECASE)
    return " ".join(text.split())[:150]
