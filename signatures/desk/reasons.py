"""The page between a button and its effect: it says what will happen and asks why."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _


class ReasonForm(forms.Form):
    """Why. It is kept with who and when."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        help_text=_("Kept in the audit. Write no name and no address here."),
        widget=forms.TextInput(attrs={"class": "vTextField", "size": 60}),
    )

    def clean_reason(self) -> str:
        """An address would stand in the audit for ever, also after its owner's data is erased."""
        reason: str = self.cleaned_data["reason"]
        if "@" in reason:
            raise ValidationError(_("Write no e-mail address here: the audit is kept, whatever is erased."))
        return reason


def ask_reason(
    request: HttpRequest,
    *,
    site: AdminSite,
    form: ReasonForm,
    title: Any,
    explanation: Any,
    submit: Any,
    back: str,
    hidden: Iterable[tuple[str, str]] = (),
    problem: str = "",
) -> TemplateResponse:
    """The page itself. `hidden` are (name, value) pairs that the form carries on; `problem` is why it did not work."""
    context = site.each_context(request) | {
        "title": title,
        "explanation": explanation,
        "form": form,
        "submit": submit,
        "back": back,
        "hidden": list(hidden),
        "problem": problem,
    }
    failed = bool(problem) or (form.is_bound and not form.is_valid())
    return TemplateResponse(request, "admin/reason.html", context, status=422 if failed else 200)


def ask_and_do(
    request: HttpRequest,
    *,
    do: Callable[..., object],
    refusals: type[Exception] | tuple[type[Exception], ...],
    done: Any,
    back: str,
    form: ReasonForm | None = None,
    **page: Any,
) -> HttpResponse:
    """Ask why on GET; on POST call `do` with what the form holds, say `done` and go `back`.

    One of `refusals` is shown in its own words, and nothing that was typed is lost. `page` is for `ask_reason`.
    """
    form = form or ReasonForm(request.POST if request.method == "POST" else None)
    problem = ""
    if form.is_bound and form.is_valid():
        try:
            do(**form.cleaned_data)
        except refusals as error:
            problem = str(error)
        else:
            messages.success(request, done)
            return HttpResponseRedirect(back)
    return ask_reason(request, form=form, back=back, problem=problem, **page)
