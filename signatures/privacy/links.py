"""Capability links: whoever holds one may do the one thing it names, without an account and without a cookie.

A link carries the signature's id, a purpose and an expiry, signed (see `tokens`). It reveals nothing but a random
id, and only the mailbox it was sent to ever sees it.
"""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from django.conf import settings

from .tokens import BadToken, read_token, sign_token

Purpose = Literal["confirm", "not-me", "mine", "unsubscribe"]
DAY = 86_400  # seconds


def _lifetime(purpose: Purpose) -> int:
    days = {"mine": settings.MANAGE_LINK_DAYS, "unsubscribe": settings.UNSUBSCRIBE_LINK_DAYS}
    return days.get(purpose, settings.LINK_DAYS) * DAY


def link_token(purpose: Purpose, *, signature_id: UUID) -> str:
    """The token alone, for a link on a page that is itself reached by a link."""
    return sign_token(signature_id.bytes, purpose=purpose, lifetime=_lifetime(purpose))


def make_link(purpose: Purpose, *, signature_id: UUID, slug: str, language: str) -> str:
    """An absolute address for a mail: PUBLIC_URL/<language>/<slug>/<purpose>/<token>/."""
    token = link_token(purpose, signature_id=signature_id)
    return f"{settings.PUBLIC_URL}/{language}/{slug}/{purpose}/{token}/"


def read_link(purpose: Purpose, token: str) -> UUID:
    """The signature's id. Raises tokens.BadToken or tokens.ExpiredToken."""
    payload = read_token(token, purpose=purpose)
    if len(payload) != 16:
        raise BadToken("no signature in it")
    return UUID(bytes=payload)
