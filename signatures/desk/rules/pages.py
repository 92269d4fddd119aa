"""Rules at the desk: their list, and the pages that show what one would do before it does it."""

from __future__ import annotations

import uuid
from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from signatures.desk.audit.recorded import Recorded, who
from signatures.desk.entrance.pages import asks_who_you_are
from signatures.desk.jobs.bulk import SAMPLE, sample_of
from signatures.desk.jobs.start import start_job
from signatures.desk.lists.filters import PetitionFilter
from signatures.desk.lists.listing import Listed, Pages
from signatures.desk.people.scope import Scoped
from signatures.desk.reasons import ReasonForm
from signatures.desk.site import desk
from signatures.models import Rule
from signatures.templatetags.figures import figure

from .form import CONDITIONS, RuleForm
from .held import count_held, held_address
from .kind import ByRule, kind_for
from .matching import conditions_of, selection_of, with_such_names
from .watch import WatchForm, WatchProblem, begin_watching, stop_page, stop_watching

LOOKED_AT = 1000  # names unsealed for the preview, at most


@admin.register(Rule, site=desk)
class RuleAdmin(Scoped, Recorded, Listed):
    form = RuleForm
    list_display = ("name", "petition", "action", "said", "watching", "holds", "last_run_at", "run_link")
    list_select_related = ("petition",)
    list_filter = (PetitionFilter,)
    readonly_fields = ("mail_domain", "created_at", "watching", "watch_links", "holds", "last_run_at", "run_link")

    def get_fieldsets(self, request: HttpRequest, obj: Rule | None = None) -> Any:
        domain = "mail_domain" if obj else "domain"
        explained = gettext_lazy("A signature has to meet all that are given.")
        sets = [
            (None, {"fields": ("petition", "name", "action")}),
            (gettext_lazy("Conditions"), {"fields": (domain, *CONDITIONS), "description": explained}),
        ]
        life = ("created_at", "last_run_at", "run_link", "watching", "watch_links", "holds")
        return [*sets, (gettext_lazy("Life"), {"fields": life})] if obj else sets

    def get_readonly_fields(self, request: HttpRequest, obj: Rule | None = None) -> tuple[str, ...]:
        return ("petition", *self.readonly_fields) if obj else self.readonly_fields

    @admin.display(description=gettext_lazy("conditions"))
    def said(self, rule: Rule) -> str:
        return "; ".join(f"{label}: {value}" for label, value in conditions_of(rule))

    @admin.display(description=gettext_lazy("mail domain"))
    def mail_domain(self, rule: Rule) -> str:
        return _("one mail domain") if rule.domain_index else "-"

    @admin.display(description=gettext_lazy("run"))
    def run_link(self, rule: Rule) -> str:
        address = reverse("admin:signatures_rule_run", args=[rule.pk])
        return format_html('<a href="{}">{}</a>', address, _("Look at what it would do"))

    @admin.display(description=gettext_lazy("watches until"))
    def watching(self, rule: Rule) -> str:
        return date_format(localtime(rule.watches_until), "DATETIME_FORMAT") if rule.watches else "-"

    @admin.display(description=gettext_lazy("new signatures"))
    def watch_links(self, rule: Rule) -> str:
        """Where a watch begins and ends: pages of their own, which ask why."""
        if rule.action != Rule.Action.HOLD:
            return _("Only a rule that holds can watch.")
        links = [(reverse("admin:signatures_rule_watch", args=[rule.pk]), _("Watch for new ones…"))]
        if rule.watches:
            links.append((reverse("admin:signatures_rule_stop", args=[rule.pk]), _("Stop watching…")))
        return format_html_join(" · ", '<a href="{}">{}</a>', links)

    @admin.display(description=gettext_lazy("held as they came"))
    def holds(self, rule: Rule) -> str:
        """How many it holds of those it met as they were made, and their list."""
        if rule.watches_until is None:
            return "-"
        number = rule.held_now if hasattr(rule, "held_now") else count_held([rule])[rule.pk]
        said = figure(number, get_language() or "en")
        return format_html('<a href="{}">{}</a>', held_address(rule), said) if number else said

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return RulePages

    def save_model(self, request: HttpRequest, obj: Rule, form: Any, change: bool) -> None:
        """Write only what was edited: a run may note itself at the same moment."""
        if not change:
            super().save_model(request, obj, form, change)
        elif changed := [name for name in form.changed_data if name in form.fields and name != "domain"]:
            obj.edition = uuid.uuid4()
            obj.save(update_fields=[*changed, "edition"])
            why = "its conditions were changed"
            if changed != ["name"] and stop_watching(rule_id=obj.pk, reason=why, actor=who(request)):
                messages.warning(request, _("It does not watch any more: what was looked at is not what it is now."))

    # ------------------------------------------------------------------------------------------------------- run
    def get_urls(self) -> list[Any]:
        pages = {"run": self.run_view, "watch": self.watch_view, "stop": self.stop_view}
        view = self.admin_site.admin_view
        ours = [
            path(f"<uuid:rule_id>/{name}/", view(page), name=f"signatures_rule_{name}") for name, page in pages.items()
        ]
        return [*ours, *super().get_urls()]

    def _for_who_may(self, request: HttpRequest, rule_id: uuid.UUID) -> tuple[Rule, ByRule]:
        """The rule, for those who may change it and do what it does."""
        rule = self.get_queryset(request).select_related("petition").filter(pk=rule_id).first()
        if not self.has_change_permission(request, rule):
            raise PermissionDenied
        if rule is None:
            raise Http404
        kind = kind_for(rule)
        if not who(request).has_perm(kind.permission):
            raise PermissionDenied
        return rule, kind

    def run_view(self, request: HttpRequest, rule_id: uuid.UUID) -> HttpResponse:
        """Show what would happen on GET, begin it on POST."""
        rule, kind = self._for_who_may(request, rule_id)
        view = asks_who_you_are(_ask_or_begin) if kind.grave else _ask_or_begin
        return cast(HttpResponse, view(self, request, rule, kind))

    def watch_view(self, request: HttpRequest, rule_id: uuid.UUID) -> HttpResponse:
        """Show what it would hold on GET, let it watch on POST."""
        rule, kind = self._for_who_may(request, rule_id)
        if rule.action != Rule.Action.HOLD:
            raise Http404
        return _ask_or_watch(self, request, rule, kind)

    def stop_view(self, request: HttpRequest, rule_id: uuid.UUID) -> HttpResponse:
        """Ask why on GET, stop the watch on POST."""
        rule, _kind = self._for_who_may(request, rule_id)
        return stop_page(request, site=self.admin_site, rule=rule)


class RulePages(Pages):
    """A page of rules, with how many signatures each holds asked for at once."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        held = count_held(self.result_list)
        for rule in self.result_list:
            rule.held_now = held.get(rule.pk, 0)


def _ask_or_begin(admin: RuleAdmin, request: HttpRequest, rule: Rule, kind: ByRule) -> HttpResponse:
    form = ReasonForm(request.POST if request.method == "POST" else None)
    problem = _changed(request, rule)
    if form.is_bound and form.is_valid() and not problem and not rule.network:
        return _begin(request, rule, kind, reason=form.cleaned_data["reason"])
    context = _page(admin, request, rule, kind, form=form, problem=problem) | {
        "title": f"{kind.title}: {rule.name}",
        "explanation": kind.of.explanation,
        "submit": kind.title,
    }
    return TemplateResponse(request, "admin/rules/run.html", context, status=422 if form.is_bound else 200)


def _ask_or_watch(admin: RuleAdmin, request: HttpRequest, rule: Rule, kind: ByRule) -> HttpResponse:
    form = WatchForm(request.POST if request.method == "POST" else None)
    problem = _changed(request, rule)
    if form.is_bound and form.is_valid() and not problem:
        try:
            begin_watching(rule_id=rule.pk, edition=rule.edition, actor=who(request), **form.cleaned_data)
        except WatchProblem as error:
            problem = str(error)
        else:
            messages.success(request, _("The rule watches for new signatures."))
            return HttpResponseRedirect(reverse("admin:signatures_rule_change", args=[rule.pk]))
    context = _page(admin, request, rule, kind, form=form, problem=problem) | {
        "title": _("Watch for new ones: %(rule)s") % {"rule": rule.name},
        "submit": _("Watch for new ones"),
    }
    return TemplateResponse(request, "admin/rules/watch.html", context, status=422 if form.is_bound else 200)


def _changed(request: HttpRequest, rule: Rule) -> str:
    """What is said when the rule is not any more what was looked at."""
    changed = request.method == "POST" and request.POST.get("edition") != str(rule.edition)
    return _("The rule was changed meanwhile. Look at it again.") if changed else ""


def _page(
    admin: RuleAdmin, request: HttpRequest, rule: Rule, kind: ByRule, *, form: ReasonForm, problem: str
) -> dict[str, Any]:
    """What both pages show: the conditions, and what meets them already."""
    seen: dict[str, Any] = {} if rule.network else _preview(rule, kind)
    return (
        admin.admin_site.each_context(request)
        | seen
        | {
            "rule": rule,
            "conditions": conditions_of(rule),
            "form": form,
            "problem": problem,
            "may_see": who(request).has_perm("signatures.view_signature"),
            "back": reverse("admin:signatures_rule_change", args=[rule.pk]),
        }
    )


def _preview(rule: Rule, kind: ByRule) -> dict[str, Any]:
    """What the rule would take: a bounded count, or with a name how many of the newest that were looked at."""
    selection = selection_of(rule).narrowed(kind.of.move.states)
    rows = selection.rows().order_by("-pk")
    if not rule.reads_names:
        return {"matching": selection.count(), "sample": sample_of(rows)}
    newest = list(rows[:LOOKED_AT])
    found, unreadable = with_such_names(rule, newest)
    return {"looked_at": len(newest), "matching": len(found), "sample": sample_of(found[:SAMPLE]), "lost": unreadable}


def _begin(request: HttpRequest, rule: Rule, kind: ByRule, *, reason: str) -> HttpResponseRedirect:
    selection = selection_of(rule)
    total = None if rule.reads_names else selection.narrowed(kind.of.move.states).count()
    with transaction.atomic():
        job = start_job(
            kind=kind.name,
            petition=rule.petition,
            params={
                "rule": str(rule.pk),
                "edition": str(rule.edition),
                "selection": selection.frozen().params(),
            },
            reason=reason,
            actor=who(request),
            total=total,
        )
        Rule.objects.filter(pk=rule.pk).update(last_run_at=timezone.now(), last_job=job)
    return HttpResponseRedirect(reverse("admin:signatures_job_change", args=[job.pk]))
