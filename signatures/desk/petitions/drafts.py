"""The link to a draft: made, shown and taken back at the desk."""

from __future__ import annotations

from typing import Any

from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from signatures.letters.preview import has_preview_link, make_preview_link, preview_link, revoke_preview_link
from signatures.models import Petition

from .life import Step

STEPS = {
    step.name: step
    for step in (
        Step(
            name="preview-link",
            rule=make_preview_link,
            may="change",
            offered_in=Petition.PRIVATE,
            button=_("Preview link…"),
            title=_("Make a preview link"),
            explanation=_(
                "Whoever has the link reads the letter as signers will see it, before it is public. A link made before "
                "stops working."
            ),
            done=_("The preview link is made. It stands on this page, under “Draft”."),
        ),
        Step(
            name="revoke-preview-link",
            rule=revoke_preview_link,
            may="change",
            offered_in=Petition.PRIVATE,
            when=has_preview_link,
            button=_("Take the preview link back…"),
            title=_("Take the preview link back"),
            explanation=_("It stops working at once."),
            done=_("The preview link does not work any more."),
        ),
    )
}


def shown_link(petition: Petition) -> Any:
    """The link and its end, for whoever may change the letter."""
    link = preview_link(petition)
    if not link or petition.preview_until is None:
        return "-"
    until = petition.preview_until.strftime("%Y-%m-%d %H:%M UTC")
    return format_html('<a href="{}" rel="noreferrer" target="_blank">{}</a><br>{}', link, link, until)
