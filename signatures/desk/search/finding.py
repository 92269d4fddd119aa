"""Finding one person's signatures by their exact e-mail address.

Names and addresses are sealed, so there is nothing to search in: an address is turned into its blind indexes, and those
are looked up.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Q, QuerySet

from signatures.models import Petition, Signature, Suppression
from signatures.privacy.indexes import email_index, paper_person_index, person_index


@dataclass(frozen=True)
class Found:
    """Ids of signatures by how they match, and of the suppressions of the same person."""

    exact: list[UUID] = field(default_factory=list)  # this spelling of the address
    same_person: list[UUID] = field(default_factory=list)  # another spelling of the same mailbox
    suppressed: list[int] = field(default_factory=list)


def find(address: str, *, among: QuerySet[Petition]) -> Found:
    """Look for an address, which has been checked, among the signatures of some petitions."""
    # Through the unique index over petition and person, two looks for each petition: on paper a person has another.
    person, spelling = person_index(address), email_index(address)
    petitions = list(among.values_list("pk", flat=True))
    here = Q(petition_id__in=petitions, person_index=person)
    signed = Q(petition_id__in=petitions, person_index__in=[person, paper_person_index(address)])
    rows = list(Signature.objects.filter(signed).values_list("pk", "email_index"))
    return Found(
        exact=[pk for pk, index in rows if bytes(index or b"") == spelling],
        same_person=[pk for pk, index in rows if bytes(index or b"") != spelling],
        suppressed=list(Suppression.objects.filter(here).values_list("pk", flat=True)),
    )
