"""Paper signatures at the desk: a file is sent, looked at in a dry run, and its good rows imported."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from signatures.desk.audit.recorded import who
from signatures.desk.entrance.pages import asks_who_you_are
from signatures.desk.export.writers import CsvWriter
from signatures.desk.lists.filters import PetitionFilter
from signatures.desk.lists.listing import ReadOnly
from signatures.desk.people.scope import Scoped, petitions_for
from signatures.desk.reasons import ReasonForm, ask_reason
from signatures.desk.site import desk
from signatures.models import Job, PaperImport, PaperProblem, Petition
from signatures.signing.paper import TAKES

from .columns import understand
from .read import MOST_BYTES, Unreadable, format_of, rows_of
from .store import NotNow, can_be_taken, start_check, start_taking
from .words import DOUBLED, FILE_PROBLEMS, PARTS, standing_of, why

SHOWN = 100  # problems on one page


class PaperForm(forms.Form):
    """The file, and the one thing that its people were asked."""

    petition = forms.ModelChoiceField(
        Petition.objects.none(), label=gettext_lazy("Petition"), to_field_name="slug", empty_label=None
    )
    file = forms.FileField(
        label=gettext_lazy("File"),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
        help_text=gettext_lazy("CSV or XLSX, up to 50,000 rows and 10 MB."),
    )
    hand_over = forms.BooleanField(
        label=gettext_lazy("The sheets said that names go to the addressees"),
        required=False,
        help_text=gettext_lazy("Only then are these names in the export for the addressees."),
    )

    def clean_file(self) -> Any:
        """What can be told at once is: what kind of file it is, and whether its first row says what the columns are."""
        upload = self.cleaned_data["file"]
        try:
            if upload.size > MOST_BYTES:
                raise Unreadable("large")
            self.contents: bytes = upload.read()
            self.format = format_of(self.contents, name=upload.name)
            rows = rows_of(self.contents, format_=self.format)
            understand(next(rows).cells, format_=self.format)
        except Unreadable as error:
            raise ValidationError(FILE_PROBLEMS[error.why]) from error
        return upload


@admin.register(PaperImport, site=desk)
class PaperImportAdmin(Scoped, ReadOnly):
    list_display = (
        *("created_at", "petition", "file_name", "standing"),
        *("rows", "good", "bad", "doubled", "taken", "made_by"),
    )
    list_select_related = ("petition", "made_by", "check_job", "take_job")
    list_filter = (PetitionFilter,)
    change_list_template = "admin/paper/change_list.html"

    @admin.display(description=gettext_lazy("state"))
    def standing(self, paper: PaperImport) -> str:
        return standing_of(paper)

    def has_import_permission(self, request: HttpRequest) -> bool:
        """A dry run tells which addresses have signed, as a search does: so both are needed."""
        return who(request).has_perms(("signatures.add_paperimport", "signatures.find_signature"))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        may = {"may_import": self.has_import_permission(request)}
        return super().changelist_view(request, may | (extra_context or {}))

    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        return [
            path("new/", wrap(self.new_view), name="signatures_paperimport_new"),
            path("<uuid:paper_id>/import/", wrap(self.take_view), name="signatures_paperimport_take"),
            path("<uuid:paper_id>/problems/", wrap(self.problems_view), name="signatures_paperimport_problems"),
            *super().get_urls(),
        ]

    # ----------------------------------------------------------------------------------------------- a new file
    def new_view(self, request: HttpRequest) -> HttpResponse:
        """Take a file; a job looks through it."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        reached = petitions_for(request.user)
        posted = request.method == "POST"
        asked = request.GET.get("petition", "")
        given = {"data": request.POST, "files": request.FILES} if posted else {}
        form = PaperForm(**given, initial={"petition": asked})  # type: ignore[arg-type]
        form.fields["petition"].queryset = reached.filter(state__in=TAKES).order_by("slug")  # type: ignore[attr-defined]
        problem = ""
        if asked and (other := reached.filter(slug=asked).exclude(state__in=TAKES).first()):
            problem = _takes_none(other)
        if posted and form.is_valid():
            try:
                paper = start_check(
                    petition=form.cleaned_data["petition"],
                    contents=form.contents,
                    format_=form.format,
                    file_name=form.cleaned_data["file"].name,
                    hand_over=form.cleaned_data["hand_over"],
                    actor=who(request),
                )
            except NotNow:
                problem = _takes_none(form.cleaned_data["petition"])
            else:
                return HttpResponseRedirect(reverse("admin:signatures_job_change", args=[paper.check_job_id]))
        context = self.admin_site.each_context(request) | {
            "title": _("Import paper signatures"),
            "form": form,
            "problem": problem,
            "hours": settings.PAPER_HOURS,
            "back": reverse("admin:signatures_paperimport_changelist"),
        }
        failed = posted and (bool(problem) or bool(form.errors))
        return TemplateResponse(request, "admin/paper/new.html", context, status=422 if failed else 200)

    # ------------------------------------------------------------------------------------------------ its report
    def _paper(self, request: HttpRequest, paper_id: Any) -> PaperImport:
        paper: PaperImport | None = self.get_object(request, str(paper_id))
        if paper is None:
            raise Http404
        if not self.has_view_permission(request, paper):
            raise PermissionDenied
        return paper

    def _mine(self, request: HttpRequest, paper: PaperImport) -> bool:
        """Which rows are bad, and why, is for who sent the file: it may tell who has signed."""
        return paper.made_by_id == request.user.pk and self.has_import_permission(request)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The numbers, for everybody who may look; each bad row, and what to do next, for who sent the file."""
        paper = self._paper(request, object_id)
        if request.method == "POST":
            raise PermissionDenied  # nothing here is a form
        mine = self._mine(request, paper)
        found = _problems(paper) if mine else PaperProblem.objects.none()
        page = Paginator(found, SHOWN).get_page(request.GET.get("page"))
        left_out = paper.columns.get("left_out", [])
        context = self.admin_site.each_context(request) | {
            "title": f"{paper.file_name}: {paper.petition}",
            "paper": paper,
            "standing": standing_of(paper),
            "cannot_be_read": FILE_PROBLEMS.get(paper.problem, ""),
            "columns": [(PARTS[part], paper.columns[part]) for part in PARTS if part in paper.columns],
            "left_out": left_out,
            "problems": [(each.row, PARTS.get(each.column, ""), why(each)) for each in page],
            "page": page,
            "mine": mine,
            "can_be_taken": mine and can_be_taken(paper),
            "takes": paper.petition.state in TAKES,
            "jobs": [job for job in (paper.check_job, paper.take_job) if job],
            "at_work": paper.take_job is None and paper.check_job is not None and paper.check_job.state in Job.ACTIVE,
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/paper/report.html", context)

    def problems_view(self, request: HttpRequest, paper_id: UUID) -> HttpResponseBase:
        """Each bad row as CSV, for who sent the file, to mend it by."""
        paper = self._paper(request, paper_id)
        if not self._mine(request, paper):
            raise PermissionDenied
        answer = StreamingHttpResponse(_as_csv(_problems(paper)), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{paper.petition.slug}-{_("rows")}.csv"'
        answer["Cache-Control"] = "no-store"
        answer["X-Content-Type-Options"] = "nosniff"
        return answer

    @asks_who_you_are
    def take_view(self, request: HttpRequest, paper_id: UUID) -> HttpResponse:
        """Ask why on GET, begin the import on POST."""
        paper = self._paper(request, paper_id)
        if not self._mine(request, paper):
            raise PermissionDenied
        here = reverse("admin:signatures_paperimport_change", args=[paper.pk])
        form = ReasonForm(request.POST if request.method == "POST" else None)
        problem = ""
        if form.is_bound and form.is_valid():
            try:
                job = start_taking(paper_id=paper.pk, reason=form.cleaned_data["reason"], actor=who(request))
                return HttpResponseRedirect(reverse("admin:signatures_job_change", args=[job.pk]))
            except NotNow:
                problem = _("It cannot be imported any more: it was, its time is over, or the petition takes none now.")
        text = ngettext("Import the %(count)d good row", "Import the %(count)d good rows", paper.good)
        words = text % {"count": paper.good}
        return ask_reason(
            request,
            site=self.admin_site,
            form=form,
            title=f"{words}: {paper.petition}",
            explanation=_(
                "They are counted on paper, apart from the total. Nobody is written to, and no name is shown publicly. "
                "For an hour after the end all of it can be undone."
            ),
            submit=words,
            back=here,
            problem=problem,
        )


def _problems(paper: PaperImport) -> QuerySet[PaperProblem]:
    return PaperProblem.objects.filter(paper_import=paper).order_by("id")


def _as_csv(problems: QuerySet[PaperProblem]) -> Any:
    """No cell of it is a formula, and none says what stood in the row."""
    with CsvWriter() as writer:
        writer.add([_("row"), _("column"), _("what"), _("why")])
        for each in problems.iterator(chunk_size=2000):
            kind = _("doubled") if each.why in DOUBLED else _("bad")
            writer.add([each.row, str(PARTS.get(each.column, "")), kind, why(each)])
            yield from writer.ready()
        yield from writer.rest()


def _takes_none(petition: Petition) -> str:
    text = _(
        "“%(petition)s” is in the state “%(state)s”: signatures on paper come in while it is open, paused or closed."
    )
    return text % {"petition": petition.slug, "state": petition.get_state_display()}
