"""Opening the sealed name and address of one signature: the only door to them outside the desk's search."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from signatures.models import Signature

from .sealing import Unreadable, unseal


@dataclass(frozen=True)
class Signer:
    """Who signed. Neither part appears in the representation, so neither reaches a log or a traceback."""

    name: str = field(repr=False)
    email: str = field(repr=False)


def signer_of(signature: Signature) -> Signer:
    """Unseal a signature's name and address; "" for one whose time is over (`keeping`).

    Raises sealing.Unreadable when a key is missing, a value belongs to another row, or nothing is held any more.
    """
    if signature.person_index is None:
        raise Unreadable("nothing is held")
    return Signer(name=_opened(signature, "name"), email=_opened(signature, "email"))


def name_of(signature: Signature) -> str:
    """The name alone, as `signer_of`; "" also for a row that holds nothing any more. Raises sealing.Unreadable."""
    return _opened(signature, "name")


def reference_of(signature: Signature) -> str:
    """Where a signature on paper stands; "" for no reference. Raises sealing.Unreadable."""
    return _opened(signature, "reference")


def _opened(signature: Signature, field: Literal["name", "email", "reference"]) -> str:
    sealed = getattr(signature, f"{field}_sealed")
    if sealed is None:
        return ""
    return unseal(
        sealed, petition_id=signature.petition_id, person_index=bytes(signature.person_index or b""), field=field
    )
