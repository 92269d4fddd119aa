"""What may stand as an e-mail address: one mailbox that SMTP can reach (RFC 5321 and 5322, no comments or quotes)."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from email_validator import EmailNotValidError, validate_email

MAX_ADDRESS = 254  # RFC 5321 4.5.3.1.3, less the angle brackets
MAX_LOCAL_PART = 64  # RFC 5321 4.5.3.1.1
_DOT_ATOM = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*", re.ASCII)  # RFC 5322 3.2.3


def check_address(text: str) -> str:
    """The address as typed, in NFC, its domain in lower case. Raises ValidationError with words a signer can act on."""
    address = unicodedata.normalize("NFC", text).strip()
    if not address:
        raise ValidationError(_("Enter your e-mail address."), code="required")
    if len(address) > MAX_ADDRESS or len(address.rpartition("@")[0]) > MAX_LOCAL_PART:
        raise ValidationError(_("This e-mail address is too long to be real."), code="too_long")
    if address.count("@") > 1 or any(char in address for char in ",; "):
        raise ValidationError(_("Enter one e-mail address only, without spaces."), code="several")
    local, _at, domain = address.rpartition("@")
    if not local.isascii():
        raise ValidationError(
            _("We cannot yet write to addresses with letters like these before the @. Enter another one."),
            code="local_part",
        )
    try:
        if not _DOT_ATOM.fullmatch(local):
            raise EmailNotValidError
        return f"{local}@{_checked_domain(domain)}"
    except EmailNotValidError:
        raise ValidationError(_("Enter an e-mail address in the form name@example.org."), code="invalid") from None


@lru_cache(maxsize=4096)
def _checked_domain(domain: str) -> str:
    """The domain in lower case; most signers share a few, and checking one is slow. Raises EmailNotValidError."""
    return validate_email(f"x@{domain}", check_deliverability=False).domain
