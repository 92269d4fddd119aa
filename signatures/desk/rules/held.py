"""How many signatures rules hold: counted from the reasons that are stored, so that nothing has to count along."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Count

from signatures.desk.search.narrowing import Narrowing
from signatures.desk.search.pages import list_address
from signatures.models import Rule, Signature
from signatures.signing.guard.watching import reason_of


def count_held(rules: Iterable[Rule]) -> dict[UUID, int]:
    """How many signatures each rule holds that watched for them, of those still held. One query, none without rules.

    Reads `signature_held_for` alone, which the held have by their reasons.
    """
    watched = {reason_of(rule.pk): rule for rule in rules if rule.watches_until}
    if not watched:
        return {}
    held = Signature.objects.filter(
        petition__in={rule.petition_id for rule in watched.values()},
        state=Signature.State.HELD,
        held_reason__in=watched,
    )
    found = held.order_by().values_list("held_reason").annotate(Count("pk"))
    return {rule.pk: 0 for rule in watched.values()} | {watched[reason].pk: number for reason, number in found}


def held_address(rule: Rule) -> str:
    """The list of them."""
    return list_address(Narrowing(petition=rule.petition_id, state="held", reason=reason_of(rule.pk)))
