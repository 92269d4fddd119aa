"""What a page needs to know of a language other than its own, such as that of an untranslated letter."""

from __future__ import annotations

from babel import Locale, UnknownLocaleError
from django import template

from .figures import locale_of

register = template.Library()


def _locale(code: str) -> Locale | None:
    try:
        return locale_of(code)
    except (UnknownLocaleError, ValueError):
        return None


@register.filter
def tag(code: str) -> str:
    """A language code as BCP 47 writes it: zh-hans is zh-Hans."""
    language, *rest = code.split("-")
    return "-".join([language, *(part.title() if len(part) == 4 else part.upper() for part in rest)])


@register.filter
def direction(code: str) -> str:
    """ "rtl" or "ltr"; "auto" for a language that Unicode's locale data does not know."""
    locale = _locale(code)
    return str(locale.text_direction) if locale else "auto"


@register.filter
def named_in(code: str, language: str) -> str:
    """The language's name in another language: "fr" in "en" is French. An unknown one is its code."""
    locale = _locale(code)
    if locale is None:
        return code
    return str(Locale.parse(locale.language).get_display_name(language.replace("-", "_")) or code)
