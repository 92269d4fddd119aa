"""From a list of signatures to a job: the page that says what will happen to how many, and asks why.

A list hands over a `Selection`, by `bulk_address(kind, selection)`: of rows that were ticked, or of all that match.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, cast

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.auth.models import User
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from signatures.desk.entrance.pages import asks_who_you_are
from signatures.desk.lists.listing import FOUND
from signatures.desk.people.scope import Scoped, petitions_for
from signatures.desk.reasons import ReasonForm
from signatures.desk.search.masking import masked
from signatures.desk.search.pages import SignaturePages
from signatures.models import Job, Petition, Signature
from signatures.signing.countries.names import country_name
from signatures.templatetags.figures import figure

from .kinds import kinds
from .moving import Moving
from .run import run_now
from .selection import Selection
from .start import start_job
from .words import conditions

SMALL = 500  # signatures: so many are moved before the answer, and nobody has to wait for a worker
SAMPLE = 10  # rows shown, masked


def bulk_address(kind: str, selection: Selection) -> str:
    """Where `kind` ("hold", "release", "invalidate", "erase") of a selection is asked for."""
    address = reverse("admin:signatures_signature_bulk", args=[kind])
    return f"{address}?{urlencode({'selection': json.dumps(selection.params(), separators=(',', ':'))})}"


def moves_for(request: HttpRequest) -> list[Moving]:
    """What the person may do with signatures in bulk."""
    return [
        kind
        for kind in kinds().values()
        if isinstance(kind, Moving) and request.user.has_perm(kind.permission)  # type: ignore[union-attr]
    ]


def _action(name: str) -> Callable[[Any, HttpRequest, Any], HttpResponse | None]:
    """An action of the list for the rows that were ticked: it leads to the page that asks."""

    def act(admin: BulkActions, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        return admin.bulk_of_ticked(request, kind=name)

    return act


class BulkActions(Scoped, ModelAdmin):
    """The actions of a list of signatures. "Select across pages" is not obeyed: that is what a selection is for."""

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        return actions | {
            f"{kind.name}_selected": (_action(kind.name), f"{kind.name}_selected", kind.title)
            for kind in moves_for(request)
        }

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.bulk_view)
        return [path("bulk/<slug:kind>/", view, name="signatures_signature_bulk"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Offer with the list what can be done with all that match it."""
        answer = super().changelist_view(request, extra_context)
        if isinstance(answer, TemplateResponse) and answer.context_data and "cl" in answer.context_data:
            answer.context_data["all_that_match"] = _all_that_match(request, answer.context_data["cl"])
        return answer

    def bulk_of_ticked(self, request: HttpRequest, *, kind: str) -> HttpResponse | None:
        try:
            ids = self.chosen(request)
        except ValidationError:
            messages.error(request, _("That is not a list of signatures."))
            return None
        petitions = set(Signature.objects.filter(pk__in=ids).values_list("petition_id", flat=True))
        if len(petitions) != 1:
            messages.error(request, _("Choose signatures of one petition."))
            return None
        address = bulk_address(kind, Selection.of_ids(petitions.pop(), ids))
        return HttpResponseRedirect(f"{address}&{urlencode({'back': request.get_full_path()})}")

    def bulk_view(self, request: HttpRequest, kind: str) -> HttpResponse:
        """Say what will happen on GET, begin it on POST."""
        move = kinds().get(kind)
        if not isinstance(move, Moving):
            raise Http404
        if not request.user.has_perm(move.permission):  # type: ignore[union-attr]
            raise PermissionDenied
        view = asks_who_you_are(_ask_or_begin) if move.grave else _ask_or_begin
        return cast(HttpResponse, view(self, request, move))


def _all_that_match(request: HttpRequest, changes: SignaturePages) -> list[tuple[str, str]]:
    """What can be done with all that a list is narrowed to: words and addresses. One petition's, and not by an id."""
    narrowing = changes.narrowing
    only = next(iter(changes.slugs.values())) if len(changes.slugs) == 1 else None
    petition_id = narrowing.petition or only
    if petition_id is None or narrowing.id or FOUND in changes.params or not changes.result_list:
        return []
    back = urlencode({"back": request.get_full_path()})
    selection = narrowing.selection(petition_id)
    return [(str(kind.title), f"{bulk_address(kind.name, selection)}&{back}") for kind in moves_for(request)]


def _ask_or_begin(admin: BulkActions, request: HttpRequest, kind: Moving) -> HttpResponse:
    selection, petition = _asked_for(request)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        return _begin(request, kind, selection, petition=petition, reason=form.cleaned_data["reason"])
    selection = selection.frozen()
    taken = selection.narrowed(kind.move.states)
    rows = selection.rows().select_related("petition").order_by("-pk")
    context = admin.admin_site.each_context(request) | {
        "title": f"{kind.title}: {petition}",
        "kind": kind,
        "selection": json.dumps(selection.params()),
        "conditions": conditions(selection.params()),
        "matching": selection.count(),
        "taken": taken.count(),
        "sample": sample_of(rows) if request.user.has_perm("signatures.view_signature") else [],  # type: ignore[union-attr]
        "form": form,
        "back": _back(request),
    }
    return TemplateResponse(request, "admin/jobs/bulk.html", context, status=422 if form.errors else 200)


def _asked_for(request: HttpRequest) -> tuple[Selection, Petition]:
    """The selection in the request and its petition. Raises BadRequest for what is none, Http404 out of reach."""
    try:
        given = json.loads(request.POST.get("selection") or request.GET.get("selection") or "")
        selection = Selection.from_params(given)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise BadRequest("no selection") from error
    petition = petitions_for(request.user).filter(pk=selection.petition_id).first()
    if petition is None:
        raise Http404
    return selection, petition


def _back(request: HttpRequest) -> str:
    """The list that somebody came from; only its query is taken from the address."""
    given = request.POST.get("back") or request.GET.get("back") or ""
    query = given.partition("?")[2]
    return reverse("admin:signatures_signature_changelist") + (f"?{query}" if query else "")


def sample_of(rows: Any) -> list[dict[str, Any]]:
    """The first of `rows` as a page may show them: masked."""
    language = get_language() or "en"
    return [
        {
            "signed": row.created_at,
            "masked": masked(row),
            "state": row.get_state_display(),
            "country": "-" if row.state == Signature.State.ERASED else country_name(row.country, language),
        }
        for row in rows[:SAMPLE]
    ]


def _begin(
    request: HttpRequest, kind: Moving, selection: Selection, *, petition: Petition, reason: str
) -> HttpResponseRedirect:
    total = selection.count() if selection.ids is not None else selection.narrowed(kind.move.states).count()
    job = start_job(
        kind=kind.name,
        petition=petition,
        params={"selection": selection.frozen().params()},
        reason=reason,
        actor=cast(User, request.user),
        total=total,
    )
    if total is not None and total <= SMALL:
        run_now(job)
    here = reverse("admin:signatures_job_change", args=[job.pk])
    if job.state != Job.State.DONE:
        return HttpResponseRedirect(here)
    text = ngettext("%(what)s: %(count)s signature.", "%(what)s: %(count)s signatures.", job.done)
    said = text % {"what": kind.title, "count": figure(job.done, get_language() or "en")}
    messages.success(request, format_html('{} <a href="{}">{}</a>', said, here, _("See or undo it")))
    if job.skipped:
        messages.warning(request, _("The others stay as they are: their state does not allow it."))
    return HttpResponseRedirect(_back(request))
