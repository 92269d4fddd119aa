"""What a list of signatures is narrowed to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Self
from uuid import UUID

from django.db.models import Q, QuerySet

from signatures.models import Signature

from ..jobs.selection import NOT_SAID, Selection, by_confirmation, by_held_reason, by_mail, first_id

MIN_ID = 8  # hex digits by which a signature may be looked for
_HEX_ID = re.compile(r"[0-9a-f]{8,32}")
_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Narrowing:
    """Every condition that is set narrows; none means all. Names nobody, so it may stand in an address.

    `signed_from`, `signed_until`: UTC days, both included, of when the form was first sent: the time in the id.
    `confirmed_from`: the UTC day from which on it was confirmed, of those that count.
    `domain`: the index of a mail domain, in hex. `paper`: "yes" for those on paper alone. `id`: the first hex digits of
    one, at least MIN_ID. `reason`, `mail`, `country`: as in `jobs.selection.Selection`.
    """

    petition: int | None = None
    state: str = ""
    reason: str = ""
    mail: str = ""
    country: str = ""
    signed_from: date | None = None
    signed_until: date | None = None
    confirmed_from: date | None = None
    source: str = ""
    domain: str = ""
    paper: str = ""
    id: str = ""

    @classmethod
    def names(cls) -> tuple[str, ...]:
        return tuple(each.name for each in fields(cls))

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """From values that a form has checked; what is empty is not set."""
        return cls(**{name: values[name] for name in cls.names() if values.get(name)})

    def __bool__(self) -> bool:
        return self != type(self)()

    def but(self, **changes: Any) -> Narrowing:
        return replace(self, **changes)

    def params(self) -> dict[str, str]:
        """As parameters of an address: only what is set."""
        set_ones = {name: getattr(self, name) for name in self.names()}
        return {name: str(value) for name, value in set_ones.items() if value}

    def states(self) -> tuple[str, ...]:
        """The states that a match can be in; empty: any."""
        if self.reason:
            return (Signature.State.HELD,) if self.state in ("", Signature.State.HELD) else ("none",)
        if self.confirmed_from:
            counted = Signature.State.CONFIRMED
            return (counted,) if self.state in ("", counted) else ("none",)
        return (self.state,) if self.state else ()

    def id_range(self) -> tuple[UUID | None, UUID | None]:
        """The ids that a match lies between, both included. An id carries its time, so a day is a range of ids."""
        low, high = [], []
        if self.signed_from:
            low.append(first_id(_midnight(self.signed_from)))
        if self.signed_until:
            high.append(UUID(int=first_id(_midnight(self.signed_until + _DAY)).int - 1))
        if self.id:
            low.append(UUID(self.id.ljust(32, "0")))
            high.append(UUID(self.id.ljust(32, "f")))
        return max(low, default=None), min(high, default=None)

    def of_rows(self, rows: QuerySet[Signature]) -> QuerySet[Signature]:
        """Of `rows` those that match, but for the state: `newest` asks for each state by itself."""
        if self.petition:
            rows = rows.filter(petition_id=self.petition)
        if self.reason:
            rows = by_held_reason(rows, self.reason)
        if self.mail:
            rows = by_mail(rows, self.mail)
        if self.country:
            rows = rows.filter(country=None if self.country == NOT_SAID else self.country)
        if self.source:
            rows = rows.filter(source=self.source)
        if self.confirmed_from:
            rows = by_confirmation(rows, _midnight(self.confirmed_from))
        if self.paper:
            rows = rows.filter(paper_import__isnull=False)
        if self.domain:
            rows = rows.filter(domain_index=bytes.fromhex(self.domain))
        low, high = self.id_range()
        within = Q()
        if low:
            within &= Q(pk__gte=low)
        if high:
            within &= Q(pk__lte=high)
        return rows.filter(within)

    def selection(self, petition_id: int) -> Selection:
        """The same of one petition, for a job."""
        return Selection(
            petition_id=petition_id,
            states=(self.state,) if self.state else (),
            countries=(self.country,) if self.country else (),
            signed_from=_midnight(self.signed_from).isoformat() if self.signed_from else "",
            signed_before=_midnight(self.signed_until + _DAY).isoformat() if self.signed_until else "",
            confirmed_from=_midnight(self.confirmed_from).isoformat() if self.confirmed_from else "",
            domain_index=self.domain,
            source=self.source,
            held_reason=self.reason,
            mail=self.mail,
            paper=self.paper,
        )


def as_id(text: str) -> str:
    """The hex digits of an id, or of the beginning of one, without its hyphens; empty for what is none."""
    digits = text.replace("-", "").lower()
    return digits if text.find("-") in (-1, MIN_ID) and _HEX_ID.fullmatch(digits) else ""


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
