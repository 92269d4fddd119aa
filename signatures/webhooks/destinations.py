"""Where a webhook may be sent: to a public server, and never into a network that only we can reach.

Staff type the address, and whoever owns its name decides what it resolves to, at any moment. So the name is resolved
here, every address it has is looked at, and the connection is made to the very addresses that were looked at (see
`post`): a name that changes its mind in between (DNS rebinding) changes nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

import dns.exception
import dns.nameserver
import dns.resolver
from django.conf import settings
from django.utils.translation import gettext as _

# IANA's special-purpose registries (RFC 6890): this network, private (RFC 1918), carrier-grade NAT, loopback,
# link-local with the clouds' metadata, protocol assignments, documentation, 6to4 relays, benchmarks, multicast,
# reserved and broadcast. 168.63.129.16 is public by its look, and a cloud's own control address.
_REFUSED_4 = tuple(
    IPv4Network(each)
    for each in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32", "169.254.0.0/16"),
        *("172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15"),
        *("198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
    )
)
# Of IPv6 only what is handed out for the public internet, less what lies in it and is not: protocol assignments with
# Teredo, documentation, 6to4 (which carries any IPv4 address inside it).
_PUBLIC_6 = IPv6Network("2000::/3")
_REFUSED_6 = tuple(IPv6Network(each) for each in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))
_NAT64 = IPv6Network("64:ff9b::/96")  # how a network without IPv4 writes to it: the last 32 bits are what counts

_PRINTABLE = re.compile(r"[!-~]+")
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")  # a last label like this makes the whole an address (WHATWG URL)


class Unfit(ValueError):
    """Why nothing is sent there, in words for staff."""


class NoSuchName(Exception):
    """The name could not be resolved now, in words for staff."""


@dataclass(frozen=True, slots=True)
class Destination:
    """An address taken apart. `host` in lower case; `target` is what follows it, query included."""

    secure: bool
    host: str
    port: int
    target: str

    @property
    def header(self) -> str:
        """What goes into the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.secure else 80) else f"{host}:{self.port}"


def read_address(url: str) -> Destination:
    """Take a partner's address apart. Asks nobody. Raises Unfit."""
    if not _PRINTABLE.fullmatch(url):
        raise Unfit(_("Write the address in plain letters, without spaces: an international name as xn--…"))
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Unfit(_("This is no address.")) from error
    allowed = ("https", "http") if settings.WEBHOOK_ALLOW_LOOPBACK else ("https",)
    if parts.scheme not in allowed:
        raise Unfit(_("The address begins with https://."))
    if "@" in parts.netloc:
        raise Unfit(_("No name and no password in the address: what we send is signed."))
    if parts.fragment or "\\" in url:
        raise Unfit(_("This is no address."))
    secure = parts.scheme == "https"
    host = (parts.hostname or "").rstrip(".")
    port = port if port is not None else (443 if secure else 80)
    if not settings.WEBHOOK_ALLOW_LOOPBACK:
        _check_name("" if "[" in parts.netloc else host)
        if port not in settings.WEBHOOK_PORTS:
            raise Unfit(_("Port %(port)d is not one that we write to.") % {"port": port})
    elif not host:
        raise Unfit(_("This is no address."))
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Destination(secure=secure, host=host, port=port, target=target)


def _check_name(host: str) -> None:
    labels = host.split(".")
    if len(labels) < 2 or len(host) > 253 or _NUMBER.fullmatch(labels[-1]) or not all(map(_LABEL.fullmatch, labels)):
        raise Unfit(_("Give the server by its full name, such as hooks.partner.example."))


def resolve(destination: Destination) -> list[str]:
    """The addresses that may be connected to, IPv4 first.

    Raises NoSuchName, and Unfit when a single one of them is none that the public can reach.
    """
    found = _literal(destination.host) or _look_up(destination.host)
    for address in found:
        if not (may_be_sent_to(address) or (settings.WEBHOOK_ALLOW_LOOPBACK and ip_address(address).is_loopback)):
            raise Unfit(_("The name leads to an address that is not public."))
    return sorted(found, key=lambda address: ":" in address)


def may_be_sent_to(address: str) -> bool:
    """Whether an IP address is one of the public internet's."""
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        inner = ip.ipv4_mapped or (IPv4Address(int(ip) & 0xFFFF_FFFF) if ip in _NAT64 else None)
        if inner is None:
            return ip in _PUBLIC_6 and not any(ip in network for network in _REFUSED_6)
        ip = inner
    return not any(ip in network for network in _REFUSED_4)


def _literal(host: str) -> list[str]:
    """The host itself when it is an IP address, which only the loopback of a trial may be."""
    try:
        return [str(ip_address(host))]
    except ValueError:
        return []


def _look_up(host: str) -> list[str]:
    """Every IPv4 and IPv6 address of a name, by DNS alone: no hosts file, no search list, and an end to the waiting."""
    resolver = dns.resolver.Resolver(configure=not settings.WEBHOOK_NAMESERVERS)
    if settings.WEBHOOK_NAMESERVERS:
        resolver.nameservers = [_nameserver(each) for each in settings.WEBHOOK_NAMESERVERS]
    try:
        answers = resolver.resolve_name(f"{host}.", lifetime=settings.WEBHOOK_CONNECT_TIMEOUT, search=False)
    except dns.resolver.NXDOMAIN as error:
        raise NoSuchName(_("The name does not exist.")) from error
    except dns.resolver.NoAnswer as error:
        raise NoSuchName(_("The name has no address.")) from error
    except (dns.exception.DNSException, OSError) as error:
        raise NoSuchName(_("The name could not be looked up.")) from error
    return list(answers.addresses())


def _nameserver(text: str) -> dns.nameserver.Nameserver:
    address, _sign, port = text.partition("#")
    return dns.nameserver.Do53Nameserver(address, int(port or 53))
