"""What a rule says of names and networks.

Of names: simple wildcards and a few ready kinds, compared without regard to case and form. No regular expressions from
staff: one badly written would keep a worker busy for ever. What is asked of a name takes time in proportion to the name
times the pattern, at worst, and raises nothing.
"""

from __future__ import annotations

import ipaddress
import unicodedata
from collections.abc import Sequence
from itertools import groupby

LONGEST = 400  # characters of a name that are looked at; the form takes fewer
REPEATED = 5  # times the same character in a row: no name in any language that we know of
# A network is named by this many bits at least, and at most: neither one person's (a household has a /56 or a /64 of
# IPv6) nor a large part of everybody's.
WIDEST, NARROWEST = {4: 8, 6: 16}, {4: 24, 6: 48}
_MAPPED = 96  # bits before the IPv4 address in `::ffff:203.0.113.7`
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_ENDS = (".com", ".net", ".org", ".info", ".biz", ".xyz", ".top", ".shop", ".ru", ".cn", ".io")


def plain(text: str) -> str:
    """The text as it is compared: full-width letters, ligatures and capitals are none (NFKC, case folded)."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text[:LONGEST]).casefold())


def name_matches(name: str, *, pattern: str = "", looks: str = "") -> bool:
    """Whether a name is as `pattern` (`*` stands for anything) and of the kind `looks`: "", "link" or "repeated".

    What is empty asks for nothing; a name that is not held any more ("") matches nothing.
    """
    if not name:
        return False
    return text_matches(plain(name), parts=parts_of(pattern), looks=looks)


def parts_of(pattern: str) -> list[str]:
    """What stands between the stars of a pattern, as it is compared; empty for no pattern."""
    return plain(pattern).split("*") if pattern else []


def text_matches(text: str, *, parts: Sequence[str], looks: str) -> bool:
    """The same of a name that is `plain` already, and not empty."""
    if parts and not _fits(text, parts):
        return False
    if looks == "link":
        return _has_link(text)
    return looks != "repeated" or any(key != " " and len(list(run)) >= REPEATED for key, run in groupby(text))


def _fits(text: str, parts: Sequence[str]) -> bool:
    """Whether `text` is the parts, in order, with anything in between. The leftmost place for each part will do."""
    first, last = parts[0], parts[-1]
    if len(parts) == 1:
        return text == first
    if len(text) < len(first) + len(last) or not (text.startswith(first) and text.endswith(last)):
        return False
    at, end = len(first), len(text) - len(last)
    for part in parts[1:-1]:
        found = text.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True


def _has_link(text: str) -> bool:
    """An address of the web, or a word that ends as a common one does ("cheap.com", "cheap.com/x")."""
    for word in text.split():
        host = word.partition("/")[0].rstrip(".,;:!?)")
        if "://" in word or "www." in word or any(host.endswith(end) and len(host) > len(end) for end in _ENDS):
            return True
    return False


def network_in(text: str) -> Network:
    """The network that is written there, bits of a host within it left out: `203.0.113.7/24` is `203.0.113.0/24`.

    IPv4 written as IPv6 is IPv4, as an address is for the guard. Raises ValueError for what is no network. How wide it
    may be is for the caller to ask.
    """
    network = ipaddress.ip_network(text.strip(), strict=False)
    mapped = network.network_address.ipv4_mapped if isinstance(network, ipaddress.IPv6Network) else None
    if mapped and network.prefixlen >= _MAPPED:
        return ipaddress.IPv4Network((mapped, network.prefixlen - _MAPPED))
    return network
