"""Rules that watch: new signatures that meet all of a rule's conditions are held as they are made.

Asked for each form, so all of it is in memory: one query, of every petition's watching rules together, and none while
this process remembers them. The visitor's address is looked at here and kept nowhere. What is stored with the signature
names the rule, by its id: staff may rename it, and a form's answer is as long for every rule as for none.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from cachetools import TTLCache
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from signatures.models import Rule
from signatures.privacy.indexes import domain_index
from signatures.signing.countries.names import NOT_SAID
from signatures.signing.review.rules import Network, network_in, parts_of, plain, text_matches

from .limits import Address, client_address

_REASON = re.compile("rule:([0-9a-f]{32})")
REASONS = f"^{_REASON.pattern}$"  # as PostgreSQL is asked for all of them


@dataclass(frozen=True, slots=True)
class Newcomer:
    """What a checked form says, as far as a rule may ask."""

    name: str
    email: str
    country: str | None
    source: str


@dataclass(frozen=True, slots=True)
class Watch:
    """A rule's conditions, made ready. What is empty, or None, asks for nothing."""

    reason: str
    until: datetime
    domain: bytes | None
    country: str
    signed_from: datetime | None
    signed_before: datetime | None
    source: str
    parts: Sequence[str]
    looks: str
    network: Network | None

    def takes(
        self, new: Newcomer, *, now: datetime, domain: bytes, text: str, kinds: Collection[str], address: Address | None
    ) -> bool:
        """Whether all conditions hold, the cheap ones first. `domain`: its index. `text`: the plain name, and `kinds`
        of what kinds it is.
        """
        return (
            now < self.until
            and (not self.country or self.country == (new.country or NOT_SAID))
            and (not self.source or self.source == new.source)
            and (self.domain is None or self.domain == domain)
            and (self.signed_from is None or self.signed_from <= now)
            and (self.signed_before is None or now < self.signed_before)
            and (self.network is None or (address is not None and address in self.network))
            and (not self.looks or self.looks in kinds)
            and (not self.parts or text_matches(text, parts=self.parts, looks=""))
        )

    @property
    def asks_something(self) -> bool:
        conditions = (self.country, self.source, self.domain, self.signed_from, self.signed_before, self.network)
        return any((*conditions, self.parts, self.looks))


_watching: TTLCache[str, dict[int, list[Watch]]] = TTLCache(maxsize=1, ttl=settings.PAGE_TTL)
_lock = threading.Lock()


def held_by(new: Newcomer, *, petition_id: int, request: HttpRequest) -> str:
    """The reason to hold a form's signature for: the first rule of the petition that watches for such a one, or ""."""
    watches = _of_all().get(petition_id)
    if not watches:
        return ""
    now, domain, text, address = timezone.now(), domain_index(new.email), plain(new.name), client_address(request)
    asked = {watch.looks for watch in watches if watch.looks}  # a name is looked at once for each kind
    kinds = {looks for looks in asked if text_matches(text, parts=(), looks=looks)}
    for watch in watches:
        if watch.takes(new, now=now, domain=domain, text=text, kinds=kinds, address=address):
            return watch.reason
    return ""


def forget() -> None:
    """Forget the rules that this process remembers; others follow within PAGE_TTL."""
    with _lock:
        _watching.clear()


def reason_of(rule_id: UUID) -> str:
    """What is stored with a signature that the rule held."""
    return f"rule:{rule_id.hex}"


def rule_in(reason: str) -> UUID | None:
    """The rule that a stored reason names, if it names one."""
    found = _REASON.fullmatch(reason)
    return UUID(found[1]) if found else None


def _of_all() -> dict[int, list[Watch]]:
    """What each petition's rules watch for."""
    with _lock, suppress(KeyError):
        return _watching["all"]
    found: dict[int, list[Watch]] = {}
    for rule in Rule.objects.filter(action=Rule.Action.HOLD, watches_until__gt=timezone.now()).order_by("pk"):
        watch = _ready(rule)
        if watch.asks_something:
            found.setdefault(rule.petition_id, []).append(watch)
    with _lock:
        _watching["all"] = found
    return found


def _ready(rule: Rule) -> Watch:
    return Watch(
        reason=reason_of(rule.pk),
        until=cast(datetime, rule.watches_until),
        domain=bytes(rule.domain_index) if rule.domain_index else None,
        country=rule.country,
        signed_from=rule.signed_from,
        signed_before=rule.signed_before,
        source=rule.source,
        parts=parts_of(rule.name_pattern),
        looks=rule.name_looks,
        network=network_in(rule.network) if rule.network else None,
    )
