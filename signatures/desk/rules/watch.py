"""Letting a rule watch for new signatures, and stopping it. A watch ends by itself: the time decides, no task."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from uuid import UUID

from django import forms
from django.contrib.admin import AdminSite
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from signatures.desk.audit.recorded import who
from signatures.desk.reasons import ReasonForm, ask_and_do
from signatures.models import AuditEntry, Rule
from signatures.signing.guard.watching import forget

DAYS = (1, 7, 30)


class WatchProblem(Exception):
    """Why a rule does not watch, in words for staff."""


def _periods() -> list[tuple[int, str]]:
    return [(days, ngettext("%d day", "%d days", days) % days) for days in DAYS]


class WatchForm(ReasonForm):
    """How long, and why."""

    field_order = ("days", "reason")
    days = forms.TypedChoiceField(label=gettext_lazy("How long"), coerce=int, choices=_periods)


def begin_watching(*, rule_id: UUID, edition: UUID, days: int, reason: str, actor: User) -> None:
    """Let a rule hold new signatures for `days` from now, if it is still as it was looked at (`edition`).

    The UPDATE decides: a change of the rule at the same moment either comes before and draws another edition, or waits
    for this and ends the watch. Raises WatchProblem.
    """
    now = timezone.now()
    with transaction.atomic():
        asked = Rule.objects.filter(pk=rule_id, edition=edition, action=Rule.Action.HOLD)
        if not asked.update(watches_until=now + timedelta(days=days)):
            raise WatchProblem(_("The rule was changed meanwhile. Look at it again."))
        if asked.filter(signed_before__lte=now).exists():
            raise WatchProblem(_("The time of signing that it asks for is over: no new signature can match."))
        _record(rule_id, action="watch", reason=f"{days} days: {reason}", actor=actor)
    transaction.on_commit(forget)


def stop_watching(*, rule_id: UUID, reason: str, actor: User) -> bool:
    """End a rule's watch now; whether there was one. What it held stays held."""
    now = timezone.now()
    with transaction.atomic():
        stopped = Rule.objects.filter(pk=rule_id, watches_until__gt=now).update(watches_until=now)
        if stopped:
            _record(rule_id, action="stop watching", reason=reason, actor=actor)
    transaction.on_commit(forget)
    return bool(stopped)


def _record(rule_id: UUID, *, action: str, reason: str, actor: User) -> None:
    AuditEntry.objects.create(
        actor=actor, action=action, object_type="rule", object_id=str(rule_id), reason=reason[:200]
    )


def stop_page(request: HttpRequest, *, site: AdminSite, rule: Rule) -> HttpResponse:
    """Ask why on GET, stop on POST."""
    return ask_and_do(
        request,
        site=site,
        do=partial(stop_watching, rule_id=rule.pk, actor=who(request)),
        refusals=WatchProblem,
        title=_("Stop watching: %(rule)s") % {"rule": rule.name},
        explanation=_("New signatures are taken as if there were no such rule. What it held stays held."),
        submit=_("Stop watching"),
        done=_("The rule does not watch any more."),
        back=reverse("admin:signatures_rule_change", args=[rule.pk]),
    )
