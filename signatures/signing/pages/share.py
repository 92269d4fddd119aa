"""Passing a letter on without a tracker: plain links, each with a tag that says by which way, and nobody's name.

Nothing of the services is loaded; a browser meets one only when its owner follows the link. The tags are a fixed list,
the same for everybody.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal
from urllib.parse import quote

import segno
from django.conf import settings
from django.urls import reverse
from django.utils.translation import pgettext

Way = Literal["web", "whatsapp", "telegram", "signal", "x", "facebook", "email", "copy", "qr"]


@dataclass(frozen=True, slots=True)
class Share:
    """What the share block shows: (tag, name, address) of each service, and the letter's address for the rest."""

    title: str
    services: list[tuple[str, str, str]]
    web_url: str  # for the device's own share sheet
    signal_url: str  # Signal has no address that takes a message: its link is copied
    copy_url: str
    qr_path: str


def tagged_url(way: Way, *, language: str, slug: str) -> str:
    """The letter's public address, saying by which way it was passed on."""
    path = reverse("letter", kwargs={"language": language, "slug": slug})
    return f"{settings.PUBLIC_URL}{path}?s=share-{way}"


def share_of(*, title: str, language: str, slug: str) -> Share:
    """Expects the page's language to be active."""

    def here(way: Way) -> str:
        return tagged_url(way, language=language, slug=slug)

    def part(text: str) -> str:
        return quote(text, safe="")

    said = " ".join(title.split())
    return Share(
        title=said,
        services=[
            ("whatsapp", "WhatsApp", f"https://wa.me/?text={part(said + ' ' + here('whatsapp'))}"),
            ("telegram", "Telegram", f"https://t.me/share/url?url={part(here('telegram'))}&text={part(said)}"),
            ("x", "X", f"https://x.com/intent/post?text={part(said)}&url={part(here('x'))}"),
            ("facebook", "Facebook", f"https://www.facebook.com/sharer/sharer.php?u={part(here('facebook'))}"),
            ("email", pgettext("way to share", "E-mail"), _mailto(said, here("email"))),
        ],
        web_url=here("web"),
        signal_url=here("signal"),
        copy_url=here("copy"),
        qr_path=reverse("qr", kwargs={"language": language, "slug": slug}),
    )


def _mailto(title: str, url: str) -> str:
    """RFC 6068: line breaks are CRLF, and everything is percent-encoded."""
    body = f"{title}\r\n\r\n{url}\r\n"
    return f"mailto:?subject={quote(title, safe='')}&body={quote(body, safe='')}"


@lru_cache(maxsize=256)
def qr_code(url: str) -> bytes:
    """An address as an SVG picture: dark on light with its quiet zone, so that it can be read in dark mode as well."""
    drawn = io.BytesIO()
    segno.make(url, error="m", micro=False).save(
        drawn, kind="svg", border=4, dark="#000", light="#fff", omitsize=True, xmldecl=False, nl=False, title=url
    )
    return drawn.getvalue()
