"""Rules at the desk: their list and form, and the page that shows what one would do before it does it."""

from __future__ import annotations

import uuid
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from signatures.desk.entrance import asks_who_you_are
from signatures.desk.filters import PetitionFilter
from signatures.desk.jobs.bulk import SAMPLE, sample_of
from signatures.desk.jobs.start import start_job
from signatures.desk.listing import Listed
from signatures.desk.reasons import ReasonForm
from signatures.desk.recorded import Recorded, who
from signatures.desk.scope import Scoped
from signatures.desk.site import desk
from signatures.models import Rule
from signatures.privacy.indexes import domain_index
from signatures.signing.countries import NOT_SAID, country_name, country_names

from .kind import ByRule, kind_for
from .matching import conditions_of, selection_of, with_such_names

LOOKED_AT = 1000  # names unsealed for the preview, at most
_CONDITIONS = ("country", "signed_from", "signed_before", "source", "name_pattern", "name_looks")


class RuleForm(forms.ModelForm):
    domain = forms.CharField(
        label=gettext_lazy("mail domain"),
        max_length=253,
        required=False,
        help_text=gettext_lazy("Kept scrambled: it cannot be read or changed afterwards."),
    )
    country = forms.ChoiceField(label=gettext_lazy("country"), required=False)

    class Meta:
        help_texts = {
            "name": gettext_lazy("What staff call the wave. Write no address here."),
            "name_pattern": gettext_lazy(
                "* stands for anything; capitals do not matter. Rather a part than the name of one person."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "country" in self.fields:
            language = get_language() or "en"
            choices = [("", "---------"), (NOT_SAID, country_name(None, language)), *country_names(language)]
            cast(forms.ChoiceField, self.fields["country"]).choices = choices

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if "@" in name:
            raise ValidationError(_("Write no e-mail address here."))
        return name

    def clean_domain(self) -> str:
        """Take the domain into the rule as its index."""
        domain: str = self.cleaned_data["domain"].strip().lstrip("@")
        if not domain:
            return ""
        if "@" in domain or "." not in domain or " " in domain:
            raise ValidationError(_("That is not a mail domain."))
        try:
            self.instance.domain_index = domain_index(domain)
        except UnicodeError as error:
            raise ValidationError(_("That is not a mail domain.")) from error
        return domain

    def clean_name_pattern(self) -> str:
        pattern: str = self.cleaned_data["name_pattern"].strip()
        if pattern and not pattern.strip("* "):
            raise ValidationError(_("Write some letters beside the *: this is every name."))
        return pattern

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        begins, ends = given.get("signed_from"), given.get("signed_before")
        for field, moment in (("signed_from", begins), ("signed_before", ends)):
            if moment and moment.timestamp() < 0:
                self.add_error(field, _("That is too long ago."))
        if begins and ends and begins >= ends:
            self.add_error("signed_before", _("That is before it begins."))
        if not self.errors and not self.instance.domain_index and not any(given.get(each) for each in _CONDITIONS):
            raise ValidationError(_("Give at least one condition: without any it would take every signature."))
        return given


@admin.register(Rule, site=desk)
class RuleAdmin(Scoped, Recorded, Listed):
    form = RuleForm
    list_display = ("name", "petition", "action", "said", "last_run_at", "run_link")
    list_select_related = ("petition",)
    list_filter = (PetitionFilter,)
    readonly_fields = ("mail_domain", "created_at", "last_run_at", "run_link")

    def get_fieldsets(self, request: HttpRequest, obj: Rule | None = None) -> Any:
        domain = "mail_domain" if obj else "domain"
        explained = gettext_lazy("A signature has to meet all that are given.")
        sets = [
            (None, {"fields": ("petition", "name", "action")}),
            (gettext_lazy("Conditions"), {"fields": (domain, *_CONDITIONS), "description": explained}),
        ]
        return [*sets, (gettext_lazy("Life"), {"fields": ("created_at", "last_run_at", "run_link")})] if obj else sets

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

    def save_model(self, request: HttpRequest, obj: Rule, form: Any, change: bool) -> None:
        """Write only what was edited: a run may note itself at the same moment."""
        if not change:
            super().save_model(request, obj, form, change)
        elif changed := [name for name in form.changed_data if name in form.fields and name != "domain"]:
            obj.edition = uuid.uuid4()
            obj.save(update_fields=[*changed, "edition"])

    # ------------------------------------------------------------------------------------------------------- run
    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.run_view)
        return [path("<uuid:rule_id>/run/", view, name="signatures_rule_run"), *super().get_urls()]

    def run_view(self, request: HttpRequest, rule_id: uuid.UUID) -> HttpResponse:
        """Show what would happen on GET, begin it on POST."""
        rule = self.get_queryset(request).select_related("petition").filter(pk=rule_id).first()
        if not self.has_change_permission(request, rule):
            raise PermissionDenied
        if rule is None:
            raise Http404
        kind = kind_for(rule)
        if not who(request).has_perm(kind.permission):
            raise PermissionDenied
        view = asks_who_you_are(_ask_or_begin) if kind.of.grave else _ask_or_begin
        return cast(HttpResponse, view(self, request, rule, kind))


def _ask_or_begin(admin: RuleAdmin, request: HttpRequest, rule: Rule, kind: ByRule) -> HttpResponse:
    form = ReasonForm(request.POST if request.method == "POST" else None)
    changed = form.is_bound and request.POST.get("edition") != str(rule.edition)
    if form.is_bound and form.is_valid() and not changed:
        return _begin(request, rule, kind, reason=form.cleaned_data["reason"])
    context = admin.admin_site.each_context(request) | _preview(rule, kind)
    context |= {
        "title": f"{kind.title}: {rule.name}",
        "rule": rule,
        "kind": kind,
        "conditions": conditions_of(rule),
        "form": form,
        "changed": changed,
        "may_see": who(request).has_perm("signatures.view_signature"),
        "back": reverse("admin:signatures_rule_change", args=[rule.pk]),
    }
    return TemplateResponse(request, "admin/rules/run.html", context, status=422 if changed or form.errors else 200)


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
