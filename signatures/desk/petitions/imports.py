"""A letter brought in from a file or from pasted text: shown as it was understood, corrected, and only then stored."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

from django import forms
from django.conf import settings
from django.conf.locale import LANG_INFO
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from signatures.desk.audit.recorded import record, who
from signatures.desk.people.scope import let_reach, petitions_for
from signatures.letters.importing import LONGEST, MOST_SIGNERS, ImportProblem, take_in
from signatures.letters.receive import MOST_BYTES, receive_file, receive_text
from signatures.letters.received import Received
from signatures.models import Petition

LARGE = {"class": "vLargeTextField", "dir": "auto"}
LINE = {"class": "vTextField", "dir": "auto"}


class ImportForm(forms.Form):
    """A letter pasted, with a head or as it came."""

    text = forms.CharField(
        label=gettext_lazy("Text"),
        max_length=LONGEST,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 20, **LARGE}),
    )


class UploadForm(forms.Form):
    """A letter as a file. A form of its own, so that only files travel as multipart."""

    file = forms.FileField(
        label=gettext_lazy("File"), widget=forms.ClearableFileInput(attrs={"accept": ".md,.markdown,.txt,.docx"})
    )

    def clean_file(self) -> bytes:
        upload = self.cleaned_data["file"]
        if upload.size > MOST_BYTES:
            raise ValidationError(_("This file is larger than 2 MB."))
        contents: bytes = upload.read()
        return contents


class ReviewForm(forms.Form):
    """Every part of a letter that came in, for correction. Its names are those of `Received`."""

    petition = forms.ModelChoiceField(
        Petition.objects.none(),
        label=gettext_lazy("Petition"),
        required=False,
        empty_label=gettext_lazy("a new one, as a draft"),
        help_text=gettext_lazy("Choose one for a translation or a new version of its letter."),
    )
    slug = forms.SlugField(
        label=gettext_lazy("Address"),
        max_length=80,
        required=False,
        help_text=gettext_lazy("Of a new petition. Empty: it is made from the title."),
        widget=forms.TextInput(attrs=LINE),
    )
    language = forms.CharField(
        label=gettext_lazy("Language"),
        max_length=10,
        help_text=gettext_lazy("A language code is like en, fr or zh-hant."),
    )
    organisation = forms.CharField(
        label=gettext_lazy("Organisation"), max_length=200, required=False, widget=forms.TextInput(attrs=LINE)
    )
    reference = forms.CharField(
        label=gettext_lazy("Reference"), max_length=80, required=False, widget=forms.TextInput(attrs=LINE)
    )
    dated = forms.DateField(
        label=gettext_lazy("Date of the letter"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    goal = forms.IntegerField(label=gettext_lazy("Goal"), min_value=1, max_value=MOST_SIGNERS, required=False)
    title = forms.CharField(
        label=gettext_lazy("Title"), max_length=300, widget=forms.Textarea(attrs={"rows": 2, **LARGE})
    )
    addressee = forms.CharField(label=gettext_lazy("Addressee"), max_length=300, widget=forms.TextInput(attrs=LINE))
    salutation = forms.CharField(
        label=gettext_lazy("Salutation"), max_length=200, required=False, widget=forms.TextInput(attrs=LINE)
    )
    body = forms.CharField(
        label=gettext_lazy("Letter"),
        max_length=LONGEST,
        help_text=gettext_lazy("Markdown"),
        widget=forms.Textarea(attrs={"rows": 24, **LARGE}),
    )
    closing = forms.CharField(
        label=gettext_lazy("Closing"), max_length=200, required=False, widget=forms.TextInput(attrs=LINE)
    )
    signatory = forms.CharField(
        label=gettext_lazy("Signatory"), max_length=200, required=False, widget=forms.TextInput(attrs=LINE)
    )
    signatory_title = forms.CharField(
        label=gettext_lazy("Signatory’s title"), max_length=200, required=False, widget=forms.TextInput(attrs=LINE)
    )
    translator = forms.CharField(
        label=gettext_lazy("Translated by"), max_length=200, required=False, widget=forms.TextInput(attrs=LINE)
    )

    def __init__(self, *args: Any, among: QuerySet[Petition], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = self.fields["petition"]
        assert isinstance(chosen, forms.ModelChoiceField)  # noqa: S101  for the type checker
        chosen.queryset = among

    def clean_language(self) -> str:
        code: str = self.cleaned_data["language"]
        if "name" not in LANG_INFO.get(code, {}):
            raise ValidationError(_("We do not know the language “%(language)s”.") % {"language": code})
        return code

    def letter(self) -> Received:
        """What the form says; it must be valid."""
        given = {name: self.cleaned_data[name] for name in PARTS}
        petition: Petition | None = self.cleaned_data["petition"]
        return Received(**given | {"slug": petition.slug if petition else given["slug"]})


PARTS = tuple(each.name for each in fields(Received) if each.name not in ("doubts", "left_out", "notes"))


def import_page(request: HttpRequest, *, site: AdminSite) -> HttpResponse:
    """Take a letter in; what was understood of it is then shown for correction. Nothing is stored."""
    uploading = request.method == "POST" and bool(request.FILES)
    upload = UploadForm(request.POST, request.FILES) if uploading else UploadForm()
    paste = ImportForm(request.POST if request.method == "POST" and not uploading else None)
    problem = ""
    for form, name, receive in ((upload, "file", receive_file), (paste, "text", receive_text)):
        if not (form.is_bound and form.is_valid()):
            continue
        try:
            letter = receive(form.cleaned_data[name])  # type: ignore[operator]
        except ImportProblem as error:
            problem = str(error)
        else:
            return _show(request, site=site, form=_of(letter, among=petitions_for(request.user)), letter=letter)
    context = site.each_context(request) | {
        "title": _("Import a letter"),
        "upload": upload,
        "paste": paste,
        "problem": problem,
        "back": reverse("admin:signatures_petition_changelist"),
    }
    page = "admin/signatures/petition/import.html"
    return TemplateResponse(request, page, context, status=422 if request.method == "POST" else 200)


def store_page(request: HttpRequest, *, site: AdminSite) -> HttpResponse:
    """Store what somebody has corrected, or say what is still wrong with it."""
    among = petitions_for(request.user)
    form = ReviewForm(request.POST, among=among)
    problem = ""
    if form.is_valid():
        try:
            with transaction.atomic():
                petition = take_in(form.letter(), by=who(request), among=among)
                let_reach(who(request), petition)
                record(request, action="import", on=petition)
        except ImportProblem as error:
            problem = str(error)
        else:
            messages.success(request, _("The letter is imported. Look it over before you open the petition."))
            return HttpResponseRedirect(reverse("admin:signatures_petition_change", args=[petition.pk]))
    return _show(request, site=site, form=form, letter=Received(), problem=problem, status=422)


def _of(letter: Received, *, among: QuerySet[Petition]) -> ReviewForm:
    """The form with what was recognised; an address that is one of the person's petitions chooses it."""
    petition = among.filter(slug=letter.slug).first() if letter.slug else None
    start = {name: value for name, value in asdict(letter).items() if name in PARTS}
    start |= {"petition": petition, "slug": "" if petition else letter.slug}
    start["language"] = letter.language or settings.LANGUAGE_CODE
    return ReviewForm(initial=start, among=among)


def _show(
    request: HttpRequest,
    *,
    site: AdminSite,
    form: ReviewForm,
    letter: Received,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    context = site.each_context(request) | {
        "title": _("Is this right?"),
        "form": form,
        "rows": [(bound, letter.doubts.get(bound.name, "")) for bound in form],
        "left_out": letter.left_out,
        "notes": letter.notes,
        "problem": problem,
        "back": reverse("admin:signatures_petition_import"),
    }
    return TemplateResponse(request, "admin/signatures/petition/import_review.html", context, status=status)
