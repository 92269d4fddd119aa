"""No more updates: by the link in the mail and a button, or by the reader's mail program in one click (RFC 8058).

Mail providers post from their own servers, without cookie, Origin or Fetch Metadata, for as long as the mail exists. So
this one address takes a POST from anywhere, and nothing but one body: what RFC 8058 says, which our own button sends as
well. The token in the address says whose updates end, and can do nothing else.
"""

from __future__ import annotations

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from signatures.letters.read import published
from signatures.privacy.links import read_link
from signatures.privacy.tokens import BadToken
from signatures.signing.choices import unsubscribe
from signatures.signing.form.posted import DRAINED, posted_form

from .link_views import METHODS, url_of
from .page import for_its_holder, in_its_language, page
from .views import link_problem

ONE_CLICK = {"List-Unsubscribe": ["One-Click"]}
LONGEST = 4096  # bytes; what RFC 8058 says takes two hundred, and what is longer could reach the disk as a file


@require_http_methods(METHODS)
@for_its_holder
@in_its_language
def unsubscribe_page(request: HttpRequest, *, language: str, slug: str, token: str) -> HttpResponse:
    """GET shows a button, as with every link; POST ends the updates. Never a redirect: not all who post follow one."""
    petition = published(slug)
    try:
        signature_id = read_link("unsubscribe", token)
    except BadToken as error:
        if petition is None:
            raise Http404 from error
        return link_problem(request, petition=petition, language=language, error=error)
    if request.method == "POST":
        if _fields(request) != ONE_CLICK:
            raise BadRequest("not List-Unsubscribe=One-Click")
        unsubscribe(signature_id=signature_id)
    return page(
        request,
        "public/unsubscribed.html" if request.method == "POST" else "public/unsubscribe.html",
        language=language,
        petition=petition,
        letter=petition.letter_in(language) if petition else None,
        action=request.path,
        letter_url=url_of("letter", petition=petition, language=language) if petition else "",
    )


def _fields(request: HttpRequest) -> dict[str, list[str]]:
    """What was posted, in either of the two forms that RFC 8058 allows."""
    if request.content_type == "multipart/form-data":
        if int(request.META.get("CONTENT_LENGTH") or 0) > LONGEST:
            request.read(DRAINED)
            raise BadRequest("too long")
        return dict(request.POST.lists()) | {name: ["a file"] for name in request.FILES}
    return dict(posted_form(request).lists())
