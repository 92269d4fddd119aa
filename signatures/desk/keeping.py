"""How long a petition keeps people's data: the periods, what goes next, what went, and the legal hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from signatures.letters.keeping import forget_kept
from signatures.letters.read import forget
from signatures.models import Petition, RetentionRun
from signatures.privacy.keeping import due_next
from signatures.privacy.periods import PERIODS, KeepingProblem, lift_legal_hold, set_legal_hold, set_periods

from .audit.recorded import who
from .lists.filters import Choice, PetitionFilter
from .lists.listing import ReadOnly
from .people.scope import Scoped
from .reasons import ReasonForm, ask_and_do
from .site import desk

SHOWN = 20  # of the latest deletions


class PeriodsForm(ReasonForm):
    """The three periods in days, and why they change."""

    field_order = (*PERIODS, "reason")
    pending_kept_days = forms.IntegerField(
        label=gettext_lazy("Unconfirmed signatures, days"), min_value=1, max_value=14, localize=True
    )
    emails_kept_days = forms.IntegerField(
        label=gettext_lazy("E-mail addresses, days after the petition closes"), min_value=1, max_value=3650
    )
    names_kept_days = forms.IntegerField(
        label=gettext_lazy("Names, days after the petition closes"), min_value=1, max_value=3650
    )


def keeping_page(request: HttpRequest, *, site: AdminSite, petition: Petition) -> HttpResponse:
    """Shows the periods and what they led to; takes new ones from those who may set them."""
    may_set = request.user.has_perm("signatures.change_retention")  # type: ignore[union-attr]
    posted = request.method == "POST"
    if posted and not may_set:
        raise PermissionDenied
    form = PeriodsForm(request.POST if posted else None, initial={name: getattr(petition, name) for name in PERIODS})
    problem = ""
    if posted and form.is_valid():
        days = {name: form.cleaned_data[name] for name in PERIODS}
        try:
            set_periods(petition_id=petition.pk, days=days, actor=who(request), reason=form.cleaned_data["reason"])
        except KeepingProblem as error:
            problem = str(error)
        else:
            _forget(petition)
            messages.success(request, _("The new periods hold from now on, and stand on the page for signers."))
            return HttpResponseRedirect(request.path)
    context = (
        site.each_context(request)
        | {
            "title": _("How long data is kept: %(petition)s") % {"petition": petition.slug},
            "petition": petition,
            "form": form,
            "problem": problem,
            "may_set": may_set,
            "may_hold": request.user.has_perm("signatures.change_legalhold"),  # type: ignore[union-attr]
            "due": due_next(petition),
            "runs": petition.retention_runs.order_by("-id")[:SHOWN],
            "back": reverse("admin:signatures_petition_change", args=[petition.pk]),
        }
    )
    failed = bool(problem) or (posted and bool(form.errors))
    return TemplateResponse(request, "admin/signatures/petition/keeping.html", context, status=422 if failed else 200)


def legal_hold_page(request: HttpRequest, *, site: AdminSite, petition: Petition) -> HttpResponse:
    """Asks why on GET, sets or lifts the hold on POST: whichever is the other way than it is now."""
    if not request.user.has_perm("signatures.change_legalhold"):  # type: ignore[union-attr]
        raise PermissionDenied
    lift = petition.legal_hold_at is not None
    rule: Callable[..., None] = lift_legal_hold if lift else set_legal_hold
    title = _("Lift the legal hold") if lift else _("Set a legal hold")

    def turn(reason: str) -> None:
        rule(petition_id=petition.pk, actor=who(request), reason=reason)
        _forget(petition)

    return ask_and_do(
        request,
        site=site,
        do=turn,
        refusals=KeepingProblem,
        title=f"{title}: {petition.slug}",
        explanation=_("What is overdue is deleted in the coming night.")
        if lift
        else _(
            "Nothing of people who confirmed, or who are under review, is deleted by itself any more. The page for "
            "signers says so. Signers can still erase their own data."
        ),
        submit=title,
        done=_("The legal hold is lifted.") if lift else _("The legal hold is set."),
        back=reverse("admin:signatures_petition_keeping", args=[petition.pk]),
    )


def _forget(petition: Petition) -> None:
    forget(petition.slug)
    forget_kept()


class KindFilter(Choice):
    title = gettext_lazy("what")
    parameter_name = "kind"
    options: list[tuple[str, Any]] = list(RetentionRun.Kind.choices)


@admin.register(RetentionRun, site=desk)
class RetentionRunAdmin(Scoped, ReadOnly):
    list_display = ("day", "petition", "kind", "count")
    list_select_related = ("petition",)
    list_filter = (KindFilter, PetitionFilter)
    fields = ("day", "petition", "kind", "count")
