"""Whether a posted form came from our own page, without a cookie.

Fetch Metadata first (W3C, https://www.w3.org/TR/fetch-metadata/), `Origin` for browsers without it. A client that
sends neither is no browser that could be abused; it still needs a form token.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import HttpRequest


def from_elsewhere(request: HttpRequest) -> bool:
    """True when another site made the browser send this."""
    if site := request.headers.get("Sec-Fetch-Site"):
        return site not in {"same-origin", "none"}
    if origin := request.headers.get("Origin"):
        return urlsplit(origin).netloc != request.get_host()
    return False
