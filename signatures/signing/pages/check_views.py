"""The page after the form: look into your mailbox, ask for the mail again, mend the address.

All it knows is what its visitor typed, from the capsule in its address, and the petition's state, which is public. So
it cannot tell anybody whether the address had signed before.
"""

from __future__ import annotations

import math

from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from signatures.letters.read import PublishedPetition
from signatures.mail.relink import request_link
from signatures.models import Petition
from signatures.privacy.indexes import person_index
from signatures.privacy.tokens import BadToken, ExpiredToken
from signatures.signing.forget_wrong import forget_wrong
from signatures.signing.form.capsule import LIFETIME, MOST_MOVES, Capsule
from signatures.signing.form.forms import AddressForm
from signatures.signing.form.posted import posted_form
from signatures.signing.form.typos import perhaps_meant
from signatures.signing.guard.doubt import judge
from signatures.signing.guard.limits import limited
from signatures.signing.guard.watching import Newcomer

from .page import for_its_holder, in_its_language, page
from .views import SeeOther, petition_or_404, show_check_mail, sign_and_show, takes_none


@require_http_methods(["GET", "HEAD", "POST"])
@for_its_holder
@in_its_language
def check_mail(request: HttpRequest, *, language: str, slug: str, token: str) -> HttpResponse:
    """Where the mail went; POST asks for it again, or for another address. No login: the capsule is the proof."""
    petition = petition_or_404(slug)
    try:
        capsule = Capsule.open(token)
    except BadToken as error:
        return _cannot_be_shown(request, petition=petition, language=language, error=error)
    if capsule.petition_id != petition.id:
        raise Http404
    if request.method != "POST":
        return _shown(request, capsule, petition=petition, language=language, form=AddressForm())
    data = posted_form(request)
    form = AddressForm(data)
    if data.get("action") == "resend":
        if not limited(request, action="sign"):
            return _again(capsule, petition=petition, language=language, here=request.path)
        form.is_valid()
        form.add_error(None, too_many())
    elif not form.is_valid():
        if limited(request, action="sign"):
            form.add_error(None, too_many())
    elif petition.state != "open":
        form.add_error(None, takes_none(petition))
    elif answer := _move(request, capsule, petition=petition, language=language, form=form):
        return answer
    status = 429 if too_many() in form.non_field_errors() else 422
    return _shown(request, capsule, petition=petition, language=language, form=form, status=status)


def too_many() -> str:
    """What a network is told that asks too often."""
    return _("That was asked for many times from your network. Wait a minute, then try again.")


def _again(capsule: Capsule, *, petition: PublishedPetition, language: str, here: str) -> HttpResponse:
    """The mail once more. Who presses too early, or on a page from before, is told so and changes nothing.

    In a pause and after the closing nobody signs, and who did can still confirm: then only the mail is asked for, of a
    signature that is there or not.
    """
    if capsule.wait or petition.state not in Petition.COUNTING:
        response = SeeOther(f"{here}?early")
        response["Cache-Control"] = "no-store"
        return response
    if petition.state != Petition.State.OPEN:
        request_link(petition_id=petition.id, email=capsule.email)
        return show_check_mail(capsule, slug=petition.slug, language=language, again=True)
    sent = sign_and_show(capsule, slug=petition.slug, language=language, again=True)
    return sent or show_check_mail(capsule, slug=petition.slug, language=language, again=True)


def _move(
    request: HttpRequest, capsule: Capsule, *, petition: PublishedPetition, language: str, form: AddressForm
) -> HttpResponse | None:
    """The same form for another address; None, with the reason in the form, when it is not taken.

    Another address is another form to the guard, and one form has a few of them (`Capsule.spends`). Both statements run
    for everybody and commit together: the time they take must not tell whether the first form had made a row.
    """
    address = form.cleaned_data["email"]
    new = Newcomer(name=capsule.name, email=address, country=capsule.country, source=capsule.source)
    judged = judge(request, petition_id=petition.id, new=new, form=form.data)
    form.asked = judged.asked
    if judged.busy:
        form.add_error(None, too_many())
    if judged.busy or judged.asked:
        return None
    moved, answer = capsule.moved_to(address), None
    while answer is None and moved.moves <= MOST_MOVES:
        with transaction.atomic():
            answer = sign_and_show(moved, slug=petition.slug, language=language, judged=judged)
            if answer and person_index(address) != person_index(capsule.email):
                forget_wrong(created_id=capsule.created_id, again=capsule.again)
        moved = moved.moved_to(address)  # used before, by who went back in the browser: the next one may be free
    if answer is None:
        form.add_error(
            None, _("The address was changed here before. To use another one, sign again on the letter’s page.")
        )
    return answer


def _shown(
    request: HttpRequest,
    capsule: Capsule,
    *,
    petition: PublishedPetition,
    language: str,
    form: AddressForm,
    status: int = 200,
) -> HttpResponse:
    return page(
        request,
        "public/check_mail.html",
        language=language,
        status=status,
        petition=petition,
        letter=petition.letter_in(language),
        address=capsule.email,
        perhaps=perhaps_meant(capsule.email) if petition.state == "open" else "",
        sent_again="again" in request.GET and status == 200,
        too_early="early" in request.GET and status == 200 and capsule.wait > 0,
        wait=capsule.wait,
        minutes=math.ceil(capsule.wait / 60),
        **most_mails(),
        accepting=petition.state == "open",
        counting=petition.state in Petition.COUNTING,
        form=form,
        action=request.path,
        letter_url=reverse("letter", kwargs={"language": language, "slug": petition.slug}),
    )


def most_mails() -> dict[str, int]:
    """How often we write to an address, for the pages that promise it: `pause` in minutes, `most` in all."""
    return {"pause": settings.MAIL_AGAIN_AFTER // 60, "most": settings.MAIL_PER_SIGNATURE}


def _cannot_be_shown(
    request: HttpRequest, *, petition: PublishedPetition, language: str, error: BadToken
) -> HttpResponse:
    """Too old, or not a whole address. The mail and its link are not affected by that, and the page says so."""
    return page(
        request,
        "public/check_old.html",
        language=language,
        status=410 if isinstance(error, ExpiredToken) else 404,
        hours=LIFETIME // 3600,
        days=petition.pending_kept_days,
        petition=petition,
        letter=petition.letter_in(language),
        letter_url=reverse("letter", kwargs={"language": language, "slug": petition.slug}),
    )
