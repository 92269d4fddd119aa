"""The groups that have suddenly grown, in words, each with the list of its latest signatures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _

from signatures.models import Petition, Signature
from signatures.privacy.personal import signer_of
from signatures.privacy.sealing import Unreadable
from signatures.signing.countries.names import country_name
from signatures.templatetags.figures import figure, percent

from ..periods import beginning
from .lists import Lists
from .todo import WAITS, Matter

SHOWN = 5  # of each petition and kind, the largest
SHARED = 10  # so many people at least have a domain that is named: one person's own says who they are


def oddities_of(
    petitions: Sequence[Petition], lists: Lists, *, may_name_domains: bool, language: str
) -> Iterator[Matter]:
    """What stood out when it was last counted (see `unusual`). Expects the language to be active."""
    for petition in petitions:
        row = getattr(petition, "desk_figures", None)
        if row is None:
            continue
        here, figures = lists.of(petition), row.figures
        since = beginning("hours", now=row.as_of).date().isoformat()  # the list knows days, and has the newest first
        for each in _largest(figures["countries"]):
            address = here.to(Signature, signed_from=since, country=each["group"])
            yield _matter(petition, country_name(each["group"], language), each, address, language)
        for each in _largest(figures["domains"]):
            name = _domain(petition, each) if may_name_domains else ""
            narrowed = {"domain": each["group"]} if may_name_domains else {}
            address = here.to(Signature, signed_from=since, **narrowed)
            yield _matter(petition, name or _("one mail domain"), each, address, language)


def _largest(shares: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
    return sorted(shares, key=lambda each: -each["recent"])[:SHOWN]


def _domain(petition: Petition, share: dict[str, Any]) -> str:
    """The domain in words, from one of its signatures; empty when few share it, or none can be read any more."""
    if share["recent"] < SHARED:
        return ""
    rows = Signature.objects.filter(petition=petition, domain_index=bytes.fromhex(share["group"])).order_by("-pk")
    sample = rows.first()
    if sample is None:
        return ""
    try:
        return signer_of(sample).email.rpartition("@")[2]
    except Unreadable:
        return ""


def _matter(petition: Petition, group: str, share: dict[str, Any], address: str, language: str) -> Matter:
    words = _("%(petition)s: %(number)s of the last six hours' %(all)s came from %(group)s: %(now)s, before %(before)s")
    return Matter(
        WAITS,
        words
        % {
            "petition": petition.slug,
            "number": figure(share["recent"], language),
            "all": figure(share["of"], language),
            "group": group,
            "now": _share(share["recent"], share["of"], language),
            "before": _share(share["before"], share["of_before"], language),
        },
        address,
    )


def _share(part: int, whole: int, language: str) -> str:
    return percent(round(100 * part / whole), language) if part * 100 >= whole else _("under 1%")
