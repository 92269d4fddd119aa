"""Where a partner chooses a counter, sees it and copies its HTML. A GET form: what was chosen is in the address."""

from __future__ import annotations

from typing import Any

from csp.constants import SELF
from csp.utils import build_policy
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_safe

from petition.caching import publicly_cached
from signatures.signing.form.forms import checked_source
from signatures.signing.pages.page import in_its_language, page
from signatures.signing.pages.views import petition_or_404
from signatures.templatetags.languages import named_in

from .embed_looks import looks_of
from .embed_snippet import Snippet

ACCENT = "#3b7dd8"  # can be told from white and from black

KINDS = [
    ("counter", _("A live counter")),
    ("frame", _("A frame, without a script of ours in your page")),
    ("svg", _("A picture (SVG)")),
    ("png", _("A picture (PNG)")),
    ("link", _("Only a link")),
]
VARIANTS = [
    ("bar", _("With a bar to the goal")),
    ("countries", _("With a bar and the countries with most")),
    ("compact", _("One line")),
]
THEMES = [
    ("", _("As your page")),
    ("auto", _("As the reader's device")),
    ("light", pgettext_lazy("colours", "Light")),
    ("dark", pgettext_lazy("colours", "Dark")),
]


class Choices(forms.Form):
    """What to place. Everything has a default, so that the first look shows a counter."""

    kind = forms.ChoiceField(label=_("What to place"), choices=KINDS, required=False, widget=forms.RadioSelect)
    in_language = forms.ChoiceField(label=_("Language"), required=False)
    variant = forms.ChoiceField(label=_("Form"), choices=VARIANTS, required=False)
    theme = forms.ChoiceField(label=_("Background"), choices=THEMES, required=False)
    accent = forms.RegexField(
        r"^#[0-9a-fA-F]{6}$", label=_("Colour of the bar"), required=False, widget=forms.TextInput({"type": "color"})
    )
    s = forms.CharField(label=_("Your tag"), required=False, max_length=64)

    def __init__(self, asked: Any, *, language: str) -> None:
        first = {"kind": "counter", "in_language": language, "variant": "bar", "theme": "", "accent": ACCENT, "s": ""}
        super().__init__(first | {name: value for name, value in asked.items() if value}, auto_id="embed-%s")
        names = [(code, named_in(code, code).capitalize()) for code, _name in settings.LANGUAGES]
        self.fields["in_language"].choices = names  # type: ignore[attr-defined]

    @property
    def plain(self) -> list[forms.BoundField]:
        """The fields that are a label and one control."""
        return [self[name] for name in ("in_language", "variant", "theme", "accent", "s")]

    def clean_s(self) -> str:
        tag = str(self.cleaned_data["s"])
        if tag and not checked_source(tag):
            raise ValidationError(_("Use only small letters, digits and hyphens, at most 40."), code="tag")
        return tag


@require_safe
@in_its_language
def embed_page(request: HttpRequest, *, language: str, slug: str) -> HttpResponse:
    petition = petition_or_404(slug)
    form = Choices(request.GET, language=language)
    status = 200 if form.is_valid() else 422
    chosen = form.cleaned_data
    snippet = Snippet(
        petition=petition,
        kind=chosen.get("kind", "counter"),
        language=chosen.get("in_language", language),
        looks=looks_of(chosen),
        source=chosen.get("s", ""),
    )
    response = page(
        request,
        "embed/page.html",
        language=language,
        status=status,
        petition=petition,
        letter=petition.letter_in(language),
        form=form,
        snippet=snippet,
        action=reverse("embed", kwargs={"language": language, "slug": slug}),
        letter_url=reverse("letter", kwargs={"language": language, "slug": slug}),
    )
    # The preview of the frame is a frame of our own; no other page of ours has one.
    response["Content-Security-Policy"] = build_policy(update={"frame-src": [SELF]})
    return publicly_cached(response, seconds=60) if status == 200 else response
