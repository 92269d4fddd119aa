"""The count as the one hears it who has just been added to it."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext, pgettext

from .figures import figure, is_exact_millions

register = template.Library()


@register.simple_tag
def with_you(number: int, language: str) -> SafeString:
    """ "With you, 323,833 people have signed." No ordinal: those differ too much by language, and would be a rank."""
    if number == 1:
        return format_html("{}", gettext("You are the first to sign."))
    if is_exact_millions(number):
        words = pgettext("exact millions", "With you, {n} people have signed.")
    else:
        words = ngettext("With you, {n} person has signed.", "With you, {n} people have signed.", number)
    before, _n, after = words.partition("{n}")
    return format_html('{}<span class="figure">{}</span>{}', before, figure(number, language), after)
