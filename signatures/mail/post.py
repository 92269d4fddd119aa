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
from typing import Any, Self

from anymail import exceptions as anymail
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from urllib3 import exceptions as urllib3

from .smtp import EmailBackend

ASKS_WHO_WE_ARE = frozenset({530, 534, 535, 538})  # authentication wanted: about us, not about the recipient
# A policy (5.7.x: "relay access denied", a block list) may be about us as well, and a full mailbox (5.2.2) empties:
# worth the two days of trying that end in a bounce all the same.
MAY_PASS = re.compile(r"\b5\.(7\.\d+|2\.2)\b")
DJANGOS = "django.core.mail.backends.smtp.EmailBackend"


class NotSent(Exception):
    """`str()` is safe to store and to log: codes and the server's words without the address."""


class Refused(NotSent):
    """This recipient's mail is refused for good."""


class TryLater(NotSent):
    """This mail was not taken now; another one may be."""


class Away(NotSent):
    """The server takes no mail from us at present: down, busy, or refusing our account or our sender address."""


class Unclear(NotSent):
    """Nobody knows whether this mail was taken. Raised only where that makes a difference (`once`)."""


class Post:
    """An open connection for one batch, as a context manager. Raises Away when there is none to be had."""

    def __init__(self) -> None:
        ours = f"{EmailBackend.__module__}.{EmailBackend.__name__}"
        self._backend = get_connection(ours if settings.EMAIL_BACKEND == DJANGOS else None)
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

    def send(self, message: EmailMultiAlternatives, *, once: bool = False) -> None:
        """Hand over one mail. Raises Refused, TryLater or Away when it was not taken.

        A connection that breaks in the middle of a mail costs that mail an attempt, so that one which always breaks it
        cannot hold up the others; when it breaks twice in a row, the server is Away.

        With `once`, a mail is never handed over a second time when the first may have been taken: then it raises
        Unclear, and all the others say for certain that the server does not have it.
        """
        if self._cut:
            self._open()
        try:
            self._send(message, once=once)
        except Away:
            if not self._carried:
                raise
            self._open()  # servers close after so many mails; on a new connection this one may pass
            self._send(message, once=once)
        self._carried += 1

    def _send(self, message: EmailMultiAlternatives, *, once: bool) -> None:
        address = message.to[0]
        try:
            taken = self._backend.send_messages([message])
        except SoftTimeLimitExceeded:
            raise
        except (smtplib.SMTPServerDisconnected, ConnectionError, TimeoutError) as error:
            again, self._cut = self._cut, True
            lost = f"connection lost: {type(error).__name__}"
            if once and self._may_be_taken(error):
                raise Unclear(lost) from None
            raise (Away if again or once else TryLater)(lost) from None
        except Exception as error:
            self._cut = False
            if once and self._may_be_taken(error):
                raise Unclear(_described(error, address)) from None
            raise _sorted(error, address) from None  # the chain would carry the address into a traceback
        self._cut = False
        if not taken:
            raise Away("the mail backend took nothing")

    def _may_be_taken(self, error: Exception) -> bool:
        """Whether the mail may be on its way although `error` was raised: no answer, and its content was begun."""
        if isinstance(error, smtplib.SMTPResponseException | smtplib.SMTPRecipientsRefused):
            return False
        if isinstance(self._backend, EmailBackend):
            return self._backend.content_begun
        if isinstance(error, anymail.AnymailRecipientsRefused | anymail.AnymailInvalidAddress):
            return False
        if isinstance(error, anymail.AnymailError) and error.status_code and 400 <= error.status_code < 500:
            return False
        return not _never_connected(error)

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


def _never_connected(error: BaseException | None) -> bool:
    """Whether a provider's API could not even be reached, which requests buries some exceptions deep."""
    seen: list[Any] = []
    while error is not None and error not in seen:
        if isinstance(error, ConnectionRefusedError | urllib3.NewConnectionError | urllib3.ConnectTimeoutError):
            return True
        seen.append(error)
        inner = getattr(error, "reason", None) or next(iter(error.args), None)
        error = inner if isinstance(inner, BaseException) else error.__cause__ or error.__context__
    return False


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
