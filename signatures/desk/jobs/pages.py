"""The jobs at the desk: a list, and a page for each that shows how far it is and takes orders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect, JsonResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy, pgettext_lazy

from signatures.desk.entrance.pages import ask_who_you_are, identity_is_fresh
from signatures.desk.lists.filters import Choice, PetitionFilter
from signatures.desk.lists.listing import ReadOnly
from signatures.desk.people.scope import Scoped
from signatures.desk.reasons import ReasonForm, ask_reason
from signatures.desk.site import desk
from signatures.models import Job

from . import orders
from .kinds import kinds
from .words import come_to, conditions, minutes_left, progress_of, state_of, title_of

Order = Callable[..., None]

# What can be ordered: its words, the rule, whether it asks why, whether it needs the permission of the action itself.
ORDERS: dict[str, tuple[Any, Order, bool, bool]] = {
    "pause": (pgettext_lazy("button", "Pause"), orders.pause, False, False),
    "resume": (pgettext_lazy("button", "Resume"), orders.resume, False, True),
    "cancel": (pgettext_lazy("button", "Stop for good"), orders.cancel, True, False),
    "undo": (pgettext_lazy("button", "Undo"), orders.undo, True, True),
    "try-again": (pgettext_lazy("button", "Try again"), orders.try_again, True, True),
}
GO_ON = ("resume", "try-again")  # of what is grave: as who begins it, whoever lets it go on shows first who they are
EXPLANATIONS = {
    "cancel": gettext_lazy("What it did so far stays done; for an hour that can be undone."),
    "undo": gettext_lazy(
        "Every signature goes back to what it was before, and the count with it. Those that somebody changed since, "
        "staff or the signers themselves, stay as they are now."
    ),
    "try-again": gettext_lazy("It goes on where it failed, and repeats nothing."),
}


class StateFilter(Choice):
    title = gettext_lazy("state")
    parameter_name = "state"
    options = list(Job.State.choices)


class KindFilter(Choice):
    title = gettext_lazy("what")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(kind.name, kind.title) for kind in kinds().values()]


@admin.register(Job, site=desk)
class JobAdmin(Scoped, ReadOnly):
    list_display = ("created_at", "what", "petition", "state_said", "progress", "reason", "created_by")
    list_select_related = ("petition", "created_by")
    list_filter = (StateFilter, KindFilter, PetitionFilter)

    @admin.display(description=gettext_lazy("what"))
    def what(self, job: Job) -> str:
        return title_of(job)

    @admin.display(description=gettext_lazy("state"))
    def state_said(self, job: Job) -> str:
        return state_of(job)

    @admin.display(description=gettext_lazy("how far"))
    def progress(self, job: Job) -> SafeString:
        through, of = progress_of(job)
        return render_to_string("admin/jobs/progress.html", {"through": through, "of": of, "label": title_of(job)})

    # ------------------------------------------------------------------------------------------------ one job
    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        return [
            path("<uuid:job_id>/progress/", wrap(self.progress_view), name="signatures_job_progress"),
            path("<uuid:job_id>/<slug:order>/now/", wrap(self.order_view), name="signatures_job_order"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """How far it is, what it came to, and what can be ordered now. Nothing of it is a form of its fields."""
        job = self.get_object(request, object_id)
        if job is None:
            raise Http404
        if request.method == "POST" or not self.has_view_permission(request, job):
            raise PermissionDenied  # nothing here is a form
        through, of = progress_of(job)
        kind = kinds().get(job.kind)
        context = self.admin_site.each_context(request) | {
            "title": f"{title_of(job)}: {job.petition}",
            "job": job,
            "state": state_of(job),
            "through": through,
            "of": of,
            "label": title_of(job),
            "come_to": come_to(job),
            "conditions": conditions(job.params["selection"]) if "selection" in job.params else [],
            "outcome": kind.outcome(job) if kind else None,
            "active": job.state in Job.ACTIVE,
            "minutes_left": minutes_left(job) if job.can_be_undone(now=timezone.now()) else 0,
            "orders": [(name, *ORDERS[name][:3:2]) for name in self._possible(request, job)],
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/jobs/job.html", context)

    def progress_view(self, request: HttpRequest, job_id: UUID) -> HttpResponse:
        """The same for the page's script: {"state", "through", "of", "text", "active"}."""
        job = self.get_object(request, str(job_id))
        if job is None:
            raise Http404
        if not self.has_view_permission(request, job):
            raise PermissionDenied
        through, of = progress_of(job)
        active = job.state in Job.ACTIVE
        text = render_to_string("admin/jobs/numbers.html", {"through": through, "of": of}).strip()
        return JsonResponse({"state": state_of(job), "through": through, "of": of, "text": text, "active": active})

    def _possible(self, request: HttpRequest, job: Job) -> list[str]:
        """The orders that make sense now and that the person may give."""
        names = []
        if job.state in Job.ACTIVE:
            names.append("pause")
        if job.state == Job.State.PAUSED:
            names.append("resume")
        if not job.undoing and job.state in (*Job.ACTIVE, Job.State.PAUSED):
            names.append("cancel")
        if job.can_be_undone(now=timezone.now()):
            names.append("undo")
        if job.state == Job.State.FAILED:
            names.append("try-again")
        return [name for name in names if self._may(request, job, name)]

    def _may(self, request: HttpRequest, job: Job, order: str) -> bool:
        user = cast(User, request.user)
        if not user.has_perm("signatures.change_job"):
            return False
        kind = kinds().get(job.kind)
        return not ORDERS[order][3] or (kind is not None and user.has_perm(kind.permission))

    def order_view(self, request: HttpRequest, job_id: UUID, order: str) -> HttpResponse:
        """Give an order. Some ask why on GET; the others are posted from the job's page."""
        job = self.get_object(request, str(job_id))
        if job is None or order not in ORDERS:
            raise Http404
        if not self._may(request, job, order):
            raise PermissionDenied
        words, rule, asks, _needs = ORDERS[order]
        here = reverse("admin:signatures_job_change", args=[job.pk])
        if order in GO_ON and kinds()[job.kind].grave and not identity_is_fresh(request):
            return ask_who_you_are(then=here)
        if not asks:
            if request.method != "POST":
                return HttpResponseNotAllowed(["POST"])
            self._order(request, job, rule, reason="")
            return HttpResponseRedirect(here)
        form = ReasonForm(request.POST if request.method == "POST" else None)
        if form.is_bound and form.is_valid():
            self._order(request, job, rule, reason=form.cleaned_data["reason"])
            return HttpResponseRedirect(here)
        return ask_reason(
            request,
            site=self.admin_site,
            form=form,
            title=f"{words}: {title_of(job)}, {job.petition}",
            explanation=EXPLANATIONS[order],
            submit=words,
            back=here,
        )

    def _order(self, request: HttpRequest, job: Job, rule: Order, *, reason: str) -> None:
        try:
            rule(job, actor=request.user, reason=reason)
        except orders.OrderRefused as refused:
            messages.error(request, str(refused))
