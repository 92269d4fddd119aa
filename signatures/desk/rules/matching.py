"""Which signatures a rule means."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from signatures.desk.jobs.selection import Selection
from signatures.desk.jobs.words import conditions
from signatures.models import Rule, Signature
from signatures.privacy.personal import name_of
from signatures.privacy.sealing import Unreadable
from signatures.signing.review.rules import name_matches


def selection_of(rule: Rule) -> Selection:
    """The rows that all conditions but those on the name leave. Raises ValueError for a rule that asks for a network:
    of a signature that is there, nobody knows it.
    """
    if rule.network:
        raise ValueError("no network is stored with a signature")
    return _but_names_and_networks(rule)


def _but_names_and_networks(rule: Rule) -> Selection:
    return Selection(
        petition_id=rule.petition_id,
        countries=(rule.country,) if rule.country else (),
        signed_from=rule.signed_from.isoformat() if rule.signed_from else "",
        signed_before=rule.signed_before.isoformat() if rule.signed_before else "",
        domain_index=bytes(rule.domain_index).hex() if rule.domain_index else "",
        source=rule.source,
    )


def with_such_names(rule: Rule, rows: Iterable[Signature]) -> tuple[list[Signature], int]:
    """Of `rows` those whose name is as the rule says, and how many names could not be read. Unseals in memory."""
    found, unreadable = [], 0
    for row in rows:
        try:
            if name_matches(name_of(row), pattern=rule.name_pattern, looks=rule.name_looks):
                found.append(row)
        except Unreadable:
            unreadable += 1
    return found, unreadable


def conditions_of(rule: Rule) -> list[tuple[str, str]]:
    """The rule's conditions as labels and values."""
    params = _but_names_and_networks(rule).params()
    said = conditions(params) if len(params) > 1 else []
    if rule.network:
        said.append((_("network"), rule.network))
    if rule.name_pattern:
        said.append((_("name of the signer"), rule.name_pattern))
    if rule.name_looks:
        said.append((_("kind of name"), rule.get_name_looks_display()))
    return said
