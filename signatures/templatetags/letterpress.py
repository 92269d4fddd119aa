"""What the page's head and its form are set with: the font that is wanted first, domains, other names of countries."""

from __future__ import annotations

from django import template

from signatures.signing.country_aliases import also_called
from signatures.signing.typos import COMMON, REAL

register = template.Library()

_CYRILLIC = frozenset({"kk", "ru"})
_OF_THE_SYSTEM = frozenset({"ar", "ug", "zh-hans"})


@register.filter
def first_font(language: str) -> str:
    """The font file that a page's text cannot be drawn without; empty where the reader's own fonts are used."""
    if language in _OF_THE_SYSTEM:
        return ""
    return "fonts/serif-cyrillic.woff2" if language in _CYRILLIC else "fonts/serif-latin.woff2"


@register.simple_tag
def common_domains() -> str:
    return " ".join(COMMON)


@register.simple_tag
def real_domains() -> str:
    return " ".join(sorted(REAL))


@register.filter
def also(code: str, language: str) -> str:
    """By what else a person may look for a country: its English name and common short ones, one after the other."""
    return also_called(code, language=language)
