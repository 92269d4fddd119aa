"""The countries and territories a signer can choose: ISO 3166-1 and XK, by their common names."""

from __future__ import annotations

import unicodedata
from functools import cache

from django.utils.translation import gettext as _
from django.utils.translation import override
from django_countries import countries

NOT_SAID = "-"  # the form's value for "prefer not to say"; stored as NULL


def _sort_key(name: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKD", name) if not unicodedata.combining(char)).casefold()


@cache
def country_codes() -> frozenset[str]:
    return frozenset(code for code, _name in countries)


@cache
def country_names(language: str) -> tuple[tuple[str, str], ...]:
    """(code, name) in the order of the names in that language, accents aside."""
    with override(language):
        return tuple(sorted(((code, str(name)) for code, name in countries), key=lambda pair: _sort_key(pair[1])))


def country_name(code: str | None, language: str) -> str:
    """What to call it on a page: a name, or "Prefer not to say"."""
    if code is None:
        with override(language):
            return _("Prefer not to say")
    return dict(country_names(language)).get(code, code)
