"""A narrowing said in words, as the list's heading has it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from signatures.models import Signature
from signatures.signing.countries.names import country_name
from signatures.templatetags.figures import longdate

from ..jobs.selection import HELD_BY_RULE, HELD_BY_STAFF, NOT_SAID, key_of_reason
from ..jobs.words import HELD_REASONS, MAILS, held_by_rule, names_of_rules, reason_in_words
from .narrowing import Narrowing

HEADS = {
    "": gettext_lazy("Signatures"),
    "pending": gettext_lazy("Unconfirmed signatures"),
    "confirmed": gettext_lazy("Confirmed signatures"),
    "held": gettext_lazy("Held signatures"),
    "withdrawn": gettext_lazy("Withdrawn signatures"),
    "invalid": gettext_lazy("Signatures removed as not genuine"),
    "erased": gettext_lazy("Erased signatures"),
}
ON_PAPER = pgettext_lazy("signature at the desk", "on paper")
COUNTRY_NOT_SAID = pgettext_lazy("country", "not said")


def reason_said(signature: Signature, rules: Mapping[str, str] | None = None) -> str:
    """Why it is held: the guard's own reasons in the reader's language, rules by their names (`rules`, by reason, or
    they are asked for), and staff's in their own words.
    """
    reason = signature.held_reason
    key = key_of_reason(reason)
    if key == HELD_BY_RULE:
        return held_by_rule(reason, names_of_rules([reason]) if rules is None else rules)
    return reason if key == HELD_BY_STAFF else str(HELD_REASONS[key])


def in_words(
    narrowing: Narrowing,
    *,
    language: str,
    petition: str = "",
    domain: str = "",
    rules: Mapping[str, str] | None = None,
) -> str:
    """“Held signatures from France signed on 24 November 2026 (UTC)”. Names no person.

    `petition` is its address; `domain` the mail domain in clear, where it is known; `rules` names of rules by reason.
    """
    head = HEADS.get(narrowing.state or ("held" if narrowing.reason else ""), HEADS[""])
    parts = _parts(narrowing, language=language, petition=petition, domain=domain, rules=rules or {})
    return " ".join([str(head), *parts])


def _parts(
    narrowing: Narrowing, *, language: str, petition: str, domain: str, rules: Mapping[str, str]
) -> Iterator[str]:
    if narrowing.petition:
        yield pgettext("signatures", "of “%(petition)s”") % {"petition": petition or narrowing.petition}
    if narrowing.paper:
        yield str(ON_PAPER)
    if narrowing.country == NOT_SAID:
        yield pgettext("signatures", "without a country")
    elif narrowing.country:
        yield pgettext("signatures", "from %(country)s") % {"country": country_name(narrowing.country, language)}
    if narrowing.domain:
        domain = f"@{domain}" if domain else _("one mail domain")
        yield pgettext("signatures", "with an address at %(domain)s") % {"domain": domain}
    if narrowing.source:
        yield pgettext("signatures", "with the source tag %(tag)s") % {"tag": narrowing.source}
    if narrowing.reason:
        yield pgettext("signatures", "(reason: %(reason)s)") % {"reason": reason_in_words(narrowing.reason, rules)}
    if narrowing.mail:
        yield pgettext("signatures", "(mail: %(state)s)") % {"state": MAILS[narrowing.mail]}
    if days := _days(narrowing, language=language):
        yield days
    if narrowing.confirmed_from:
        day = longdate(narrowing.confirmed_from, language)
        yield pgettext("signatures", "confirmed from %(first)s on (UTC)") % {"first": day}
    if narrowing.id:
        yield pgettext("signatures", "whose id begins with %(id)s") % {"id": narrowing.id}


def _days(narrowing: Narrowing, *, language: str) -> str:
    first, last = narrowing.signed_from, narrowing.signed_until
    said = {
        "first": longdate(first, language) if first else "",
        "last": longdate(last, language) if last else "",
    }
    if first and first == last:
        return pgettext("signatures", "signed on %(first)s (UTC)") % said
    if first and last:
        return pgettext("signatures", "signed from %(first)s to %(last)s (UTC)") % said
    if first:
        return pgettext("signatures", "signed from %(first)s on (UTC)") % said
    return pgettext("signatures", "signed until %(last)s (UTC)") % said if last else ""
