"""How hard forms are arriving: from one network, for one mail domain, for one petition.

Counted in Redis by the minute, in the same round trip as the network's limit, and in each process while Redis is away.
Pressure is high when this minute or the one before brought more than the allowance, so it neither ends at the full
minute nor long after the flood. What a process knew to be high stays so when Redis goes away: a flood cannot open the
gate by taking Redis with it; and an empty Redis closes nothing, because all it does is to count from zero.

Somebody who is asked for a proof sends the form twice and counts twice: pressure that is high stays until the flood has
fallen to half the allowance, instead of coming and going at its edge.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import lru_cache

from cachetools import TTLCache
from django.conf import settings
from django.http import HttpRequest

from petition.caches import Beside

from .limits import limited, network_key, scrambled

# Where millions of unrelated people have their mailbox: a flood of one of these says little.
LARGE_PROVIDERS = frozenset(
    {
        *("gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "msn.com", "yahoo.com", "ymail.com"),
        *("icloud.com", "me.com", "mac.com", "aol.com", "proton.me", "protonmail.com", "pm.me", "tutanota.com"),
        *("tuta.com", "fastmail.com", "zoho.com", "gmx.com", "gmx.net", "gmx.de", "gmx.at", "gmx.ch", "web.de"),
        *("t-online.de", "freenet.de", "posteo.de", "mailbox.org", "bluewin.ch", "orange.fr", "wanadoo.fr", "free.fr"),
        *("laposte.net", "sfr.fr", "libero.it", "virgilio.it", "telenet.be", "ziggo.nl", "kpnmail.nl"),
        *("yahoo.fr", "yahoo.de", "yahoo.es", "yahoo.it", "yahoo.co.uk", "yahoo.co.in", "yahoo.co.jp", "yahoo.com.br"),
        *("hotmail.fr", "hotmail.de", "hotmail.es", "hotmail.it", "hotmail.co.uk", "live.fr", "live.co.uk"),
        *("mail.ru", "bk.ru", "list.ru", "inbox.ru", "yandex.ru", "yandex.com", "yandex.kz", "rambler.ru", "mail.kz"),
        *("qq.com", "163.com", "126.com", "sina.com", "foxmail.com", "naver.com", "daum.net", "hanmail.net"),
        *("docomo.ne.jp", "ezweb.ne.jp", "softbank.ne.jp", "rediffmail.com", "uol.com.br", "bol.com.br"),
        *("wp.pl", "onet.pl", "o2.pl", "interia.pl", "seznam.cz", "abv.bg", "ukr.net", "comcast.net", "att.net"),
        *(
            "verizon.net",
            "cox.net",
            "shaw.ca",
            "rogers.com",
            "bigpond.com",
            "optusnet.com.au",
            "xtra.co.nz",
            "btinternet.com",
        ),
    }
)
LARGER = 20  # times the allowance
# What stands before a country's own ending where names are registered one level further down.
_SECOND_LEVELS = frozenset("ac co com edu go gob gouv gov ltd mil ne net nom or org plc sch".split())
MINUTE, HOUR = 60, 3600  # seconds

_high: TTLCache[str, bool] = TTLCache(maxsize=4096, ttl=2 * MINUTE)
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Pressure:
    """What one form met. `busy`: its network has had its share. `high`: a proof is asked for."""

    busy: bool
    high: bool = False
    domain_overrun: bool = False  # its mail domain has had more in an hour than one would believe


@lru_cache(maxsize=4096)
def house_of(domain: str) -> str:
    """The part of a mail domain that somebody had to register, as well as that can be told without a list.

    `a1.flood.example` and `a2.flood.example` are one house; `flood.co.uk` is not `co.uk`. Where it is wrong, two
    houses share an allowance: nobody is refused for it.
    """
    labels = domain.split(".")
    deeper = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVELS
    return ".".join(labels[-3 if deeper else -2 :])


@lru_cache(maxsize=4096)
def _named(domain: str) -> tuple[str, bool]:
    """What a mail domain is called in Redis, and whether it is one of the large ones."""
    house = house_of(domain)
    return f"d:{scrambled('domain', house)}", house in LARGE_PROVIDERS


def measure(request: HttpRequest, *, petition_id: int, domain: str) -> Pressure:
    """Count one checked form, and say what it met."""
    network, (house, large) = f"n:{network_key(request)}", _named(domain)
    petition = f"p:{petition_id}"
    watches = [
        (network, MINUTE, settings.PRESSURE_NETWORK),
        (house, MINUTE, settings.PRESSURE_DOMAIN * (LARGER if large else 1)),
        (petition, MINUTE, settings.PRESSURE_PETITION),
    ]
    if not large:
        watches.append((house, HOUR, settings.GUARD_DOMAIN_HOUR))
    beside = Beside(watches)
    busy = limited(request, action="sign", beside=beside)
    over = beside.over or 0
    high = bool(over & 0b0111)
    if high or beside.alone:
        with _lock:
            for place, (name, _window, _most) in enumerate(watches[:3]):
                if over >> place & 1:
                    _high[name] = True
                high = high or name in _high
    return Pressure(busy=busy, high=high, domain_overrun=bool(over & 0b1000))


def forget() -> None:
    """What this process remembers, forgotten: for tests."""
    with _lock:
        _high.clear()
