"""What may stand as a name: any person's in any script, byte for byte, and nothing that only pretends to be one."""

from __future__ import annotations

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

MAX_NAME = 120  # characters after NFC

# Letters by category that draw nothing: Hangul fillers.
_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0")
# Embeddings, overrides and isolates turn the text around them; joiners and the plain marks belong to real names.
_TURNS_TEXT = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_ADDRESS = re.compile(
    r"://|\bwww\.|@\S+\.\S|\b[\w-]{2,}\.(?:com|org|net|info|biz|io|co|ru|cn|xyz|top|site|online|shop|link|app|me|tk)\b",
    re.IGNORECASE,
)


def check_name(text: str) -> str:
    """The name in NFC, otherwise as typed. Raises ValidationError."""
    name = unicodedata.normalize("NFC", text).strip()
    if not name:
        raise ValidationError(_("Enter your name."), code="required")
    if len(name) > MAX_NAME:
        raise ValidationError(
            _("Enter a name of at most %(most)d characters."), code="too_long", params={"most": MAX_NAME}
        )
    if any(unicodedata.category(char) in {"Cc", "Cs", "Co", "Zl", "Zp"} for char in name) or "\ufffd" in name:
        raise ValidationError(_("Enter your name on one line, without control characters."), code="control")
    if _TURNS_TEXT.intersection(name):
        raise ValidationError(_("Enter your name without characters that turn the direction of text."), code="turned")
    if not any(unicodedata.category(char)[0] == "L" and char not in _BLANK_LETTERS for char in name):
        raise ValidationError(_("Enter your name with at least one letter."), code="invisible")
    if _ADDRESS.search(name):
        raise ValidationError(_("Enter your name, not a web or e-mail address."), code="address")
    return name
