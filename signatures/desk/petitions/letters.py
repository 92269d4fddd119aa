"""The letters of a petition as they are edited on its page, and the history of their wordings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from signatures.desk.lists.filters import PetitionFilter
from signatures.desk.lists.listing import ReadOnly
from signatures.desk.people.scope import Scoped
from signatures.desk.site import desk
from signatures.letters.revisions import follow_original, keep_wording, version_of_the_original
from signatures.models import Letter, LetterRevision, Petition

language_code = RegexValidator(
    r"\A[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z", gettext_lazy("A language code is like en, fr or zh-hant.")
)


class LetterForm(forms.ModelForm):
    follows = forms.BooleanField(
        label=gettext_lazy("It follows the original as it is now"),
        required=False,
        help_text=gettext_lazy("Tick this when you have checked a translation against the original's latest version."),
    )

    class Meta:
        model = Letter
        fields = ("language", *Letter.PARTS)
        widgets = {
            **{part: forms.TextInput(attrs={"class": "vTextField", "dir": "auto"}) for part in Letter.PARTS},
            "body": forms.Textarea(attrs={"rows": 24, "class": "vLargeTextField", "dir": "auto"}),
        }

    def clean_language(self) -> str:
        code: str = self.cleaned_data["language"]
        language_code(code)
        return code


class LetterFormSet(BaseInlineFormSet):
    def clean(self) -> None:
        """A published petition keeps the letter that it was written in: without it the page is gone."""
        super().clean()
        if self.instance.pk is None or self.instance.state == Petition.State.DRAFT:
            return
        kept = {
            form.cleaned_data.get("language")
            for form in self.forms
            if form.is_valid() and form.cleaned_data and not form.cleaned_data.get("DELETE")
        }
        if self.instance.original_language not in kept:
            raise ValidationError(_("Keep the letter in the original language: the petition is published."))


class LetterInline(admin.StackedInline):
    model = Letter
    form = LetterForm
    formset = LetterFormSet
    extra = 0
    fields = ("language", "version", "standing", *Letter.PARTS, "follows")
    readonly_fields = ("version", "standing")

    # A letter is part of its petition: whoever may see or change that one may see or change this one.
    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("signatures.view_petition")) or self.has_change_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("signatures.change_petition"))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return any(request.user.has_perm(f"signatures.{may}_petition") for may in ("add", "change"))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    @admin.display(description=gettext_lazy("state of the translation"))
    def standing(self, letter: Letter) -> str:
        """Whether the original has changed since the translation was made."""
        if letter.pk is None:
            return "-"
        return standing_of(letter, original=version_of_the_original(letter)).words


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the letter stands in one language; `version` is None where there is none."""

    language: str
    translator: str
    version: int | None
    behind: bool
    words: str


def standing_of(letter: Letter, *, original: int | None) -> Standing:
    """`original` is the version that the original is at."""
    follows, behind = letter.translated_version, True
    if letter.language == letter.petition.original_language:
        behind, words = False, _("This is the original.")
    elif original is None or follows is None:
        words = _("Nobody has said which version of the original it follows.")
    elif follows >= original:
        behind, words = False, _("Up to date: it follows version %(version)d of the original.") % {"version": follows}
    else:
        words = _(
            "The original has changed since: it is at version %(original)d, this follows version %(version)d."
        ) % {"original": original, "version": follows}
    return Standing(letter.language, letter.translator, letter.version, behind, words)


def standings(petition: Petition) -> list[Standing]:
    """The original, the other letters, and the languages of ours whose readers get the original instead."""
    letters = list(petition.letters.all())
    original = next((each.version for each in letters if each.language == petition.original_language), None)
    rows = [standing_of(each, original=original) for each in letters]
    rows.sort(key=lambda each: (each.language != petition.original_language, each.language))
    written = {each.language for each in letters}
    missing = _("There is none: readers get the original.")
    return rows + [
        Standing(code, "", None, False, missing) for code, _name in settings.LANGUAGES if code not in written
    ]


def keep_what_was_written(form: Any, formset: Any, *, by: Any) -> None:
    """Keep every new wording, the original's first: the translations saved with it may follow it."""
    fresh = {letter.pk for letter in formset.new_objects}
    edited = {letter.pk: {"language", *Letter.PARTS} & set(fields) for letter, fields in formset.changed_objects}
    original = form.instance.original_language
    saved = [each for each in formset.forms if each.instance.pk in fresh | edited.keys()]
    for each in sorted(saved, key=lambda each: each.instance.language != original):
        letter = each.instance
        if letter.pk in fresh or each.cleaned_data["follows"]:
            follow_original(letter)
        if letter.pk in fresh or edited[letter.pk]:
            keep_wording(letter=letter, by=by, fresh=letter.pk in fresh)


@admin.register(LetterRevision, site=desk)
class LetterRevisionAdmin(Scoped, ReadOnly):
    """What a letter said, version by version: what people could have read when they signed."""

    list_display = ("petition", "language", "version", "title", "translator", "written_at", "written_by")
    list_select_related = ("petition", "written_by")
    list_filter = (PetitionFilter,)
    fields = (
        *("petition", "language", "version", "translated_version", "written_at", "written_by"),
        *Letter.PARTS,
    )
