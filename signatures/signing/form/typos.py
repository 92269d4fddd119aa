"""A slip of the finger in the domain of an address. We ask about it; we never change what somebody typed.

static/js/typos.js asks the same beside the field, with the same rule and these lists.
"""

from __future__ import annotations

from functools import lru_cache

COMMON = tuple(
    """gmail.com yahoo.com hotmail.com outlook.com icloud.com protonmail.com proton.me googlemail.com yahoo.fr yahoo.es
    yahoo.co.uk hotmail.fr hotmail.es hotmail.co.uk outlook.fr outlook.es orange.fr wanadoo.fr laposte.net libero.it
    yandex.ru rambler.ru inbox.ru posteo.de tutanota.com""".split()
)
# Real ones within a slip of a common one: nobody is asked about them.
REAL = frozenset(
    """mail.com ymail.com email.com fmail.com gmx.com yahoo.it yahoo.de yahoo.ca yahoo.in yahoo.co.jp yahoo.co.in
    yahoo.co.id yahoo.com.br yahoo.com.ar yahoo.com.mx yahoo.com.au yahoo.com.tr yahoo.com.hk yahoo.com.tw
    hotmail.it hotmail.de hotmail.be hotmail.ca hotmail.ch hotmail.nl hotmail.com.br hotmail.com.ar outlook.it
    outlook.de outlook.be outlook.pt outlook.jp outlook.kr outlook.com.br outlook.co.id orange.net posteo.net
    posteo.eu yandex.ua yandex.by yandex.kz yandex.com inbox.lv inbox.lt inbox.com rambler.ua proton.com
    proton.ch""".split()
)
_LONG = 10  # characters of a domain in which two slips are still no other word


def slips(typed: str, meant: str) -> int:
    """Letters added, lost, changed or swapped with their neighbour (optimal string alignment distance)."""
    before: list[int] = []
    last = list(range(len(meant) + 1))
    for row, char in enumerate(typed, 1):
        here = [row]
        for column, other in enumerate(meant, 1):
            cost = min(last[column] + 1, here[-1] + 1, last[column - 1] + (char != other))
            if row > 1 and column > 1 and char == meant[column - 2] and typed[row - 2] == other:
                cost = min(cost, before[column - 2] + 1)
            here.append(cost)
        before, last = last, here
    return last[-1]


@lru_cache(maxsize=4096)
def _meant(domain: str) -> str:
    if domain in COMMON or domain in REAL:
        return ""
    near = [each for each in COMMON if abs(len(each) - len(domain)) <= 2]
    meant = min(near, key=lambda each: slips(domain, each), default="")
    allowed = 2 if len(meant) >= _LONG else 1
    return meant if meant and slips(domain, meant) <= allowed else ""


def perhaps_meant(address: str) -> str:
    """The address with the common domain that a slip made this one of; empty when nothing looks like a slip."""
    local, at, domain = address.rpartition("@")
    meant = _meant(domain.lower()) if local and at else ""
    return f"{local}@{meant}" if meant else ""
