"""A letter before it is public, as signers will see it, for who holds the link: nothing here can be sent."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from signatures.letters.preview import previewed
from signatures.privacy.tokens import BadToken, ExpiredToken

from .letter_page import compose_preview
from .page import for_its_holder, in_its_language, page


@require_safe
@for_its_holder
@in_its_language
def preview(request: HttpRequest, *, language: str, slug: str, token: str) -> HttpResponse:
    try:
        petition = previewed(slug=slug, token=token)
    except ExpiredToken:
        return page(request, "public/preview_over.html", language=language, status=410)
    except BadToken as error:
        raise Http404 from error
    if petition is None:
        return HttpResponseRedirect(reverse("letter", kwargs={"language": language, "slug": slug}))
    return HttpResponse(compose_preview(request, petition=petition, language=language))
