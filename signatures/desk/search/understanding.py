"""One search box: what somebody typed, as a narrowing of the list and, at most, one e-mail address.

The text is read from the left, the longest stretch of words first, so that “United Kingdom” is a country and
“24 Nov 2026” a day. What nobody can be found by (a name, a part of an address) is told, never guessed at: names and
addresses are stored encrypted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import pgettext

from signatures.models import Signature
from signatures.privacy.indexes import domain_index
from signatures.signing.countries.aliases import ALIASES
from signatures.signing.countries.names import country_codes, country_names
from signatures.signing.form.addresses import check_address
from signatures.signing.form.forms import checked_source

from ..jobs.selection import NOT_SAID
from .days import folded, listed, read_days
from .narrowing import Narrowing, as_id

LONGEST = 7  # words that one thing may have: “Saint Helena, Ascension and Tristan da Cunha”
MAX_TEXT = 300  # characters
PREFIX = 4  # letters by which a country is recognised, when no other begins so


@dataclass
class Understood:
    """What a text means. `address` and `domain` are personal: they go into no address, log or session."""

    values: dict[str, Any] = field(default_factory=dict)  # of a Narrowing
    address: str = field(default="", repr=False)
    domain: str = field(default="", repr=False)
    unknown: list[str] = field(default_factory=list, repr=False)  # what was not understood
    twice: list[str] = field(default_factory=list, repr=False)  # a second country, a second day: a list has one

    @property
    def narrowing(self) -> Narrowing:
        return Narrowing.of(self.values)

    @property
    def personal(self) -> bool:
        return bool(self.address or self.domain)

    def __bool__(self) -> bool:
        return bool(self.values or self.address)


Reader = Callable[[str], dict[str, Any] | None]


def understand(text: str, *, language: str, petitions: dict[str, int]) -> Understood:
    """Read what was typed. `petitions`: the addresses (slugs) of those that the person reaches, with their ids."""
    words = text[:MAX_TEXT].replace("\0", " ").replace(",", " ").split()
    understood = Understood()
    fillers = listed(_fillers()) if len(words) > 1 else set()
    readers = _readers(language=language, petitions=petitions, fillers=fillers)
    at = 0
    while at < len(words):
        for length in range(min(LONGEST, len(words) - at), 0, -1):
            part = " ".join(words[at : at + length])
            if _take(understood, part, readers):
                at += length
                break
        else:
            if folded(words[at]) not in fillers:
                understood.unknown.append(words[at])
            at += 1
    return understood


def _take(understood: Understood, part: str, readers: list[Reader]) -> bool:
    if "@" in part:
        return _take_address(understood, part)
    for read in readers:
        values = read(part)
        if values is not None:
            if values.keys() & understood.values.keys():
                understood.twice.append(part)
            else:
                understood.values |= values
            return True
    return False


def _take_address(understood: Understood, part: str) -> bool:
    try:
        address = check_address(f"x{part}" if part.startswith("@") else part)
        index = domain_index(address)
    except (ValidationError, UnicodeError):
        return False
    if part.startswith("@"):
        if understood.domain:
            understood.twice.append(part)
        else:
            understood.domain = address.rpartition("@")[2]
            understood.values["domain"] = index.hex()
    elif understood.address:
        understood.twice.append(part)
    else:
        understood.address = address
    return True


def _readers(*, language: str, petitions: dict[str, int], fillers: set[str]) -> list[Reader]:
    vocabulary = _words()
    return [
        _id,
        lambda part: _days(part, language=language),
        lambda part: vocabulary.get(folded(part)),
        lambda part: {"petition": petitions[part.lower()]} if part.lower() in petitions else None,
        lambda part: _country(part, language=language, fillers=fillers),
        _source,
    ]


def _id(part: str) -> dict[str, Any] | None:
    digits = as_id(part) if " " not in part else ""
    return {"id": digits} if digits else None


def _days(part: str, *, language: str) -> dict[str, Any] | None:
    days = read_days(part, language=language)
    return {"signed_from": days[0], "signed_until": days[1]} if days else None


def _source(part: str) -> dict[str, Any] | None:
    for mark in ("?s=", "source:"):
        if part.startswith(mark) and (tag := checked_source(part.removeprefix(mark))):
            return {"source": tag}
    return None


def _words() -> dict[str, dict[str, Any]]:
    """The words for states and mails in the language of the moment and in English."""
    return {
        word: {name: str(value) for name, value in values.items()}
        for words, values in _vocabulary()
        for word in listed(words)
    }


def _fillers() -> str:
    return "from,in,of,on,signed,signatures," + pgettext(
        "search words, separated by commas", "from,in,of,on,signed,signatures"
    )


def _vocabulary() -> Iterator[tuple[str, dict[str, Any]]]:
    """Words for one thing, comma-separated, and what they narrow to. Each word is understood in English as well."""
    states = Signature.State
    yield from (
        ("pending,unconfirmed", {"state": states.PENDING}),
        (pgettext("search words, separated by commas", "pending,unconfirmed"), {"state": states.PENDING}),
        ("confirmed,counted", {"state": states.CONFIRMED}),
        (pgettext("search words, separated by commas", "confirmed,counted"), {"state": states.CONFIRMED}),
        ("held,on hold,under review", {"state": states.HELD}),
        (pgettext("search words, separated by commas", "held,on hold,under review"), {"state": states.HELD}),
        ("withdrawn", {"state": states.WITHDRAWN}),
        (pgettext("search words, separated by commas", "withdrawn"), {"state": states.WITHDRAWN}),
        ("removed,invalid", {"state": states.INVALID}),
        (pgettext("search words, separated by commas", "removed,invalid"), {"state": states.INVALID}),
        ("erased", {"state": states.ERASED}),
        (pgettext("search words, separated by commas", "erased"), {"state": states.ERASED}),
        ("bounced", {"mail": "bounced"}),
        (pgettext("search words, separated by commas", "bounced"), {"mail": "bounced"}),
        ("paper,on paper", {"paper": "yes"}),
        (pgettext("search words, separated by commas", "paper,on paper"), {"paper": "yes"}),
        ("no country,country not said", {"country": NOT_SAID}),
        (pgettext("search words, separated by commas", "no country,country not said"), {"country": NOT_SAID}),
    )
    yield from ((str(state.label), {"state": state}) for state in states)


@cache
def _names(language: str) -> dict[str, str]:
    """What countries are called in the language, in English and for short, with their codes."""
    found = {folded(name): code for each in ("en", language) for code, name in country_names(each)}
    for code, names in ALIASES.items():
        found |= {folded(name): code for name in names.split(",")}
    return found


def _country(part: str, *, language: str, fillers: set[str]) -> dict[str, Any] | None:
    """By its code, its whole name, or the beginning of one that is like no other."""
    if part.upper() in country_codes() and (part.isupper() or folded(part) not in fillers):
        return {"country": part.upper()}
    names, word = _names(language), folded(part)
    if word in names:
        return {"country": names[word]}
    begins = {code for name, code in names.items() if name.startswith(word)} if len(word) >= PREFIX else set()
    return {"country": begins.pop()} if len(begins) == 1 else None
