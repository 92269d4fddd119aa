"""What the links in our mails open: confirm, and "I did not sign this". My signature is in `mine_views`.

GET shows, POST acts: link scanners follow GETs, and some even submit forms that submit themselves. The token in the
address is the permission; nothing else is asked for, and no cookie is needed.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from signatures.letters.read import PublishedPetition
from signatures.models import Signature
from signatures.privacy.links import Purpose, link_token, read_link
from signatures.privacy.personal import signer_of
from signatures.privacy.tokens import BadToken
from signatures.signing.choices import choices_of
from signatures.signing.confirm import Confirmation, confirm, standing
from signatures.signing.countries.names import country_name
from signatures.signing.form.posted import posted_form
from signatures.signing.withdraw import refuse
from signatures.tally import snapshot
from signatures.tally.place import total_with_you

from .page import for_its_holder, in_its_language, page
from .share import share_of
from .views import link_problem, petition_or_404

METHODS = ["GET", "HEAD", "POST"]


def held_by(token: str, *, purpose: Purpose, petition: PublishedPetition) -> Signature | None:
    """The signature that a link opens; None when its row is gone. Raises BadToken."""
    signature_id = read_link(purpose, token)
    rows = Signature.objects.filter(id=signature_id, petition_id=petition.id)
    return rows.select_related("consent", "choices_consent").first()


def url_of(name: str, *, petition: PublishedPetition, language: str, **kwargs: str) -> str:
    return reverse(name, kwargs={"language": language, "slug": petition.slug, **kwargs})


@require_http_methods(METHODS)
@for_its_holder
@in_its_language
def confirm_page(request: HttpRequest, *, language: str, slug: str, token: str) -> HttpResponse:
    petition = petition_or_404(slug)
    try:
        signature = held_by(token, purpose="confirm", petition=petition)
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
    letter_url = url_of("letter", petition=petition, language=language)
    match met:
        case Confirmation.COUNTED | Confirmation.ALREADY:
            mine = link_token("mine", signature_id=signature.id)
            open_still = petition.state == "open"
            title = petition.letter_in(language).title
            return page(
                request,
                "public/confirmed.html",
                language=language,
                tally=snapshot.read(petition),
                with_you=total_with_you(petition.id) if request.method == "POST" else None,
                already=met is Confirmation.ALREADY,
                share=share_of(title=title, language=language, slug=petition.slug) if open_still else None,
                mine_url=url_of("mine", petition=petition, language=language, token=mine),
                letter_url=letter_url,
                **shared,
            )
        case Confirmation.UNDER_REVIEW:
            return page(request, "public/under_review.html", language=language, letter_url=letter_url, **shared)
        case Confirmation.REMOVED:
            return page(request, "public/removed.html", language=language, letter_url=letter_url, **shared)
        case Confirmation.CHANGED:
            refusal = link_token("not-me", signature_id=signature.id)
            return page(
                request,
                "public/confirm.html",
                language=language,
                signer_name=signer_of(signature).name,
                country_name=country_name(signature.country, language),
                choices=choices_of(signature),
                revision=signature.revision,
                changed=request.method == "POST",
                action=url_of("confirm", petition=petition, language=language, token=token),
                not_me_url=url_of("not_me", petition=petition, language=language, token=refusal),
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
    action = url_of("not_me", petition=petition, language=language, token=token)
    return page(request, "public/not_me.html", language=language, action=action, **shared)
