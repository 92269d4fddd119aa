"""The steps of a petition's life: each has a page that says what it does and asks why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django import forms
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from signatures.desk.reasons import ReasonForm, ask_and_do
from signatures.letters import lifecycle
from signatures.letters.lifecycle import LifecycleProblem
from signatures.models import Petition

State = Petition.State


def _moment(**how: Any) -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(widget=widget, **how)


class ScheduleForm(ReasonForm):
    field_order = ("opens_at", "closes_at", "reason")
    opens_at = _moment(label=_("Opens at (UTC)"))
    closes_at = _moment(label=_("Closes at (UTC)"), required=False, help_text=_("Empty: somebody closes it."))


class ClosingForm(ReasonForm):
    field_order = ("closes_at", "reason")
    closes_at = _moment(label=_("Closes at (UTC)"), required=False, help_text=_("Empty: somebody closes it."))


class PauseForm(ReasonForm):
    field_order = ("words", "reason")
    words = forms.CharField(
        label=_("What readers are told"),
        max_length=300,
        required=False,
        help_text=_(
            "Stands on the letter's page as you write it: use its original language. Empty: only that it is paused."
        ),
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
    )


class DeliveryForm(ReasonForm):
    field_order = ("on", "reason")
    on = forms.DateField(
        label=_("Delivered on"),
        help_text=_("Readers see this day."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


@dataclass(frozen=True, slots=True)
class Step:
    """One step as the desk offers it. The form's fields are the rule's own arguments."""

    name: str  # of its address
    rule: Callable[..., Petition]
    offered_in: tuple[str, ...]
    button: Any
    title: Any
    explanation: Any
    done: Any
    may: str = "run"  # the permission it takes
    when: Callable[[Petition], bool] = field(default=lambda _petition: True)
    form: type[ReasonForm] = ReasonForm
    starts_with: Callable[[Petition], dict[str, Any]] = field(default=lambda _petition: {})


LIFE = {
    step.name: step
    for step in (
        Step(
            name="schedule",
            rule=lifecycle.schedule_petition,
            offered_in=(State.DRAFT, State.SCHEDULED),
            button=_("Schedule…"),
            title=_("Schedule the petition"),
            explanation=_("It stays hidden until then, and opens by itself. Until it opens you can set other times."),
            done=_("The petition is scheduled."),
            form=ScheduleForm,
            starts_with=lambda petition: {"opens_at": petition.opens_at, "closes_at": petition.closes_at},
        ),
        Step(
            name="unschedule",
            rule=lifecycle.unschedule_petition,
            offered_in=(State.SCHEDULED,),
            button=_("Back to draft…"),
            title=_("Make the petition a draft again"),
            explanation=_("It does not open by itself any more."),
            done=_("The petition is a draft."),
        ),
        Step(
            name="open",
            rule=lifecycle.open_petition,
            offered_in=(State.DRAFT, State.SCHEDULED),
            button=_("Open…"),
            title=_("Open the petition"),
            explanation=_("Its page becomes public and people can sign it."),
            done=_("The petition is open."),
        ),
        Step(
            name="pause",
            rule=lifecycle.pause_petition,
            offered_in=(State.OPEN,),
            button=_("Pause…"),
            title=_("Pause the petition"),
            explanation=_(
                "The letter stays readable and takes no signatures; those made before can still be confirmed."
            ),
            done=_("The petition is paused."),
            form=PauseForm,
        ),
        Step(
            name="resume",
            rule=lifecycle.resume_petition,
            offered_in=(State.PAUSED,),
            button=pgettext_lazy("petition", "Resume…"),
            title=_("Resume the petition"),
            explanation=_("People can sign it again."),
            done=_("The petition is open."),
        ),
        Step(
            name="closing",
            rule=lifecycle.plan_closing,
            offered_in=(State.OPEN, State.PAUSED),
            button=_("Closing time…"),
            title=_("Set when the petition closes"),
            explanation=_("It closes by itself then."),
            done=_("The closing time is set."),
            form=ClosingForm,
            starts_with=lambda petition: {"closes_at": petition.closes_at},
        ),
        Step(
            name="close",
            rule=lifecycle.close_petition,
            offered_in=(State.OPEN, State.PAUSED),
            button=_("Close…"),
            title=_("Close the petition"),
            explanation=_("Its page stays public and takes no more signatures. It can be opened again."),
            done=_("The petition is closed."),
        ),
        Step(
            name="reopen",
            rule=lifecycle.reopen_petition,
            offered_in=(State.CLOSED,),
            button=_("Open again…"),
            title=_("Open the petition again"),
            explanation=_("People can sign it again."),
            done=_("The petition is open."),
        ),
        Step(
            name="deliver",
            rule=lifecycle.deliver_petition,
            offered_in=(State.CLOSED,),
            button=_("Delivered…"),
            title=_("The letter was delivered"),
            explanation=_("The page says so. From now on nobody can confirm a signature any more."),
            done=_("The letter is delivered."),
            form=DeliveryForm,
            starts_with=lambda _petition: {"on": timezone.now().date()},
        ),
        Step(
            name="undeliver",
            rule=lifecycle.undo_delivery,
            offered_in=(State.DELIVERED,),
            button=_("Not delivered…"),
            title=_("The letter was not delivered"),
            explanation=_("The petition is closed again, as it was before."),
            done=_("The petition is closed."),
        ),
    )
}


def step_page(request: HttpRequest, *, site: AdminSite, petition: Petition, step: Step) -> HttpResponse:
    """The page of one step, for who may take it."""
    return ask_and_do(
        request,
        site=site,
        do=partial(step.rule, petition_id=petition.pk, actor=request.user),
        refusals=LifecycleProblem,
        form=step.form(request.POST if request.method == "POST" else None, initial=step.starts_with(petition)),
        title=f"{step.title}: {petition.slug}",
        explanation=step.explanation,
        submit=step.title,
        done=step.done,
        back=reverse("admin:signatures_petition_change", args=[petition.pk]),
    )
