"""Reveal: the page of one signature's name and address, after who you are and why."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from signatures.privacy.personal import Signer
from signatures.privacy.sealing import Unreadable

from ..reasons import ReasonForm, ask_reason
from .revealing import TooManyRevealsError, reveal, reveals_left


def reveal_signature(admin: Any, request: HttpRequest, object_id: str) -> HttpResponse:
    """Ask why (GET), then show name and address in this one answer (POST): not in its address, the session or a cache.

    Whoever reloads the page is asked by the browser whether to send the form again: that is another reveal.
    """
    if not request.user.has_perm("signatures.reveal_signature"):  # type: ignore[union-attr]
        raise PermissionDenied
    signature = admin.get_object(request, object_id)
    if signature is None:
        raise Http404
    actor_id = request.user.pk or 0
    back = reverse("admin:signatures_signature_change", args=[signature.pk])
    form = ReasonForm(request.POST if request.method == "POST" else None)
    problem = ""
    if form.is_bound and form.is_valid():
        try:
            signer = reveal(signature=signature, actor_id=actor_id, reason=form.cleaned_data["reason"])
            return _shown(admin, request, signer=signer, back=back)
        except TooManyRevealsError:
            problem = _too_many()
        except Unreadable:
            problem = _("Nothing can be shown: it was erased, or the key that it was sealed with is missing.")
    left = reveals_left(actor_id)
    if left <= 0:
        problem = problem or _too_many()
    allowance = ngettext("You may reveal %d more today.", "You may reveal %d more today.", max(left, 0)) % max(left, 0)
    return ask_reason(
        request,
        site=admin.admin_site,
        form=form,
        title=_("Reveal name and address"),
        explanation=_("They are shown once, to you. Who looked, when and why is recorded; what you see is not.")
        + f" {allowance}",
        submit=_("Reveal"),
        back=back,
        problem=problem,
    )


def _too_many() -> str:
    most = settings.DESK_REVEALS_A_DAY
    return (
        ngettext(
            "You have revealed %d signature within 24 hours, which is as many as one person may.",
            "You have revealed %d signatures within 24 hours, which is as many as one person may.",
            most,
        )
        % most
        + " "
        + _("Whoever needs many asks for an export.")
    )


def _shown(admin: Any, request: HttpRequest, *, signer: Signer, back: str) -> HttpResponse:
    context = admin.admin_site.each_context(request) | {
        "title": _("Revealed"),
        "opts": admin.opts,
        "name": signer.name,
        "email": signer.email,
        "left": max(reveals_left(request.user.pk or 0), 0),
        "back": back,
    }
    answer = TemplateResponse(request, "admin/signatures/signature/revealed.html", context)
    add_never_cache_headers(answer)
    return answer
