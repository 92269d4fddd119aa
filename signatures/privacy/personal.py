"""Opening the sealed name and address of one signature: the only door to them outside the desk's search."""

from __future__ import annotations

from dataclasses import dataclass, field

from signatures.models import Signature

from .sealing import Unreadable, unseal


@dataclass(frozen=True)
class Signer:
    """Who signed. Neither part appears in the representation, so neither reaches a log or a traceback."""

    name: str = field(repr=False)
    email: str = field(repr=False)


def signer_of(signature: Signature) -> Signer:
    """Unseal a signature's name and address.

    Raises sealing.Unreadable when a key is missing, a value belongs to another row, or nothing is held any more.
    """
    if signature.name_sealed is None or signature.email_sealed is None or signature.person_index is None:
        raise Unreadable("nothing is held")
    person = bytes(signature.person_index)
    return Signer(
        name=unseal(
            signature.name_sealed,
            petition_id=signature.petition_id,
            person_index=person,
            field="name",
        ),
        email=unseal(
            signature.email_sealed,
            petition_id=signature.petition_id,
            person_index=person,
            field="email",
        ),
    )
