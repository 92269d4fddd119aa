"""Django's SMTP backend, and whether the server may hold a mail whose answer never came."""

from __future__ import annotations

import smtplib
from collections.abc import Sequence
from typing import Any

from django.core.mail.backends import smtp


class _Notices(smtplib.SMTP):
    """A mail exists for the server once its content was begun (RFC 5321, 4.2.5): before that, it surely has none."""

    content_begun = False

    def mail(self, sender: str, options: Sequence[str] = ()) -> Any:
        self.content_begun = False
        return super().mail(sender, options)

    def data(self, msg: Any) -> Any:
        self.content_begun = True
        return super().data(msg)


class _Plain(_Notices):
    pass


class _Secure(_Notices, smtplib.SMTP_SSL):
    pass


class EmailBackend(smtp.EmailBackend):
    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _Secure if self.use_ssl else _Plain

    @property
    def content_begun(self) -> bool:
        return bool(getattr(self.connection, "content_begun", False))
