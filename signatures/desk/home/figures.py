"""The numbers of the page, each with its words, its list, and whether anybody outside may know it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from signatures.models import OutgoingMail, Signature, WaitingName

from ..periods import beginning
from .lists import Lists
from .reading import Standing


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its name. `address` is the list behind it, empty where there is none or one may not see it."""

    name: str
    number: int
    address: str = ""
    hint: str = ""
    public: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """What was signed in one period."""

    name: str
    confirmed: Figure
    received: Figure


@dataclass(frozen=True, slots=True)
class Stage:
    """A step of the way from form to count, and how much of the first step is left: in hundredths."""

    figure: Figure
    share: int


def _since(standing: Standing, period: str) -> str:
    """The day that a period of these figures begins with, as the list's address has it."""
    return beginning(period, now=standing.as_of or timezone.now()).date().isoformat()


def cards(standing: Standing, lists: Lists) -> Sequence[Card]:
    """Today, seven days, in all. A day begins at midnight UTC."""
    confirmed, received = pgettext("figure", "confirmed"), pgettext("figure", "received")
    today, week = _since(standing, "today"), _since(standing, "week")
    forgotten = _("All that ever came in, also those that nobody confirmed and that were deleted since.")
    return (
        Card(
            _("Today"),
            Figure(confirmed, standing.confirmed_today, lists.to(Signature, confirmed_from=today)),
            Figure(received, standing.today.get("received", 0), lists.to(Signature, signed_from=today)),
        ),
        Card(
            _("Last seven days"),
            Figure(confirmed, standing.confirmed_week, lists.to(Signature, confirmed_from=week)),
            Figure(received, standing.week.get("received", 0), lists.to(Signature, signed_from=week)),
        ),
        Card(
            _("In all"),
            Figure(confirmed, standing.total, lists.to(Signature, state="confirmed"), public=True),
            Figure(received, standing.received, hint=forgotten),
        ),
    )


def funnel(standing: Standing, lists: Lists) -> tuple[Sequence[Stage], Sequence[Figure]]:
    """What became of those that came in within seven days: the three steps of the way, and where the others are."""
    week = standing.week
    if not week.get("received"):
        return (), ()

    def to(**filters: str) -> str:
        return lists.to(Signature, signed_from=_since(standing, "week"), **filters)

    steps = (
        Figure(pgettext("figure", "received"), week["received"], to()),
        Figure(pgettext("figure", "mail sent"), week["mailed"], to(mail="sent")),
        Figure(pgettext("figure", "confirmed"), week["confirmed"], to(state="confirmed")),
    )
    rest = (
        Figure(pgettext("figure", "not confirmed yet"), week["pending"], to(state="pending")),
        Figure(pgettext("figure", "held for review"), week["held"], to(state="held")),
        Figure(pgettext("figure", "withdrawn by their signers"), week["withdrawn"], to(state="withdrawn")),
        *(
            [Figure(pgettext("figure", "removed as not genuine"), week["invalid"], to(state="invalid"))]
            if week["invalid"]
            else []
        ),
        Figure(pgettext("figure", "erased"), week["erased"], to(state="erased")),
        Figure(
            pgettext("figure", "mail came back"),
            week["bounced"],
            to(mail="bounced"),
            hint=_("They are in one of the others too."),
        ),
    )
    return [Stage(each, round(100 * each.number / week["received"])) for each in steps], rest


COLUMNS = (
    gettext_lazy("Today"),
    gettext_lazy("Last seven days"),
    gettext_lazy("In all"),
    pgettext_lazy("figure", "not confirmed yet"),
    pgettext_lazy("figure", "held for review"),
    pgettext_lazy("figure", "names to read"),
    pgettext_lazy("figure", "mail came back"),
)


def columns(standing: Standing, lists: Lists) -> Sequence[Figure]:
    """One petition's line in the table, under COLUMNS."""
    today, week = _since(standing, "today"), _since(standing, "week")
    numbers = (
        (standing.confirmed_today, lists.to(Signature, confirmed_from=today)),
        (standing.confirmed_week, lists.to(Signature, confirmed_from=week)),
        (standing.total, lists.to(Signature, state="confirmed")),
        (standing.pending, lists.to(Signature, state="pending")),
        (standing.held_in_all, lists.to(Signature, state="held")),
        (standing.names, lists.to(WaitingName)),
        (standing.bounced, lists.to(Signature, mail="bounced")),
    )
    return [Figure(str(name), number, address) for name, (number, address) in zip(COLUMNS, numbers, strict=True)]


def standing_now(standing: Standing, lists: Lists) -> Sequence[Figure]:
    """Where all signatures are at this moment that are not simply counted, and what waits."""
    gone = standing.gone
    return (
        Figure(
            pgettext("figure", "not confirmed yet"),
            standing.pending,
            lists.to(Signature, state="pending"),
            hint=_("Those that nobody confirms in time are deleted."),
        ),
        Figure(pgettext("figure", "held for review"), standing.held_in_all, lists.to(Signature, state="held")),
        Figure(pgettext("figure", "names to read"), standing.names, lists.to(WaitingName)),
        Figure(pgettext("figure", "mail came back"), standing.bounced, lists.to(Signature, mail="bounced")),
        Figure(
            pgettext("figure", "confirmation mails waiting"), standing.mail.waiting, lists.to(Signature, mail="due")
        ),
        Figure(
            pgettext("figure", "other mails waiting"),
            standing.other_mail.waiting,
            lists.to(OutgoingMail, fate="waiting"),
        ),
        Figure(
            pgettext("figure", "mails failed"),
            standing.mail.failed,
            lists.to(Signature, mail="failed"),
            hint=_("They are tried again by themselves."),
        ),
        Figure(
            pgettext("figure", "withdrawn by their signers"),
            gone.get("withdrawn", 0),
            lists.to(Signature, state="withdrawn"),
        ),
        *(
            [
                Figure(
                    pgettext("figure", "removed as not genuine"), gone["invalid"], lists.to(Signature, state="invalid")
                )
            ]
            if gone.get("invalid")
            else []
        ),
        Figure(pgettext("figure", "erased"), gone.get("erased", 0), lists.to(Signature, state="erased")),
    )
