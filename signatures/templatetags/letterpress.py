"""What the page's head and its form are set with: the font that is wanted first, domains, other names of countries."""

from __future__ import annotations

from django import template

from signatures.signing.countries.aliases import also_called

register = template.Library()

_CYRILLIC = frozenset({"kk", "ru"})
_OF_THE_SYSTEM = frozenset({"ar", "ug", "zh-hans"})


@register.filter
def first_font(language: str) -> str:
    """The font file that a page's text cannot be drawn without; empty where the reader's own fonts are used."""
    if language in _OF_THE_SYSTEM:
        return ""
    return "fonts/serif-cyrillic.woff2" if language in _CYRILLIC else "fonts/serif-latin.woff2"


@register.filter
def also(code: str) -> str:
    """By what else a person may look for a country: its common short names, one after the other."""
    return also_called(code)
