"""Which signatures of one petition: some by their ids, or all that match what a list was narrowed to.

A selection is JSON in a job's params, names nobody, and is walked in the order of ids, from a cursor on: every step
reads a bounded stretch of the table, however few rows match.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from django.db import OperationalError, connection, transaction
from django.db.models import Q, QuerySet
from uuid_utils.compat import uuid7

from signatures.models import Signature
from signatures.signing.guard.doubt import Doubt
from signatures.signing.guard.watching import REASONS, rule_in

NOT_SAID = "-"  # the country of those who did not say
MAILS = ("due", "failed", "bounced", "sent")
HELD_BY_STAFF, HELD_BY_RULE = "staff", "rule"
_DOUBTS = {str(doubt): doubt.name.lower() for doubt in Doubt}  # as stored → as a list's filter names it
STRETCH = 20_000  # rows that one step looks through, at most
MOST_IDS = 10_000  # in one selection: more than that is a condition
COUNTED = 100_000  # rows that are counted, at most
_LAST = UUID("ffffffff-ffff-ffff-ffff-ffffffffffff")


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """Signatures of `petition_id`. Every condition that is set narrows it; none means all of the petition.

    `ids`: these alone. `states`: of Signature.State. `countries`: ISO codes, NOT_SAID. `signed_from` and
    `signed_before`: moments with a zone, ISO 8601, compared with the time in the id (when the form was first sent).
    `confirmed_from`: likewise, of those that count, when they were confirmed.
    `domain_index`: of the mail domain, in hex. `source`: the tag. `held_reason`: a name of Doubt in lower case,
    "staff", "rule" for any that watched, or one rule's as it is stored (`watching.reason_of`). `mail`: one of MAILS.
    `paper`: "yes" for those on paper alone. `through`: the last id it may take (see `frozen`).
    """

    petition_id: int
    ids: tuple[str, ...] | None = None
    states: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    signed_from: str = ""
    signed_before: str = ""
    confirmed_from: str = ""
    domain_index: str = ""
    source: str = ""
    held_reason: str = ""
    mail: str = ""
    paper: str = ""
    through: str = ""

    @classmethod
    def of_ids(cls, petition_id: int, ids: Iterable[UUID | str]) -> Self:
        """These signatures, of those that belong to the petition."""
        return cls(petition_id=petition_id, ids=tuple(sorted({str(UUID(str(each))) for each in ids})))

    @classmethod
    def from_params(cls, params: dict[str, Any]) -> Self:
        """What `params` wrote. Raises TypeError or ValueError for anything else."""
        if not isinstance(params, dict):
            raise TypeError("no selection")
        fields: dict[str, Any] = {name: _checked(name, value) for name, value in params.items()}
        made = cls(**fields)
        made.rows()
        return made

    def params(self) -> dict[str, Any]:
        """As JSON: only what is set."""
        return {name: value for name, value in asdict(self).items() if value not in (None, "", ())}

    def frozen(self) -> Self:
        """The same, but nobody who signs from now on is in it."""
        return self if self.through else replace(self, through=str(uuid7()))

    def narrowed(self, states: Iterable[str]) -> Self:
        """The same, but only those in one of `states`: those that a move takes."""
        wanted = tuple(each for each in states if not self.states or each in self.states)
        return replace(self, states=wanted or ("none",))

    def summary(self) -> dict[str, Any]:
        """What may be kept when a job is history: no ids, no mail domain (a small one is a person)."""
        kept = replace(self, ids=None, domain_index="").params()
        return kept | ({"chosen": len(self.ids)} if self.ids is not None else {})

    # --------------------------------------------------------------------------------------------- as a query
    def rows(self) -> QuerySet[Signature]:
        """The matching signatures, unordered. Raises ValueError for a value that is none."""
        rows = Signature.objects.filter(petition_id=self.petition_id)
        if self.ids is not None:
            rows = rows.filter(pk__in=[UUID(each) for each in self.ids])
        if self.states:
            rows = rows.filter(state__in=self.states)
        if self.countries:
            rows = by_countries(rows, self.countries)
        if self.signed_from:
            rows = rows.filter(pk__gte=first_id(datetime.fromisoformat(self.signed_from)))
        if self.signed_before:
            rows = rows.filter(pk__lt=first_id(datetime.fromisoformat(self.signed_before)))
        if self.confirmed_from:
            rows = by_confirmation(rows, datetime.fromisoformat(self.confirmed_from))
        if self.domain_index:
            rows = rows.filter(Q(("domain_index", bytes.fromhex(self.domain_index))))
        if self.source:
            rows = rows.filter(source=self.source)
        if self.held_reason:
            rows = by_held_reason(rows, self.held_reason)
        if self.mail:
            rows = by_mail(rows, self.mail)
        if self.paper:
            rows = rows.filter(paper_import__isnull=False)
        return rows.filter(pk__lte=UUID(self.through)) if self.through else rows

    def count(self, *, at_most: int = COUNTED, seconds: float = 2.0) -> int | None:
        """How many match; None when there are more than `at_most`, or when to know it would take longer."""
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT current_setting('statement_timeout')")
                (before,) = cursor.fetchone()
                cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{seconds * 1000:.0f}ms"])
                found = self.rows()[: at_most + 1].count()
                cursor.execute("SELECT set_config('statement_timeout', %s, true)", [before])
        except OperationalError:  # the statement was cancelled: the savepoint brings the setting back
            return None
        return found if found <= at_most else None

    def next_ids(self, after: str, *, limit: int) -> tuple[list[UUID], str, bool]:
        """The next up to `limit` ids after the cursor `after` ("" at first), the cursor after them, and whether that
        was the end. There may be none, and more to come: a step looks through STRETCH rows at most.
        """
        cursor = UUID(after) if after else UUID(int=0)
        if self.ids is not None:
            rest = sorted(each for each in self.ids if UUID(each) > cursor)
            asked = rest[:limit]
            found = list(self.rows().filter(pk__in=asked).order_by("pk").values_list("pk", flat=True))
            return found, asked[-1] if asked else after, len(rest) <= limit
        beyond = Signature.objects.filter(pk__gt=max(cursor, self._first())).order_by("pk")
        stretch = beyond.values_list("pk", flat=True)[STRETCH - 1 : STRETCH].first() or _LAST
        rows = self.rows().filter(pk__gt=cursor, pk__lte=stretch).order_by("pk")
        found = list(rows.values_list("pk", flat=True)[:limit])
        if len(found) == limit:
            return found, str(found[-1]), False
        past = stretch == _LAST or (bool(self.through) and stretch >= UUID(self.through))
        return found, str(stretch), past

    def _first(self) -> UUID:
        """The id just before the first that may match: where the first stretch begins."""
        if not self.signed_from:
            return UUID(int=0)
        return UUID(int=first_id(datetime.fromisoformat(self.signed_from)).int - 1)


def _checked(name: str, value: Any) -> Any:
    """One field of a selection that may have come from anywhere. Raises ValueError."""
    if name == "petition_id":
        if type(value) is not int or abs(value) >= 2**63:
            raise ValueError("no petition")
        return value
    parts = value if isinstance(value, list) and name in ("ids", "states", "countries") else [value]
    if len(parts) > MOST_IDS or not all(isinstance(each, str) and "\0" not in each for each in parts):
        raise ValueError(f"no {name}")
    return tuple(parts) if isinstance(value, list) else value


def first_id(at: datetime) -> UUID:
    """The least uuid7 of a moment (milliseconds). Raises ValueError for a moment without a zone, or before 1970."""
    if at.tzinfo is None or at.timestamp() < 0:
        raise ValueError("a moment with a zone, please")
    return UUID(int=(int(at.timestamp() * 1000) << 80) | (7 << 76) | (2 << 62))


def by_countries(rows: QuerySet[Signature], codes: Collection[str]) -> QuerySet[Signature]:
    """Those of the countries, NOT_SAID among them."""
    said = Q(country__in=[code for code in codes if code != NOT_SAID])
    return rows.filter(said | Q(country=None) if NOT_SAID in codes else said)


def by_confirmation(rows: QuerySet[Signature], since: datetime) -> QuerySet[Signature]:
    """Those that count and were confirmed at `since` or later: the index over confirmation times holds them."""
    return rows.filter(state=Signature.State.CONFIRMED, confirmed_at__gte=since)


def key_of_reason(reason: str) -> str:
    """What a list's filter calls a stored reason: by the guard's own name, HELD_BY_RULE, else HELD_BY_STAFF."""
    return _DOUBTS.get(reason) or (HELD_BY_RULE if rule_in(reason) else HELD_BY_STAFF)


def by_held_reason(rows: QuerySet[Signature], reason: str) -> QuerySet[Signature]:
    """Held signatures by the guard's own reason, by a rule's, or those that staff held. Raises ValueError."""
    held = rows.filter(state=Signature.State.HELD)  # few rows, with an index of their own
    if reason == HELD_BY_STAFF:
        return held.exclude(held_reason__in=list(_DOUBTS)).exclude(held_reason__regex=REASONS)
    if reason == HELD_BY_RULE:
        return held.filter(held_reason__regex=REASONS)
    if rule_in(reason):
        return held.filter(held_reason=reason)
    if reason.upper() not in Doubt.__members__:
        raise ValueError(f"no reason: {reason}")
    return held.filter(held_reason=str(Doubt[reason.upper()]))


def by_mail(rows: QuerySet[Signature], mail: str) -> QuerySet[Signature]:
    """By what has become of their mail, one of MAILS. Raises ValueError."""
    match mail:
        case "due":
            return rows.filter(mail_due_at__isnull=False)
        case "failed":
            return rows.filter(mail_due_at__isnull=False, mail_attempts__gt=0).exclude(mail_error="")
        case "bounced":
            return rows.filter(bounced_at__isnull=False)
        case "sent":
            return rows.filter(mail_sent_at__isnull=False)
    raise ValueError(f"no state of a mail: {mail}")
