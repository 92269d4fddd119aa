"""What the frame and the badges say of a count, in the language that is active."""

from __future__ import annotations

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from signatures.tally.snapshot import Snapshot
from signatures.templatetags.figures import figure, is_exact_millions


def signed(tally: Snapshot, language: str) -> str:
    """ "323,832 people have signed"; empty while nobody has."""
    if not tally.total:
        return ""
    if is_exact_millions(tally.total):
        words = pgettext("exact millions", "{n} people have signed")
    else:
        words = ngettext("{n} person has signed", "{n} people have signed", tally.total)
    return words.replace("{n}", figure(tally.total, language))


def signed_set_large(tally: Snapshot, language: str) -> SafeString:
    """The same with the figure as its own element."""
    before, number, after = signed(tally, language).partition(figure(tally.total, language))
    return format_html("{}<b>{}</b>{}", before, number, after) if number else SafeString()


def ended(state: str) -> str:
    """What to say of a letter that takes no signatures now; empty while it does."""
    if state == "paused":
        return _("Signing is paused")
    if state == "closed":
        return _("This letter is closed")
    return _("This letter has been delivered") if state == "delivered" else ""


def badge_words(tally: Snapshot, language: str) -> str:
    """One line: the count, before it whether it is final or paused; before the first signature what one can do."""
    count = signed(tally, language)
    if tally.state == "open":
        return count or _("Sign this letter")
    mark = {
        "paused": pgettext("badge", "Paused"),
        "closed": pgettext("badge", "Closed"),
        "delivered": pgettext("badge", "Delivered"),
    }[tally.state]
    return f"{mark} · {count}" if count else mark
