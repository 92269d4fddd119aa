"""Reading and signing a letter: ask, call, answer."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from signatures.letters.read import PublishedPetition, open_petitions, published
from signatures.models import Signature
from signatures.privacy.indexes import person_index
from signatures.privacy.tokens import BadToken, ExpiredToken
from signatures.tally import snapshot

from .capsule import Capsule
from .forms import AddressForm, SignForm, checked_source
from .guard import limited
from .letter_page import compose_letter, fresh_token, letter_response
from .origin import from_elsewhere
from .pages import for_its_holder, in_its_language, page
from .posted import posted_form
from .sign import sign
from .typos import perhaps_meant


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
    """The bare address leads to the default language; each page links to the others."""
    return HttpResponseRedirect(reverse("home", kwargs={"language": "en"}))


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
    response = page(request, "public/privacy.html", language=language)
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
        if petition.state != "open":
            form.add_error(None, _("This letter no longer takes signatures. Nothing was saved."))
        elif limited(request, action="sign"):
            status = 429
            form.add_error(
                None,
                _("Many people are signing from your network right now. Wait a minute, then press the button again."),
            )
        else:
            typed = form.cleaned_data
            return _sign_and_show(
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
            )
    form.renew_token()
    body = compose_letter(request, petition=petition, language=language, form=form)
    response = HttpResponse(body, status=status)
    response["Cache-Control"] = "no-store"
    if status == 429:
        response["Retry-After"] = "60"
    return response


def _sign_and_show(capsule: Capsule, *, slug: str, language: str, again: bool = False) -> HttpResponse:
    """Store what the capsule holds; the same redirect whatever became of it."""
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
    )
    # A resend meets the row that the first form made, and must not forget that it made it.
    if signed.created or not again:
        capsule = capsule.made(signed.created)
    url = _check_mail_address(language, slug).format(capsule.seal())
    response = SeeOther(f"{url}?again" if again else url)
    response["Cache-Control"] = "no-store"
    return response


@lru_cache(maxsize=1024)
def _check_mail_address(language: str, slug: str) -> str:
    """The address with `{}` where the capsule goes: every signer is sent there, and building it anew is slow."""
    address = reverse("check_mail", kwargs={"language": language, "slug": slug, "token": "TOKEN"})
    return address.replace("/TOKEN/", "/{}/")


@require_http_methods(["GET", "HEAD", "POST"])
@for_its_holder
@in_its_language
def check_mail(request: HttpRequest, *, language: str, slug: str, token: str) -> HttpResponse:
    """Where the mail went; POST sends it again, or to another address. No login: the capsule is the proof."""
    petition = petition_or_404(slug)
    try:
        capsule = Capsule.open(token)
    except BadToken as error:
        return link_problem(request, petition=petition, language=language, error=error)
    if capsule.petition_id != petition.id:
        raise Http404
    form = AddressForm()
    status = 200
    if request.method == "POST":
        data = posted_form(request)
        form = AddressForm(data)
        busy = limited(request, action="sign")
        if not busy and data.get("action") == "resend":
            return _sign_and_show(capsule, slug=slug, language=language, again=True)
        if form.is_valid() and not busy:
            return _sign_and_show(_moved(capsule, form.cleaned_data["email"]), slug=slug, language=language)
        status = 422
        if busy:
            status = 429
            form = AddressForm(data, use_required_attribute=False)
            form.is_valid()
            form.add_error(None, _("That was asked for many times from your network. Wait a minute, then try again."))
    return page(
        request,
        "public/check_mail.html",
        language=language,
        status=status,
        petition=petition,
        letter=petition.letter_in(language),
        address=capsule.email,
        perhaps=perhaps_meant(capsule.email),
        sent_again="again" in request.GET and status == 200,
        form=form,
        action=reverse("check_mail", kwargs={"language": language, "slug": slug, "token": token}),
        letter_url=reverse("letter", kwargs={"language": language, "slug": slug}),
    )


def _moved(capsule: Capsule, address: str) -> Capsule:
    """The same form for another address; the row that this visitor's own form made for the wrong one goes.

    Only that one: a row that was there before belongs to somebody else, and a counted one to whoever confirmed it.
    """
    if capsule.created_id and person_index(address) != person_index(capsule.email):
        Signature.objects.filter(
            id=capsule.created_id, state=Signature.State.PENDING, revision=0, outgoingmail=None
        ).delete()
    return replace(capsule, email=address).made(None)


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
