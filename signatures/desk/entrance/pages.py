"""The way into the desk: password, second factor, and the same once more before what cannot be undone."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_otp.plugins.otp_static.models import StaticDevice

from signatures.desk.audit.recorded import record

from .second_factor import CodeForm, enrol, enrolment, has_device, is_verified, verify, wrong_code

CONFIRMED = "identity_confirmed_at"  # in the session: seconds since the epoch

View = Callable[..., HttpResponseBase | None]


class PasswordForm(CodeForm):
    """Password and code once more."""

    field_order = ["password", "code"]
    password = forms.CharField(
        label=gettext_lazy("Password"), widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )


def _next(request: HttpRequest) -> str:
    """Where the person wanted to go; the desk's own first page for any address that is not ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if ours else reverse("admin:index")


def _person(request: HttpRequest) -> User:
    """Who is logged in, without the wrapping that the middleware puts around them."""
    return User.objects.get(username=request.user.get_username())


def _page(request: HttpRequest, *, site: Any, template: str, status: int = 200, **context: Any) -> HttpResponse:
    shared = {**site.each_context(request), "next": _next(request), "has_permission": False, "is_popup": False}
    return TemplateResponse(request, f"admin/entrance/{template}.html", shared | context, status=status)


def second_factor(request: HttpRequest, *, site: Any) -> HttpResponse:
    """Ask for the code, or set a device up. Only after the password, and never again in the same session."""
    if not getattr(request.user, "is_staff", False):
        return HttpResponseRedirect(reverse("admin:login"))
    if is_verified(request):
        return HttpResponseRedirect(_next(request))
    person = _person(request)
    form = CodeForm(request.POST if request.method == "POST" else None)
    if not has_device(person):
        return _set_up(request, person, form, site=site)
    if form.is_bound and form.is_valid():
        if device := verify(request, code=form.cleaned_data["code"]):
            _now_it_is_they(request)
            if isinstance(device, StaticDevice):
                record(request, action="recovery code", on=person)
            return HttpResponseRedirect(_next(request))
        form.add_error("code", wrong_code(person))
    return _page(
        request,
        site=site,
        template="code",
        status=422 if form.errors else 200,
        form=form,
        title=_("Second step"),
    )


def _set_up(request: HttpRequest, person: User, form: CodeForm, *, site: Any) -> HttpResponse:
    if form.is_bound and form.is_valid():
        if codes := enrol(request, code=form.cleaned_data["code"]):
            _now_it_is_they(request)
            record(request, action="second factor", on=person)
            return _page(request, site=site, template="recovery", codes=codes, title=_("Keep these recovery codes"))
        form.add_error("code", _("This code is not right. Check that the clock of your device is."))
    return _page(
        request,
        site=site,
        template="set_up",
        status=422 if form.errors else 200,
        form=form,
        enrolment=enrolment(person),
        title=_("Set up the second step"),
    )


def confirm_identity(request: HttpRequest, *, site: Any) -> HttpResponse:
    """Password and code once more, for what cannot be undone."""
    person = _person(request)
    form = PasswordForm(request.POST if request.method == "POST" else None)
    if not settings.DESK_SECOND_FACTOR:
        del form.fields["code"]
    if form.is_bound and form.is_valid():
        known = authenticate(request, username=person.get_username(), password=form.cleaned_data["password"])
        if known is None:
            form.add_error("password", _("This password is not right."))
        elif settings.DESK_SECOND_FACTOR and not verify(request, code=form.cleaned_data["code"]):
            form.add_error("code", wrong_code(person))
        else:
            _now_it_is_they(request)
            return HttpResponseRedirect(_next(request))
    return _page(
        request,
        site=site,
        template="confirm",
        status=422 if form.errors else 200,
        form=form,
        title=_("Confirm that it is you"),
    )


def _now_it_is_they(request: HttpRequest) -> None:
    """Note when, under a new key: whoever knew the session's old one is left with nothing."""
    request.session.cycle_key()
    request.session[CONFIRMED] = time.time()


def identity_is_fresh(request: HttpRequest) -> bool:
    """Whether password and code were given within DESK_SUDO_SECONDS."""
    since = request.session.get(CONFIRMED, 0)
    return bool(0 <= time.time() - since < settings.DESK_SUDO_SECONDS)


def asks_who_you_are(view: View) -> Callable[..., Any]:
    """Before the view: password and code again, unless they were given a short while ago.

    Asked on GET, so that nothing typed is lost; a form that is sent after the time is sent anew.
    """

    @functools.wraps(view)
    def guarded(admin: Any, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if identity_is_fresh(request):
            return view(admin, request, *args, **kwargs)
        return ask_who_you_are(then=request.get_full_path())

    return guarded


def ask_who_you_are(*, then: str) -> HttpResponseRedirect:
    """To the page that asks for password and code, and from there on to an address that can be looked at."""
    return HttpResponseRedirect(f"{reverse('admin:confirm_identity')}?{urlencode({'next': then})}")
