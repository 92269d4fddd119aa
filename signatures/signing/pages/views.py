"""Reading and signing a letter: ask, call, answer."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from petition.caching import publicly_cached
from signatures.letters.keeping import kept_of_all
from signatures.letters.read import PublishedPetition, open_petitions, published
from signatures.models import Petition
from signatures.privacy.tokens import BadToken, ExpiredToken
from signatures.signing.form.capsule import Capsule
from signatures.signing.form.forms import SignForm, checked_source
from signatures.signing.form.origin import from_elsewhere
from signatures.signing.form.posted import posted_form
from signatures.signing.guard.doubt import Judgement, ask, judge
from signatures.signing.guard.watching import Newcomer
from signatures.signing.sign import sign
from signatures.tally import snapshot

from .letter_page import compose_letter, fresh_token, letter_response
from .page import in_its_language, language_choice, page
from .share import qr_code, tagged_url


class SeeOther(HttpResponseRedirect):
    """After a POST: fetch the next page with GET (RFC 9110, 15.4.4)."""

    status_code = 303


def petition_or_404(slug: str) -> PublishedPetition:
    petition = published(slug)
    if petition is None:
        raise Http404
    return petition


@require_safe
def front(request: HttpRequest) -> HttpResponse:
    """The bare address lets people choose: one page for everybody, whatever their browser says it speaks."""
    response = HttpResponse(language_choice())
    response["Cache-Control"] = "public, max-age=300"
    return response


@require_safe
@in_its_language
def home(request: HttpRequest, *, language: str) -> HttpResponse:
    petitions = [(each, each.letter_in(language), snapshot.read(each)) for each in open_petitions()]
    response = page(request, "public/home.html", language=language, petitions=petitions)
    response["Cache-Control"] = "public, max-age=10, stale-while-revalidate=60, stale-if-error=86400"
    return response


@require_safe
@in_its_language
def privacy(request: HttpRequest, *, language: str) -> HttpResponse:
    kept, trace_days = kept_of_all(language), settings.UPDATE_TRACE_DAYS
    response = page(request, "public/privacy.html", language=language, kept=kept, trace_days=trace_days)
    response["Cache-Control"] = "public, max-age=300"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@in_its_language
def letter(request: HttpRequest, *, language: str, slug: str) -> HttpResponse:
    petition = petition_or_404(slug)
    if request.method == "POST":
        return _take_signature(request, petition=petition, language=language)
    source = checked_source(request.GET.get("s", ""))
    return letter_response(request, petition=petition, language=language, source=source)


def _take_signature(request: HttpRequest, *, petition: PublishedPetition, language: str) -> HttpResponse:
    if from_elsewhere(request):
        raise PermissionDenied
    data = posted_form(request)
    form = SignForm(data, fresh=fresh_token(petition=petition, language=language), language=language)
    status = 422
    if form.is_valid() and form.agreed_to:
        typed = form.cleaned_data
        if petition.state != "open":
            form.add_error(None, takes_none(petition))
        elif (judged := judge(request, petition_id=petition.id, new=_newcomer(typed), form=data)).busy:
            status = 429
            form.add_error(
                None,
                _("Many people are signing from your network right now. Wait a minute, then press the button again."),
            )
        elif judged.asked:
            form.asked = judged.asked
        else:
            answer = sign_and_show(
                Capsule(
                    petition_id=petition.id,
                    name=typed["name"],
                    email=typed["email"],
                    country=typed["country"],
                    show_name=typed["show_name"],
                    hand_over=typed["hand_over"],
                    wants_updates=typed["updates"],
                    source=typed["source"],
                    consent_id=form.agreed_to.consent_id,
                ),
                slug=petition.slug,
                language=language,
                judged=judged,
            )
            if answer:
                return answer
            form.asked = ask(petition_id=petition.id, form=data, anew=True).asked
    form.renew_token()
    body = compose_letter(request, petition=petition, language=language, form=form)
    response = HttpResponse(body, status=status)
    response["Cache-Control"] = "no-store"
    if status == 429:
        response["Retry-After"] = "60"
    return response


def _newcomer(typed: dict[str, Any]) -> Newcomer:
    return Newcomer(name=typed["name"], email=typed["email"], country=typed["country"], source=typed["source"])


def takes_none(petition: PublishedPetition) -> str:
    """What somebody is told whose form comes while the petition is not open."""
    if petition.state == Petition.State.PAUSED:
        return _("Signing is paused at the moment. Nothing was saved.")
    return _("This letter no longer takes signatures. Nothing was saved.")


def sign_and_show(
    capsule: Capsule, *, slug: str, language: str, judged: Judgement | None = None, again: bool = False
) -> HttpResponse | None:
    """Store what the capsule holds; the same redirect whatever became of it.

    None, and nothing stored, when its proof or its change of address had been used for somebody else.
    """
    if judged:
        capsule = capsule.doubting(judged.doubt)
    signed = sign(
        petition_id=capsule.petition_id,
        name=capsule.name,
        email=capsule.email,
        country=capsule.country,
        language=language,
        show_name=capsule.show_name,
        hand_over=capsule.hand_over,
        wants_updates=capsule.wants_updates,
        source=capsule.source,
        consent_id=capsule.consent_id,
        held_because=capsule.doubt,
        spends=(*capsule.spends, *judged.spends) if judged else (),
    )
    if not signed.spent:
        return None
    # A resend meets the row that the first form made, and must not forget that it made it.
    if signed.created or not again:
        capsule = capsule.made(signed.created)
    return show_check_mail(capsule, slug=slug, language=language, again=again)


def show_check_mail(capsule: Capsule, *, slug: str, language: str, again: bool = False) -> HttpResponse:
    """Off to the page that says where the mail goes, which was asked for just now."""
    url = _check_mail_address(language, slug).format(capsule.asked(again=again).seal())
    response = SeeOther(f"{url}?again" if again else url)
    response["Cache-Control"] = "no-store"
    return response


@lru_cache(maxsize=1024)
def _check_mail_address(language: str, slug: str) -> str:
    """The address with `{}` where the capsule goes: every signer is sent there, and building it anew is slow."""
    address = reverse("check_mail", kwargs={"language": language, "slug": slug, "token": "TOKEN"})
    return address.replace("/TOKEN/", "/{}/")


@require_safe
def qr(request: HttpRequest, *, language: str, slug: str) -> HttpResponse:
    """The letter's address as a picture to hold up to a camera; the same for everybody."""
    petition = petition_or_404(slug)
    response = HttpResponse(qr_code(tagged_url("qr", language=language, slug=petition.slug)))
    response["Content-Type"] = "image/svg+xml"
    return publicly_cached(response, seconds=86_400)


def link_problem(
    request: HttpRequest, *, petition: PublishedPetition, language: str, error: BadToken | None = None
) -> HttpResponse:
    """A link that cannot be used: too old, cut short by a mail program, or for what is no longer there."""
    return page(
        request,
        "public/link_problem.html",
        language=language,
        status=410 if isinstance(error, ExpiredToken) or error is None else 404,
        expired=isinstance(error, ExpiredToken) or error is None,
        petition=petition,
        letter_url=reverse("letter", kwargs={"language": language, "slug": petition.slug}),
    )
