"""My signature, by its link: see it, change the choices, take it away as a file, withdraw, erase; and a lost link.

As with every link, GET shows and POST acts.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from petition.caching import publicly_cached
from signatures.letters.read import PublishedPetition
from signatures.mail.relink import request_link
from signatures.models import Signature
from signatures.privacy.tokens import BadToken
from signatures.signing import held
from signatures.signing.choices import ChoicesForm, change_choices
from signatures.signing.form.consent import consent_in
from signatures.signing.form.forms import AddressForm
from signatures.signing.form.origin import from_elsewhere
from signatures.signing.form.posted import posted_form
from signatures.signing.guard.limits import limited
from signatures.signing.withdraw import erase, withdraw

from .check_views import most_mails
from .link_views import METHODS, held_by, url_of
from .page import for_its_holder, in_its_language, page
from .views import SeeOther, link_problem, petition_or_404

CHANGEABLE = (Signature.State.PENDING, Signature.State.CONFIRMED, Signature.State.HELD)


@require_http_methods(METHODS)
@for_its_holder
@in_its_language
def mine(request: HttpRequest, *, language: str, slug: str, token: str) -> HttpResponse:
    """What we hold about one signature, and what its owner can do about it."""
    petition = petition_or_404(slug)
    try:
        signature = held_by(token, purpose="mine", petition=petition)
    except BadToken as error:
        return link_problem(request, petition=petition, language=language, error=error)
    done = ""
    if signature is not None and request.method == "POST":
        done = _do(posted_form(request), signature=signature, language=language)
        signature = held_by(token, purpose="mine", petition=petition)
    shared: Any = {
        "petition": petition,
        "letter": petition.letter_in(language),
        "letter_url": url_of("letter", petition=petition, language=language),
    }
    if signature is None or signature.state == Signature.State.ERASED:
        return page(request, "public/erased.html", language=language, row_stays=signature is not None, **shared)
    withdrawn = signature.state == Signature.State.WITHDRAWN
    return page(
        request,
        "public/withdrawn.html" if withdrawn and done == "withdraw" else "public/mine.html",
        language=language,
        held=held.in_words(signature, language=language),
        saved=done == "choose",
        form=ChoicesForm.of(signature) if signature.state in CHANGEABLE else None,
        consent=consent_in(language).text,
        unconfirmed=signature.state == Signature.State.PENDING,
        removed=signature.state == Signature.State.INVALID,
        being_erased=held.is_being_erased(signature),
        can_withdraw=signature.state in CHANGEABLE,
        can_erase=True,
        action=url_of("mine", petition=petition, language=language, token=token),
        download_url=url_of("mine_download", petition=petition, language=language, token=token),
        **shared,
    )


def _do(posted: MultiValueDict[str, str], *, signature: Signature, language: str) -> str:
    """Do what a form on the page asked for; which it was. Asked twice, it is the same success."""
    match posted.get("action"):
        case "choose":
            change_choices(
                signature_id=signature.id,
                show_name="show_name" in posted,
                hand_over="hand_over" in posted,
                wants_updates="updates" in posted,
                consent_id=consent_in(language).pk,
            )
            return "choose"
        case "withdraw":
            withdraw(signature_id=signature.id)
            return "withdraw"
        case "erase":
            erase(signature_id=signature.id)
            return "erase"
        case _:
            raise BadRequest("neither choose, withdraw nor erase")


@require_safe
@for_its_holder
@in_its_language
def mine_download(request: HttpRequest, *, language: str, slug: str, token: str) -> HttpResponse:
    """All that the page shows, as a JSON file."""
    petition = petition_or_404(slug)
    try:
        signature = held_by(token, purpose="mine", petition=petition)
    except BadToken as error:
        return link_problem(request, petition=petition, language=language, error=error)
    if signature is None or signature.state == Signature.State.ERASED:
        return link_problem(request, petition=petition, language=language)
    return JsonResponse(
        held.as_json(
            signature,
            letter_url=request.build_absolute_uri(url_of("letter", petition=petition, language=language)),
            title=petition.letter_in(language).title,
        ),
        json_dumps_params={"ensure_ascii": False, "indent": 2},
        headers={"Content-Disposition": 'attachment; filename="my-signature.json"'},
    )


@require_http_methods(METHODS)
@in_its_language
def lost_link(request: HttpRequest, *, language: str, slug: str) -> HttpResponse:
    """ "I signed and lost the link": asks for the address alone, and answers everybody alike."""
    petition = petition_or_404(slug)
    if request.method != "POST":
        return publicly_cached(_lost(request, petition=petition, language=language, form=AddressForm()), seconds=60)
    if from_elsewhere(request):
        raise PermissionDenied
    form = AddressForm(posted_form(request))
    status = 422
    if form.is_valid():
        if limited(request, action="link"):
            status = 429
            form.add_error(None, _("That was asked for many times from your network. Wait a minute, then try again."))
        else:
            request_link(petition_id=petition.id, email=form.cleaned_data["email"])
            response: HttpResponse = SeeOther(f"{request.path}?asked")
            response["Cache-Control"] = "no-store"
            return response
    response = _lost(request, petition=petition, language=language, form=form, status=status)
    response["Cache-Control"] = "no-store"
    if status == 429:
        response["Retry-After"] = "60"
    return response


def _lost(
    request: HttpRequest, *, petition: PublishedPetition, language: str, form: AddressForm, status: int = 200
) -> HttpResponse:
    return page(
        request,
        "public/lost_link.html",
        language=language,
        status=status,
        petition=petition,
        letter=petition.letter_in(language),
        asked="asked" in request.GET and status == 200,
        form=form,
        action=url_of("lost_link", petition=petition, language=language),
        letter_url=url_of("letter", petition=petition, language=language),
        **most_mails(),
    )
