"""How often one network may ask: django-ratelimit behind one function. What a flood meets is in `pressure`.

The wrapper exists for what django-ratelimit gets wrong here: who the client is (only configured proxies are believed,
read from the right), which addresses belong together (/24, /64, IPv4-mapped as IPv4), and a Redis that is away
(`petition.caches.RedisOrLocal`: the limit then holds per process). Keys are HMACs and expire; no address is stored.
What must never be bypassed, mails to one address, is counted in PostgreSQL (see `sign`).
"""

from __future__ import annotations

import base64
import hmac
import ipaddress
from functools import cache
from typing import Literal, cast

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest
from django_ratelimit.core import is_ratelimited

from petition.caches import Beside, RedisOrLocal

Action = Literal["sign", "link", "patience"]
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@cache
def _trusted(listed: tuple[str, ...]) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    return tuple(ipaddress.ip_network(item, strict=False) for item in listed)


def _parse(text: str) -> Address | None:
    """An address from `a.b.c.d`, `a.b.c.d:port`, `v6`, `[v6]` or `[v6]:port`; None for anything else."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address


def client_address(request: HttpRequest) -> Address | None:
    """The nearest address that no configured proxy vouches for; None when there is none to be had."""
    address = _parse(request.META.get("REMOTE_ADDR", ""))
    proxies = _trusted(tuple(settings.TRUSTED_PROXIES))
    for hop in reversed(request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")):
        if address is None or not any(address in network for network in proxies):
            break
        before = _parse(hop)
        if before is None:  # a proxy that says nothing usable stands for its clients
            break
        address = before
    return address


def client_network(request: HttpRequest) -> str:
    """The network whose requests are counted together: /24 for IPv4, /64 for IPv6."""
    address = client_address(request)
    if address is None:
        return "unknown"
    if address.version == 4:
        return f"{ipaddress.IPv4Address(int(address) >> 8 << 8)}/24"
    return f"{ipaddress.IPv6Address(int(address) >> 64 << 64)}/64"


def scrambled(kind: str, value: str) -> str:
    """What stands for a network or a mail domain in Redis: an HMAC, which cannot be turned back."""
    digest = hmac.digest(settings.SECRET_KEY.encode(), f"{kind}\0{value}".encode(), "sha256")
    return base64.b64encode(digest).decode()


def network_key(request: HttpRequest) -> str:
    """The visitor's network, scrambled; worked out once for a request."""
    found: str | None = getattr(request, "_network_key", None)
    if found is None:
        found = request._network_key = scrambled("guard", client_network(request))  # type: ignore[attr-defined]
    return found


def _key(_group: str, request: HttpRequest) -> str:
    return network_key(request)


def _rate(action: Action) -> str:
    match action:
        case "sign":
            return str(settings.GUARD_SIGN_RATE)
        case "link":
            return str(settings.GUARD_LINK_RATE)
        case "patience":
            return str(settings.GUARD_PATIENCE_RATE)


def limited(request: HttpRequest, *, action: Action, beside: Beside | None = None) -> bool:
    """Whether this network has asked for `action` too often; counts this request, and what is counted beside it."""
    cache = cast("RedisOrLocal", caches[settings.RATELIMIT_USE_CACHE])
    cache.beside = beside
    try:
        return is_ratelimited(request, group=action, key=_key, rate=_rate(action), increment=True)
    finally:
        cache.beside = None
