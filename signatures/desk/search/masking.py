"""What the desk shows of a person: enough to tell two rows apart, too little to know who signed."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from django.utils.translation import gettext as _

from signatures.models import Signature
from signatures.privacy.personal import signer_of
from signatures.privacy.sealing import Unreadable


@dataclass(frozen=True)
class Masked:
    """A name as initials, an address by its first letter and its domain."""

    name: str
    email: str


def _first(text: str) -> str:
    """The first letter with the marks that belong to it."""
    end = 1
    while end < len(text) and unicodedata.combining(text[end]):
        end += 1
    return text[:end]


def mask_name(name: str) -> str:
    """`Ada Example` → `A… E…`. At most the first and the last word."""
    words = name.split()
    return " ".join(f"{_first(word)}…" for word in ([words[0], words[-1]] if len(words) > 1 else words))


def mask_email(email: str) -> str:
    """`ada@mail.example` → `a…@mail.example`."""
    local, _at, domain = email.rpartition("@")
    return f"{local[:1]}…@{domain}"


def masked(signature: Signature) -> Masked:
    """Unseal one row and mask it at once."""
    if signature.state == Signature.State.ERASED:
        return Masked(_("erased"), _("erased"))
    if signature.name_sealed is None and signature.email_sealed is None:
        return Masked(_("deleted"), _("deleted"))  # by retention
    try:
        signer = signer_of(signature)
    except Unreadable:
        return Masked(_("unreadable"), _("unreadable"))
    no_email = _("deleted") if signature.paper_import_id is None else "-"  # on paper there may never have been one
    return Masked(mask_name(signer.name) or _("deleted"), mask_email(signer.email) if signer.email else no_email)
