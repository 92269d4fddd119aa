"""The search box: posted, so that an address that was typed stands in no URL, log or history."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from signatures.desk.audit.recorded import record
from signatures.desk.lists.listing import FOUND
from signatures.desk.people.scope import petitions_for

from .finding import Found, find
from .pages import list_address
from .understanding import Understood, understand
from .words import in_words


def find_signatures(admin: Any, request: HttpRequest) -> HttpResponse:
    """Understand what was typed and lead to the list of it.

    What names nobody becomes the list's parameters, the same as the choices beside it. An address needs the permission
    to find somebody and is recorded, without itself. What was not understood is said in the answer and kept nowhere: it
    may be a name.
    """
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if not admin.has_view_permission(request):
        raise PermissionDenied
    language = get_language() or "en"
    reached = petitions_for(request.user)
    slugs = dict(reached.values_list("slug", "pk"))
    text = request.POST.get("q", "")
    understood = understand(text, language=language, petitions=slugs)
    if understood.personal and not request.user.has_perm("signatures.find_signature"):  # type: ignore[union-attr]
        raise PermissionDenied
    if understood.unknown or understood.twice or not understood:
        return _say(admin, request, understood, text=text, slugs=slugs, language=language)
    if understood.domain:
        record(request, action="search", kind="mail domain")
    if not understood.address:
        return HttpResponseRedirect(list_address(understood.narrowing))
    found = find(understood.address, among=reached)
    ids = [*found.exact, *found.same_person]
    record(request, action="search", kind="signature", count=len(ids))
    _tell(request, found)
    if not ids:
        return HttpResponseRedirect(list_address(understood.narrowing))
    return HttpResponseRedirect(list_address(understood.narrowing, **{FOUND: ",".join(map(str, ids))}))


def _say(
    admin: Any, request: HttpRequest, understood: Understood, *, text: str, slugs: dict[str, int], language: str
) -> HttpResponse:
    """What was understood and what was not, with examples. Nothing of it is stored or redirected."""
    narrowing = understood.narrowing
    petition = next((slug for slug, pk in slugs.items() if pk == narrowing.petition), "")
    context = admin.admin_site.each_context(request) | {
        "title": _("Find signatures"),
        "opts": admin.opts,
        "typed": text,
        "unknown": understood.unknown,
        "twice": understood.twice,
        "understood": in_words(narrowing, language=language, petition=petition, domain=understood.domain)
        if narrowing
        else "",
        # Never with a domain: what was searched is recorded when it is found.
        "address": list_address(narrowing) if narrowing and not understood.personal else "",
        "back": reverse("admin:signatures_signature_changelist"),
    }
    return TemplateResponse(request, "admin/signatures/signature/not_understood.html", context, status=422)


def _tell(request: HttpRequest, found: Found) -> None:
    if found.exact:
        text = ngettext("%d signature matches exactly.", "%d signatures match exactly.", len(found.exact))
        messages.success(request, text % len(found.exact))
    if found.same_person:
        text = ngettext(
            "%d signature is by the same person, who spelled the address otherwise.",
            "%d signatures are by the same person, who spelled the address otherwise.",
            len(found.same_person),
        )
        messages.warning(request, text % len(found.same_person))
    if not found.exact and not found.same_person:
        messages.warning(request, _("No signature with this address."))
    if found.suppressed:
        address = f"{reverse('admin:signatures_suppression_changelist')}?{FOUND}={','.join(map(str, found.suppressed))}"
        text = _("This address said “I did not sign this”; we do not write to it.")
        messages.warning(request, format_html('{} <a href="{}">{}</a>', text, address, _("See the suppression")))
