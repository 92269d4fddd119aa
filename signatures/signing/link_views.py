"""What the links in our mails open: confirm, "I did not sign this", my signature.

GET shows, POST acts: link scanners follow GETs, and some even submit forms that submit themselves. The token in the
address is the permission; nothing else is asked for, and no cookie is needed.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods

from signatures.letters.read import PublishedPetition
from signatures.models import Signature
from signatures.privacy.links import Purpose, link_token, read_link
from signatures.privacy.personal import signer_of
from signatures.privacy.tokens import BadToken
from signatures.tally import snapshot
from signatures.templatetags.figures import moment
from signatures.templatetags.languages import named_in

from .confirm import Confirmation, confirm, standing
from .countries import country_name
from .name_review import name_standing
from .pages import for_its_holder, in_its_language, page
from .posted import posted_form
from .views import link_problem, petition_or_404
from .withdraw import erase, refuse, withdraw

METHODS = ["GET", "HEAD", "POST"]


def _held_by(token: str, *, purpose: Purpose, petition: PublishedPetition) -> Signature | None:
    """The signature that a link opens; None when its row is gone. Raises BadToken."""
    signature_id = read_link(purpose, token)
    return Signature.objects.filter(id=signature_id, petition_id=petition.id).select_related("consent").first()


def _url(name: str, *, petition: PublishedPetition, language: str, **kwargs: str) -> str:
    return reverse(name, kwargs={"language": language, "slug": petition.slug, **kwargs})


def _choices(signature: Signature) -> list[str]:
    """The boxes that were ticked, in words."""
    named = [
        (signature.show_name, _("My name is shown publicly")),
        (signature.hand_over, _("My name is handed to the addressees")),
        (signature.wants_updates, _("I receive updates by e-mail")),
    ]
    return [words for chosen, words in named if chosen]


@require_http_methods(METHODS)
@for_its_holder
@in_its_language
def confirm_page(request: HttpRequest, *, language: str, slug: str, token: str) -> HttpResponse:
    petition = petition_or_404(slug)
    try:
        signature = _held_by(token, purpose="confirm", petition=petition)
    except BadToken as error:
        return link_problem(request, petition=petition, language=language, error=error)
    if signature is None:
        return link_problem(request, petition=petition, language=language)
    if request.method == "POST":
        try:
            revision = int(posted_form(request).get("revision", "0"))
        except ValueError as error:
            raise BadRequest("no revision") from error
        met = confirm(signature_id=signature.id, revision=min(max(revision, 0), 32767))
        if met is Confirmation.CHANGED:
            signature.refresh_from_db()
    else:
        met = standing(signature_id=signature.id)
    return _after_confirm(request, met, petition=petition, signature=signature, language=language, token=token)


def _after_confirm(
    request: HttpRequest,
    met: Confirmation,
    *,
    petition: PublishedPetition,
    signature: Signature,
    language: str,
    token: str,
) -> HttpResponse:
    shared: Any = {"petition": petition, "letter": petition.letter_in(language)}
    letter_url = _url("letter", petition=petition, language=language)
    match met:
        case Confirmation.COUNTED | Confirmation.ALREADY:
            mine = link_token("mine", signature_id=signature.id)
            return page(
                request,
                "public/confirmed.html",
                language=language,
                tally=snapshot.read(petition),
                already=met is Confirmation.ALREADY,
                mine_url=_url("mine", petition=petition, language=language, token=mine),
                letter_url=letter_url,
                **shared,
            )
        case Confirmation.UNDER_REVIEW:
            return page(request, "public/under_review.html", language=language, letter_url=letter_url, **shared)
        case Confirmation.CHANGED:
            refusal = link_token("not-me", signature_id=signature.id)
            return page(
                request,
                "public/confirm.html",
                language=language,
                signer_name=signer_of(signature).name,
                country_name=country_name(signature.country, language),
                choices=_choices(signature),
                revision=signature.revision,
                changed=request.method == "POST",
                action=_url("confirm", petition=petition, language=language, token=token),
                not_me_url=_url("not_me", petition=petition, language=language, token=refusal),
                **shared,
            )
        case _:
            return link_problem(request, petition=petition, language=language)


@require_http_methods(METHODS)
@for_its_holder
@in_its_language
def not_me(request: HttpRequest, *, language: str, slug: str, token: str) -> HttpResponse:
    """ "I did not sign this": POST erases and suppresses; asking twice is the same success."""
    petition = petition_or_404(slug)
    try:
        signature_id = read_link("not-me", token)
    except BadToken as error:
        return link_problem(request, petition=petition, language=language, error=error)
    shared: Any = {"petition": petition, "letter": petition.letter_in(language)}
    if request.method == "POST":
        posted_form(request)
        refuse(signature_id=signature_id)
        return page(request, "public/not_me_done.html", language=language, **shared)
    action = _url("not_me", petition=petition, language=language, token=token)
    return page(request, "public/not_me.html", language=language, action=action, **shared)


@require_http_methods(METHODS)
@for_its_holder
@in_its_language
def mine(request: HttpRequest, *, language: str, slug: str, token: str) -> HttpResponse:
    """What we hold about one signature, and the two ways to take it back."""
    petition = petition_or_404(slug)
    try:
        signature = _held_by(token, purpose="mine", petition=petition)
    except BadToken as error:
        return link_problem(request, petition=petition, language=language, error=error)
    shared: Any = {
        "petition": petition,
        "letter": petition.letter_in(language),
        "letter_url": _url("letter", petition=petition, language=language),
    }
    if signature is not None and request.method == "POST":
        match posted_form(request).get("action"):
            case "withdraw":
                withdraw(signature_id=signature.id)
            case "erase":
                erase(signature_id=signature.id)
            case _:
                raise BadRequest("neither withdraw nor erase")
        signature = Signature.objects.filter(id=signature.id).select_related("consent").first()
    if signature is None or signature.state == Signature.State.ERASED:
        return page(request, "public/erased.html", language=language, **shared)
    withdrawn = signature.state == Signature.State.WITHDRAWN
    return page(
        request,
        "public/withdrawn.html" if withdrawn and request.method == "POST" else "public/mine.html",
        language=language,
        held=_what_is_held(signature, language),
        state=signature.state,
        can_withdraw=not withdrawn,
        can_erase=True,
        action=_url("mine", petition=petition, language=language, token=token),
        **shared,
    )


def _what_is_held(signature: Signature, language: str) -> list[tuple[str, str]]:
    """Every stored fact about a signature, labelled: what a person may ask for under GDPR article 15."""
    signer = signer_of(signature)
    held = [
        (_("Name"), signer.name),
        (_("E-mail address"), signer.email),
        (_("Country or territory"), country_name(signature.country, language)),
        (_("Language"), named_in(signature.language, language)),
        (_("State"), signature.get_state_display()),
        (_("Choices"), "; ".join(_choices(signature)) or pgettext("choices", "none")),
        (_("Your name on the public list"), name_standing(signature)),
        (_("Privacy text agreed to"), _("version %(version)s") % {"version": signature.consent.version}),
        (_("Came from"), signature.source),
    ]
    times = [
        (_("Signed"), signature.created_at),
        (_("Confirmed"), signature.confirmed_at),
        (_("Withdrawn"), signature.withdrawn_at),
        (_("Last mail sent"), signature.mail_sent_at),
    ]
    held += [(label, moment(at, language)) for label, at in times if at]
    return [(str(label), str(value)) for label, value in held if value]
