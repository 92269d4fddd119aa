"""Petitions and their letters: edit, import, open and close."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import RegexValidator
from django.db import transaction
from django.forms.models import BaseInlineFormSet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from signatures.letters.importing import RESERVED, ImportProblem, import_letter
from signatures.letters.lifecycle import LifecycleProblem, close_petition, open_petition
from signatures.letters.read import forget
from signatures.letters.revisions import follow_original, keep_wording, version_of_the_original
from signatures.models import Letter, LetterRevision, Petition

from .filters import Choice, PetitionFilter
from .listing import Listed, ReadOnly
from .reasons import ReasonForm, ask_reason
from .recorded import Recorded, record
from .scope import Scoped, let_reach, petitions_for
from .site import desk
from .sources import sources_page

MAX_LETTER = 1024 * 1024  # bytes of an imported file

language_code = RegexValidator(
    r"\A[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z", gettext_lazy("A language code is like en, fr or zh-hant.")
)


def _who(request: HttpRequest) -> User:
    """The person at the desk; nobody else gets past its door."""
    return cast(User, request.user)


class PetitionForm(forms.ModelForm):
    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        if slug in RESERVED:
            raise ValidationError(_("This address is taken by a page of ours."))
        return slug


class LetterForm(forms.ModelForm):
    follows = forms.BooleanField(
        label=gettext_lazy("It follows the original as it is now"),
        required=False,
        help_text=gettext_lazy("Tick this when you have checked a translation against the original's latest version."),
    )

    class Meta:
        model = Letter
        fields = ("language", *Letter.PARTS)
        widgets = {"body": forms.Textarea(attrs={"rows": 24, "class": "vLargeTextField"})}

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

    @admin.display(description=gettext_lazy("state of the translation"))
    def standing(self, letter: Letter) -> str:
        """Whether the original has changed since the translation was made."""
        if letter.pk is None:
            return "-"
        if letter.language == letter.petition.original_language:
            return _("This is the original.")
        original, follows = version_of_the_original(letter), letter.translated_version
        if original is None or follows is None:
            return _("Nobody has said which version of the original it follows.")
        if follows >= original:
            return _("Up to date: it follows version %(version)d of the original.") % {"version": follows}
        return _("The original has changed since: it is at version %(original)d, this follows version %(version)d.") % {
            "original": original,
            "version": follows,
        }


class ImportForm(forms.Form):
    """A letter pasted as Markdown with its head."""

    text = forms.CharField(
        label=gettext_lazy("Markdown"),
        max_length=MAX_LETTER,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 20, "class": "vLargeTextField"}),
    )


class UploadForm(forms.Form):
    """A letter as a Markdown file. A form of its own, so that only files travel as multipart."""

    file = forms.FileField(label=gettext_lazy("File"))

    def clean_file(self) -> str:
        upload = self.cleaned_data["file"]
        if upload.size > MAX_LETTER:
            raise ValidationError(_("This file is larger than 1 MB."))
        try:
            text: str = upload.read().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise ValidationError(_("This file is not text in UTF-8.")) from error
        if "\0" in text:
            raise ValidationError(_("This file is not text in UTF-8."))
        return text


class StateFilter(Choice):
    title = gettext_lazy("state")
    parameter_name = "state"
    options = list(Petition.State.choices)


@admin.register(Petition, site=desk)
class PetitionAdmin(Scoped, Recorded, Listed):
    petition_path = "pk"
    list_display = ("slug", "organisation", "state", "signed", "goal", "opened_at", "closed_at")
    list_select_related = ("tally",)
    list_filter = (StateFilter,)
    form = PetitionForm
    inlines = (LetterInline,)
    change_form_template = "admin/signatures/petition/change_form.html"
    change_list_template = "admin/signatures/petition/change_list.html"
    fieldsets = (
        (None, {"fields": ("slug", "state", "original_language", "goal", "country_threshold", "show_names")}),
        (gettext_lazy("Letterhead"), {"fields": ("organisation", "reference", "dated")}),
        (gettext_lazy("Life"), {"fields": ("signed", "created_at", "opened_at", "closed_at", "delivered_at")}),
    )
    always_read = ("state", "signed", "created_at", "opened_at", "closed_at", "delivered_at")

    @admin.display(description=gettext_lazy("signatures"))
    def signed(self, petition: Petition) -> int:
        tally = getattr(petition, "tally", None)
        return tally.total if tally else 0

    def get_readonly_fields(self, request: HttpRequest, obj: Petition | None = None) -> tuple[str, ...]:
        """Once published, the address and the original language stay: links and mails point there."""
        if obj is None or obj.state == Petition.State.DRAFT:
            return self.always_read
        return ("slug", "original_language", *self.always_read)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    # -------------------------------------------------------------------------------------------------- saving
    def save_model(self, request: HttpRequest, obj: Petition, form: Any, change: bool) -> None:
        """Write only what was edited: a petition that is opened or closed meanwhile stays so."""
        if change:
            changed = [name for name in form.changed_data if name in form.fields]
            if changed:
                obj.save(update_fields=changed)
        else:
            super().save_model(request, obj, form, change)
            let_reach(_who(request), obj)
        for slug in {obj.slug, form.initial.get("slug", obj.slug)}:
            transaction.on_commit(partial(forget, slug))

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Keep every new wording, the original's first: the translations saved with it may follow it."""
        super().save_formset(request, form, formset, change)
        fresh = {letter.pk for letter in formset.new_objects}
        edited = {letter.pk: {"language", *Letter.PARTS} & set(fields) for letter, fields in formset.changed_objects}
        original = form.instance.original_language
        saved = [each for each in formset.forms if each.instance.pk in fresh | edited.keys()]
        for each in sorted(saved, key=lambda each: each.instance.language != original):
            letter = each.instance
            if letter.pk in fresh or each.cleaned_data["follows"]:
                follow_original(letter)
            if letter.pk in fresh or edited[letter.pk]:
                keep_wording(letter=letter, by=_who(request), fresh=letter.pk in fresh)

    # ------------------------------------------------------------------------------------------- open and close
    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        return [
            path("import/", wrap(self.import_view), name="signatures_petition_import"),
            path("<int:petition_id>/open/", wrap(self.open_view), name="signatures_petition_open"),
            path("<int:petition_id>/close/", wrap(self.close_view), name="signatures_petition_close"),
            path("<int:petition_id>/sources/", wrap(self.sources_view), name="signatures_petition_sources"),
            *super().get_urls(),
        ]

    def open_view(self, request: HttpRequest, petition_id: int) -> HttpResponse:
        return self._turn(
            request,
            petition_id,
            rule=open_petition,
            title=_("Open the petition"),
            explanation=_("Its page becomes public and people can sign it."),
            done=_("The petition is open."),
        )

    def close_view(self, request: HttpRequest, petition_id: int) -> HttpResponse:
        return self._turn(
            request,
            petition_id,
            rule=close_petition,
            title=_("Close the petition"),
            explanation=_("Its page stays public and takes no more signatures. It can be opened again."),
            done=_("The petition is closed."),
        )

    def _turn(
        self,
        request: HttpRequest,
        petition_id: int,
        *,
        rule: Callable[..., Any],
        title: str,
        explanation: str,
        done: str,
    ) -> HttpResponse:
        """Ask why on GET, act on POST. A refusal of the rule is shown in its own words."""
        petition = self.get_object(request, str(petition_id))
        if petition is None:
            raise Http404
        if not self.has_change_permission(request, petition):
            raise PermissionDenied
        back = reverse("admin:signatures_petition_change", args=[petition_id])
        form = ReasonForm(request.POST if request.method == "POST" else None)
        problem = ""
        if form.is_bound and form.is_valid():
            try:
                rule(petition_id=petition_id, actor=request.user, reason=form.cleaned_data["reason"])
            except LifecycleProblem as error:
                problem = str(error)
            else:
                forget(petition.slug)
                messages.success(request, done)
                return HttpResponseRedirect(back)
        return ask_reason(
            request,
            site=self.admin_site,
            form=form,
            title=f"{title}: {petition.slug}",
            explanation=explanation,
            submit=title,
            back=back,
            problem=problem,
        )

    def sources_view(self, request: HttpRequest, petition_id: int) -> HttpResponse:
        petition = self.get_object(request, str(petition_id))
        if petition is None:
            raise Http404
        if not self.has_view_permission(request, petition):
            raise PermissionDenied
        return sources_page(request, site=self.admin_site, petition=petition)

    # -------------------------------------------------------------------------------------------------- import
    def import_view(self, request: HttpRequest) -> HttpResponse:
        """A letter from a file or from pasted text. It adds a petition, or a language or new words to one."""
        if not (self.has_add_permission(request) and self.has_change_permission(request)):
            raise PermissionDenied
        uploading = request.method == "POST" and bool(request.FILES)
        upload = UploadForm(request.POST, request.FILES) if uploading else UploadForm()
        paste = ImportForm(request.POST if request.method == "POST" and not uploading else None)
        problem = ""
        for form, name in ((upload, "file"), (paste, "text")):
            if not (form.is_bound and form.is_valid()):
                continue
            try:
                with transaction.atomic():
                    among = petitions_for(request.user)
                    petition = import_letter(form.cleaned_data[name], by=_who(request), among=among)
                    let_reach(_who(request), petition)
                    record(request, action="import", on=petition)
            except ImportProblem as error:
                problem = str(error)
            else:
                forget(petition.slug)
                messages.success(request, _("The letter is imported. Look it over before you open the petition."))
                return HttpResponseRedirect(reverse("admin:signatures_petition_change", args=[petition.pk]))
        failed = bool(problem) or request.method == "POST"
        context = self.admin_site.each_context(request) | {
            "title": _("Import a letter"),
            "upload": upload,
            "paste": paste,
            "problem": problem,
            "back": reverse("admin:signatures_petition_changelist"),
        }
        page = "admin/signatures/petition/import.html"
        return TemplateResponse(request, page, context, status=422 if failed else 200)


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
