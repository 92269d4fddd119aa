"""Letters as signers will see them, from what stands in a form: nothing is saved, nothing is kept.

Without a script a button shows all letters of the form on a page of their own. With one (`static/js/letter_preview.js`)
each letter is shown beside its text, in a frame: the public style sheet would otherwise be the desk's as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from csp.constants import SELF
from csp.decorators import csp_replace
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.loader import render_to_string
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST, require_safe

from signatures.letters.importing import LONGEST
from signatures.letters.read import RenderedLetter, as_letter_read
from signatures.models import Letter

MOST = 60  # letters of one form


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What the letters of a petition share, as it was typed."""

    organisation: str
    reference: str
    dated: date | None


@require_safe
@never_cache
@xframe_options_sameorigin
@csp_replace({"frame-ancestors": [SELF]})
def empty_frame(request: HttpRequest) -> HttpResponse:
    """A page with the public style sheet and nothing in it, for the script to put a letter into."""
    return HttpResponse(render_to_string("admin/signatures/petition/letter_frame.html", {"letters": []}))


@require_POST
@never_cache
def one_letter(request: HttpRequest) -> HttpResponse:
    """One posted letter as the piece of HTML that its page will have."""
    letter = _typed(request.POST, prefix="")
    return HttpResponse(_shown(letter, head=_letterhead(request.POST)))


@require_POST
@never_cache
def all_letters(request: HttpRequest) -> HttpResponse:
    """Every letter of a posted form, one below the other."""
    posted, head = request.POST, _letterhead(request.POST)
    try:
        number = min(int(posted.get("letters-TOTAL_FORMS", "0")), MOST)
    except ValueError:
        number = 0
    prefixes = [f"letters-{each}-" for each in range(number) if not posted.get(f"letters-{each}-DELETE")]
    letters = [_typed(posted, prefix=prefix) for prefix in prefixes or [""]]
    written = [letter for letter in letters if letter.title or letter.html]
    context = {"letters": [_shown(letter, head=head) for letter in written], "page": True}
    return HttpResponse(render_to_string("admin/signatures/petition/letter_frame.html", context))


def _typed(posted: QueryDict, *, prefix: str) -> RenderedLetter:
    parts = {part: posted.get(f"{prefix}{part}", "")[:LONGEST].strip() for part in Letter.PARTS}
    return as_letter_read(Letter(language=posted.get(f"{prefix}language", "")[:10], **parts))


def _letterhead(posted: QueryDict) -> Letterhead:
    try:
        dated = forms.DateField(required=False).clean(posted.get("dated", ""))
    except ValidationError:
        dated = None
    return Letterhead(posted.get("organisation", "")[:200], posted.get("reference", "")[:80], dated)


def _shown(letter: RenderedLetter, *, head: Letterhead) -> str:
    """In the letter's own language, its labels too; in one that we do not speak, the labels are English."""
    language = letter.language if letter.language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    with override(language):
        return render_to_string(
            "admin/signatures/petition/letter_shown.html",
            {"letter": letter, "petition": head, "language": language, "letter_is_translated": True},
        )
