"""Names that wait to be shown publicly: read, approved and refused a page at a time, and reviewed again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from signatures.models import NameReview, Petition, WaitingName
from signatures.signing.review.names import Waiting, approve_names, refuse_names, review_again, waiting_names

from .lists.filters import Choice, PetitionFilter
from .lists.listing import ReadOnly
from .people.scope import Scoped, petitions_for
from .reasons import ReasonForm, ask_reason
from .site import desk

PAGE = 100  # names to look at


class QueueForm(forms.Form):
    """Which petition's names; with a POST also why the ticked ones are refused."""

    petition = forms.ModelChoiceField(
        Petition.objects.order_by("slug"),
        label=gettext_lazy("Petition"),
        required=False,
        empty_label=gettext_lazy("All"),
        to_field_name="slug",
    )
    reason = forms.ChoiceField(
        label=gettext_lazy("Reason"), choices=[("", "---------"), *NameReview.Reason.choices], required=False
    )


def _ticket(name: Waiting) -> str:
    """What the page sends back for a name: whose it is, and which name was shown."""
    return f"{name.signature_id.hex}:{name.digest.hex()}"


def _read(tickets: list[str]) -> set[tuple[UUID, bytes]]:
    """Raises ValueError for what our page did not send."""
    pairs = (ticket.split(":", 1) for ticket in tickets[:PAGE])
    return {(UUID(hex=whose), bytes.fromhex(digest)) for whose, digest in pairs}


@admin.register(WaitingName, site=desk)
class WaitingNameAdmin(Scoped, ReadOnly):
    """The queue, the longest waiting first. No page for a single name, and none is masked: they want to be seen."""

    def has_review_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("signatures.change_waitingname"))  # type: ignore[union-attr]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None and self.has_review_permission(request)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.has_review_permission(request):
            raise PermissionDenied
        form = QueueForm(request.POST if request.method == "POST" else request.GET)
        form.fields["petition"].queryset = reached = petitions_for(request.user).order_by("slug")  # type: ignore[attr-defined]
        petition = form.cleaned_data["petition"] if form.is_valid() else None
        problem = ""
        if request.method == "POST":
            problem = self._judge(request, reason=form.cleaned_data.get("reason", ""))
            if not problem:
                return HttpResponseRedirect(request.get_full_path())
        petition_ids = [petition.pk] if petition else list(reached.values_list("pk", flat=True))
        names = waiting_names(most=PAGE, petition_ids=petition_ids)
        context = self.admin_site.each_context(request) | {
            "title": _("Names to review"),
            "opts": self.opts,
            "form": form,
            "names": [(_ticket(name), name) for name in names],
            "ticked": set(request.POST.getlist("refused")),
            "problem": problem,
        }
        return TemplateResponse(request, "admin/names/queue.html", context, status=422 if problem else 200)

    def _judge(self, request: HttpRequest, *, reason: str) -> str:
        """Refuse the ticked names, approve the others that the page showed. Returns what was wrong, else nothing."""
        try:
            shown = self._reached(request, _read(request.POST.getlist("shown")))
            refused = _read(request.POST.getlist("refused")) & shown
        except ValueError:
            return _("That is not a list of names.")
        if refused and not reason:
            return _("Choose why the ticked names are refused.")
        no, yes = 0, 0
        if refused:
            no = refuse_names(refused, reason=reason, actor=request.user)  # type: ignore[arg-type]
        if "approve" in request.POST:
            yes = approve_names(shown - refused, actor=request.user)  # type: ignore[arg-type]
        elif not refused:
            return _("No name is ticked.")
        if no:
            messages.success(request, ngettext("%d name is refused.", "%d names are refused.", no) % no)
        if yes:
            text = ngettext(
                "%d name is approved and joins the list with the next group.",
                "%d names are approved and join the list with the next group.",
                yes,
            )
            messages.success(request, text % yes)
        if no + yes < len(shown if "approve" in request.POST else refused):
            messages.warning(request, _("The others changed meanwhile, and stay as they are."))
        return ""

    def _reached(self, request: HttpRequest, names: set[tuple[UUID, bytes]]) -> set[tuple[UUID, bytes]]:
        rows = self.get_queryset(request).filter(pk__in=[whose for whose, _digest in names])
        here = set(rows.values_list("pk", flat=True))
        return {name for name in names if name[0] in here}


class VerdictFilter(Choice):
    title = gettext_lazy("verdict")
    parameter_name = "verdict"
    options = list(NameReview.Verdict.choices)


@admin.register(NameReview, site=desk)
class NameReviewAdmin(Scoped, ReadOnly):
    """What was decided, by whom. The names themselves stand with their signatures, masked."""

    list_display = ("signature_id", "petition", "verdict", "reason", "public", "reviewed_by", "reviewed_at")
    list_select_related = ("petition", "reviewed_by")
    list_filter = (VerdictFilter, PetitionFilter)
    fields = ("signature", "petition", "verdict", "reason", "public", "reviewed_by", "reviewed_at")
    actions = ("again_selected",)

    def has_review_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("signatures.change_waitingname"))  # type: ignore[union-attr]

    @admin.action(description=gettext_lazy("Review again"), permissions=["review"])
    def again_selected(self, request: HttpRequest, queryset: QuerySet[NameReview]) -> HttpResponse | None:
        try:
            ids = self.chosen(request)
        except ValidationError:
            messages.error(request, _("That is not a list of names."))
            return None
        form = ReasonForm(request.POST if "reason" in request.POST else None)
        if form.is_bound and form.is_valid():
            count = review_again(signature_ids=ids, reason=form.cleaned_data["reason"], actor=request.user)  # type: ignore[arg-type]
            text = ngettext("%d name waits for review again.", "%d names wait for review again.", count)
            messages.success(request, text % count)
            return None
        return ask_reason(
            request,
            site=self.admin_site,
            form=form,
            title=_("Review again"),
            explanation=_("Those that are shown leave the list at once. All of them wait in the queue again."),
            submit=_("Review again"),
            back=request.get_full_path(),
            hidden=[("action", "again_selected"), *((ACTION_CHECKBOX_NAME, str(each)) for each in ids)],
        )
