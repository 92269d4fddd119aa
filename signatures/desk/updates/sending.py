"""An update mailed: tried out, sent to supporters, watched, paused and stopped."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from signatures.desk.audit.recorded import who
from signatures.desk.entrance.pages import asks_who_you_are
from signatures.desk.reasons import ReasonForm, ask_and_do
from signatures.models import CampaignUpdate, UpdateSending, UpdateTest
from signatures.sending.begin import SendingProblem, begin_sending, why_not_now
from signatures.sending.progress import progress_of
from signatures.sending.supporters import count_supporters
from signatures.sending.trial import ask_for_test
from signatures.sending.turn import pause_sending, resume_sending, stop_sending
from signatures.templatetags.languages import named_in

MAY_SEND = "signatures.send_campaignupdate"
TESTS = 5  # latest tests that are shown


class TestForm(forms.Form):
    """In which of the update's languages."""

    language = forms.ChoiceField(label=gettext_lazy("Language"))

    def __init__(self, update: CampaignUpdate, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codes = [text.language for text in update.texts.all()]
        codes.sort(key=lambda code: (code != update.original_language, code))
        choices = [(code, named_in(code, get_language() or "en")) for code in codes]
        self.fields["language"].choices = choices  # type: ignore[attr-defined]


class Mailed(admin.ModelAdmin):
    """The pages of an update that have to do with mailing it."""

    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        views = {
            "test": self.test_view,
            "send": self.send_view,
            "sending": self.sending_view,
            "pause": self.pause_view,
            "resume": self.resume_view,
            "stop": self.stop_view,
        }
        return [
            *(
                path(f"<uuid:update_id>/{name}/", wrap(view), name=f"signatures_campaignupdate_{name}")
                for name, view in views.items()
            ),
            *super().get_urls(),
        ]

    @admin.display(description=gettext_lazy("mailed"))
    def mailed(self, update: CampaignUpdate) -> str:
        sending = getattr(update, "sending", None)
        return sending.get_state_display() if sending else "–"

    def _update(self, request: HttpRequest, update_id: UUID, *, to_send: bool = True) -> CampaignUpdate:
        """The update, if the person reaches it and may do this with it."""
        update: CampaignUpdate | None = self.get_object(request, str(update_id))
        if update is None:
            raise Http404
        if not (who(request).has_perm(MAY_SEND) if to_send else self.has_view_permission(request, update)):
            raise PermissionDenied
        return update

    def _page(self, request: HttpRequest, name: str, *, failed: bool = False, **context: Any) -> HttpResponse:
        shared = self.admin_site.each_context(request)
        template = f"admin/signatures/campaignupdate/{name}.html"
        return TemplateResponse(request, template, shared | context, status=422 if failed else 200)

    # ---------------------------------------------------------------------------------------------------- try it out
    def test_view(self, request: HttpRequest, update_id: UUID) -> HttpResponse:
        update = self._update(request, update_id)
        form = TestForm(update, request.POST if request.method == "POST" else None)
        problem = ""
        if form.is_bound and form.is_valid():
            try:
                ask_for_test(update_id=update_id, language=form.cleaned_data["language"], actor=who(request))
            except SendingProblem as error:
                problem = str(error)
            else:
                messages.success(request, _("The test is on its way to you."))
                return HttpResponseRedirect(request.path)
        return self._page(
            request,
            "test",
            failed=bool(problem) or form.is_bound,
            title=_("Send a test to myself"),
            headline=self._headline(update),
            form=form,
            problem=problem,
            tests=[
                (test, named_in(test.language, get_language() or "en"))
                for test in UpdateTest.objects.filter(update=update, asked_by=who(request))[:TESTS]
            ],
            back=_change_page(update),
        )

    # ---------------------------------------------------------------------------------------------- send to supporters
    @asks_who_you_are
    def send_view(self, request: HttpRequest, update_id: UUID) -> HttpResponse:
        """Says how many people get it before it is done."""
        update = self._update(request, update_id)
        if UpdateSending.objects.filter(update=update).exists():
            return HttpResponseRedirect(_page_of(update, "sending"))
        form = ReasonForm(request.POST if request.method == "POST" else None)
        problem = ""
        if form.is_bound and form.is_valid():
            try:
                begin_sending(update_id=update_id, actor=who(request), reason=form.cleaned_data["reason"])
            except SendingProblem as error:
                problem = str(error)
            else:
                messages.success(request, _("It is being sent."))
                return HttpResponseRedirect(_page_of(update, "sending"))
        written = {text.language for text in update.texts.all()}
        people = count_supporters(update.petition_id)
        own = get_language() or "en"
        return self._page(
            request,
            "send",
            failed=bool(problem) or form.is_bound,
            title=_("Send the update to supporters"),
            headline=self._headline(update),
            form=form,
            problem=problem or why_not_now(update),
            can_send=not why_not_now(update) and bool(people),
            total=sum(people.values()),
            languages=[
                (named_in(code, own), number, named_in(code if code in written else update.original_language, own))
                for code, number in people.items()
            ],
            back=_change_page(update),
        )

    def sending_view(self, request: HttpRequest, update_id: UUID) -> HttpResponse:
        update = self._update(request, update_id, to_send=False)
        sending = UpdateSending.objects.filter(update=update).select_related("update").first()
        return self._page(
            request,
            "sending",
            title=_("Sending to supporters"),
            headline=self._headline(update),
            sending=sending,
            progress=progress_of(sending) if sending else None,
            withdrawn=update.published_at is None,
            may_turn=who(request).has_perm(MAY_SEND),
            update=update,
            back=_change_page(update),
        )

    def pause_view(self, request: HttpRequest, update_id: UUID) -> HttpResponse:
        return self._turn_sending(
            request,
            update_id,
            rule=pause_sending,
            title=_("Pause the sending"),
            explanation=_("No more mail of it goes out until you resume it. Everybody else's turn comes then."),
            done=_("The sending is paused."),
        )

    def resume_view(self, request: HttpRequest, update_id: UUID) -> HttpResponse:
        return self._turn_sending(
            request,
            update_id,
            rule=resume_sending,
            title=_("Resume the sending"),
            explanation=_("It goes on where it was. Nobody gets the update twice."),
            done=_("The sending goes on."),
        )

    def stop_view(self, request: HttpRequest, update_id: UUID) -> HttpResponse:
        return self._turn_sending(
            request,
            update_id,
            rule=stop_sending,
            title=_("Stop the sending for good"),
            explanation=_("Whoever has not got the update yet never gets it, and it cannot be sent again."),
            done=_("The sending is stopped."),
        )

    def _turn_sending(
        self,
        request: HttpRequest,
        update_id: UUID,
        *,
        rule: Callable[..., Any],
        title: str,
        explanation: str,
        done: str,
    ) -> HttpResponse:
        update = self._update(request, update_id)
        return ask_and_do(
            request,
            site=self.admin_site,
            do=partial(rule, update_id=update_id, actor=who(request)),
            refusals=SendingProblem,
            title=f"{title}: {self._headline(update)}",
            explanation=explanation,
            submit=title,
            done=done,
            back=_page_of(update, "sending"),
        )

    def _headline(self, update: CampaignUpdate) -> str:
        return str(self.headline(update))  # type: ignore[attr-defined]


def _change_page(update: CampaignUpdate) -> str:
    return reverse("admin:signatures_campaignupdate_change", args=[update.pk])


def _page_of(update: CampaignUpdate, name: str) -> str:
    return reverse(f"admin:signatures_campaignupdate_{name}", args=[update.pk])
