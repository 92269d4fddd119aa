"""Exports at the desk: asked for with a purpose and a reason, looked at, and fetched by the one who asked."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from signatures.desk.audit.recorded import who
from signatures.desk.entrance.pages import asks_who_you_are
from signatures.desk.lists.filters import Choice, PetitionFilter
from signatures.desk.lists.listing import ReadOnly
from signatures.desk.people.scope import Scoped, petitions_for
from signatures.desk.reasons import ReasonForm
from signatures.desk.site import desk
from signatures.models import ExportFile, Petition

from .store import NotToBeHad, fetch, parts_of, start_export

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
WHO_IS_IN = {
    "hand-over": gettext_lazy("Confirmed signers who ticked that their name may go to the addressees: name, country."),
    "public-names": gettext_lazy("The names that stand on the public list, in its order."),
    "updates": gettext_lazy("Confirmed signers who ticked that they want updates: e-mail, name, language."),
    "figures": gettext_lazy("How many signed by country and week. Small groups are added together; nobody is named."),
}


class ExportForm(ReasonForm):
    """What for, in which format, and why."""

    field_order = ("petition", "purpose", "format", "reason")
    petition = forms.ModelChoiceField(
        Petition.objects.none(), label=gettext_lazy("Petition"), to_field_name="slug", empty_label=None
    )
    purpose = forms.ChoiceField(
        label=gettext_lazy("Purpose"), choices=ExportFile.Purpose.choices, widget=forms.RadioSelect
    )
    format = forms.ChoiceField(label=gettext_lazy("Format"), choices=ExportFile.Format.choices)


class PurposeFilter(Choice):
    title = gettext_lazy("purpose")
    parameter_name = "purpose"
    options: list[tuple[str, Any]] = list(ExportFile.Purpose.choices)


@admin.register(ExportFile, site=desk)
class ExportFileAdmin(Scoped, ReadOnly):
    list_display = (
        "created_at",
        "petition",
        "purpose",
        "format",
        "rows",
        "downloads",
        "expires_at",
        "made_for",
        "reason",
    )
    list_select_related = ("petition", "made_for")
    list_filter = (PurposeFilter, PetitionFilter)
    change_list_template = "admin/export/change_list.html"

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("signatures.export_signature"))  # type: ignore[union-attr]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_urls(self) -> list[Any]:
        return [
            path("new/", self.admin_site.admin_view(self.new_view), name="signatures_exportfile_new"),
            path(
                "<uuid:file_id>/download/",
                self.admin_site.admin_view(self.download_view),
                name="signatures_exportfile_download",
            ),
            *super().get_urls(),
        ]

    @asks_who_you_are
    def new_view(self, request: HttpRequest) -> HttpResponse:
        """Ask for a file: a job writes it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = ExportForm(request.POST if request.method == "POST" else None, initial=_asked(request))
        form.fields["petition"].queryset = petitions_for(request.user).order_by("slug")  # type: ignore[attr-defined]
        if form.is_bound and form.is_valid():
            file = start_export(
                petition=form.cleaned_data["petition"],
                purpose=form.cleaned_data["purpose"],
                format_=form.cleaned_data["format"],
                language=get_language() or "en",
                reason=form.cleaned_data["reason"],
                actor=who(request),
            )
            return HttpResponseRedirect(reverse("admin:signatures_job_change", args=[file.job_id]))
        context = self.admin_site.each_context(request) | {
            "title": _("Export signatures"),
            "form": form,
            "who_is_in": [(ExportFile.Purpose(purpose).label, words) for purpose, words in WHO_IS_IN.items()],
            "hours": settings.EXPORT_HOURS,
            "back": reverse("admin:signatures_exportfile_changelist"),
        }
        return TemplateResponse(request, "admin/export/new.html", context, status=422 if form.errors else 200)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What the file is, and the button that fetches it, for the one who asked."""
        file = self.get_object(request, object_id)
        if file is None:
            raise Http404
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            raise PermissionDenied  # nothing here is a form
        return self._page(request, file)

    def _page(self, request: HttpRequest, file: ExportFile, *, problem: str = "") -> HttpResponse:
        left = max(0, settings.EXPORT_DOWNLOADS - file.downloads)
        gone = file.deleted_at is not None or file.expires_at <= timezone.now() or not left
        context = self.admin_site.each_context(request) | {
            "title": f"{capfirst(file.get_purpose_display())}: {file.petition}",
            "file": file,
            "who_is_in": WHO_IS_IN[file.purpose],
            "left": left,
            "gone": gone,
            "mine": file.made_for_id == request.user.pk,
            "problem": problem,
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/export/file.html", context, status=410 if problem else 200)

    @asks_who_you_are
    def download_view(self, request: HttpRequest, file_id: Any) -> HttpResponseBase:
        """Posted, so that no program that follows links uses a download up. Each one is counted and recorded."""
        file = self.get_object(request, str(file_id))
        if file is None:
            raise Http404
        if not self.has_view_permission(request) or file.made_for_id != request.user.pk:
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseRedirect(reverse("admin:signatures_exportfile_change", args=[file_id]))
        try:
            file = fetch(file_id=file_id, by=who(request))
        except NotToBeHad:
            return self._page(request, file, problem=_("This file is no longer to be had. Ask for a new one."))
        answer = StreamingHttpResponse(parts_of(file), content_type=TYPES[file.format])
        answer["Content-Disposition"] = f'attachment; filename="{_file_name(file)}"'
        answer["Content-Length"] = str(file.bytes)
        answer["Cache-Control"] = "no-store"
        answer["X-Content-Type-Options"] = "nosniff"
        return answer


def _asked(request: HttpRequest) -> dict[str, str]:
    """What the page that led here had chosen already."""
    return {"petition": request.GET.get("petition", ""), "purpose": ExportFile.Purpose.HAND_OVER}


def _file_name(file: ExportFile) -> str:
    """Letters, digits and hyphens alone: a slug, the purpose, the day."""
    return f"{file.petition.slug}-{file.purpose}-{file.created_at:%Y-%m-%d}.{file.format}"
