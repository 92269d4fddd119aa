"""Whether what nobody sees is at work: the nightly checks, the count, the figures of this page themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from signatures.mail.outbox import oldest_due
from signatures.models import Check, TallyEntry
from signatures.tally.ledger import oldest_unfolded
from signatures.templatetags.figures import figure

from .lists import Lists
from .reading import Standing
from .refresh import IDLE
from .todo import LATE, clock

FINE, BAD, UNKNOWN = "fine", "bad", "unknown"
A_NIGHT = timedelta(hours=26)  # a check that runs every night and last ran longer ago has not run
FOLD_LATE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that is well or not, with when that was seen."""

    kind: str
    name: str
    words: str
    address: str = ""


def signs_of_health(standing: Standing, lists: Lists, *, now: datetime, language: str) -> list[Sign]:
    """A handful of small queries. Expects the language to be active."""
    known = {check.name: check for check in Check.objects.all()}
    return [
        *(_check(Check.Name(name), known.get(name), lists, now, language) for name in Check.Name.values),
        _waiting(
            _("The count"),
            oldest_unfolded(),
            now,
            FOLD_LATE,
            fine=_("Every confirmation is in it within seconds."),
            late=_("Confirmations have waited to be counted since %(when)s. The worker may be down."),
            address=lists.to(TallyEntry, folded="no"),
        ),
        _waiting(
            _("Mail"),
            oldest_due(),
            now,
            LATE,
            fine=_("Nothing has waited longer than a few minutes."),
            late=_("Mail has waited to be sent since %(when)s. The mail server or the worker may be down."),
        ),
        _figures(standing, now),
    ]


def _check(name: Check.Name, check: Check | None, lists: Lists, now: datetime, language: str) -> Sign:
    address = lists.of(None).to(Check) if check else ""
    if check is None:
        return Sign(UNKNOWN, str(name.label), _("It has not run yet. It runs every night."))
    when = clock(check.ran_at, now=now)
    if check.problems:
        words = ngettext(
            "%(number)s problem found at %(when)s", "%(number)s problems found at %(when)s", check.problems
        )
        said = words % {"number": figure(check.problems, language), "when": when}
        return Sign(BAD, str(name.label), said, address)
    if now - check.ran_at > A_NIGHT:
        return Sign(BAD, str(name.label), _("It passed at %(when)s, and has not run since.") % {"when": when}, address)
    return Sign(FINE, str(name.label), _("It passed at %(when)s.") % {"when": when}, address)


def _waiting(
    name: str,
    since: datetime | None,
    now: datetime,
    late_after: timedelta,
    *,
    fine: str,
    late: str,
    address: str = "",
) -> Sign:
    if since is not None and now - since > late_after:
        return Sign(BAD, name, late % {"when": clock(since, now=now)}, address)
    return Sign(FINE, name, fine)


def _figures(standing: Standing, now: datetime) -> Sign:
    name = _("The figures of this page")
    if standing.as_of is None:
        return Sign(UNKNOWN, name, _("They have not been counted yet. That happens every minute."))
    when = clock(standing.as_of, now=now)
    if is_stale(standing, now=now):
        return Sign(BAD, name, _("They were last counted at %(when)s. The worker may be down.") % {"when": when})
    return Sign(FINE, name, _("They were counted at %(when)s, and are every minute.") % {"when": when})


def is_stale(standing: Standing, *, now: datetime) -> bool:
    """Whether the figures are older than they ever are while a worker runs."""
    if standing.as_of is None:
        return False
    usual = max(timedelta(seconds=settings.DESK_FIGURES_EVERY), timedelta(milliseconds=standing.took * IDLE))
    return now - standing.as_of > usual * 2 + timedelta(minutes=2)
