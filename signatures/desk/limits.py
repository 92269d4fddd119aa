"""How much staff may send at once: more than a signing form may, and still an end to it."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from urllib.parse import parse_qsl

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.utils.datastructures import MultiValueDict

MAX_BODY = 2 * 1024 * 1024  # bytes: a petition with some ten letters, percent-encoded
MAX_SHEET = 11 * 1024 * 1024  # bytes: a file of paper signatures (`paper.read.MOST_BYTES`) and the form around it
SHEETS = "/paperimport/new/"  # the one page that takes such a file
MAX_FIELDS = 2000
FORM = "application/x-www-form-urlencoded"


class DeskLimits:
    """Parses a posted form itself, because Django's limits are process-wide settings, set for signing forms.

    The settings are never touched, so a public form that is parsed at the same moment keeps its own limits. File
    uploads stay with Django's parser (its limits apply to fields, not to the file), under the same MAX_BODY.
    Raises RequestDataTooBig and TooManyFieldsSent, which Django answers with 400.
    """

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method == "POST":
            length = _announced(request)
            most = MAX_SHEET if request.path_info.endswith(SHEETS) and request.content_type != FORM else MAX_BODY
            if length > most:
                raise RequestDataTooBig(f"More than {most} bytes.")
            if request.content_type == FORM:
                _parse(request, request.read(length))
        return self.get_response(request)


def _announced(request: HttpRequest) -> int:
    """Content-Length in bytes. Without one there is no body (WSGI)."""
    try:
        return max(0, int(request.META.get("CONTENT_LENGTH") or 0))
    except ValueError:
        return 0


def _parse(request: HttpRequest, body: bytes) -> None:
    """Leave the request as Django's own parsing would: body read, POST filled and frozen, no files."""
    try:
        pairs = parse_qsl(
            body.decode("utf-8", "replace"), keep_blank_values=True, errors="replace", max_num_fields=MAX_FIELDS
        )
    except ValueError as error:
        raise TooManyFieldsSent(f"More than {MAX_FIELDS} fields.") from error
    posted = QueryDict(mutable=True)
    for name, value in pairs:
        posted.appendlist(name, value)
    posted._mutable = False
    request._body = body
    request._stream = BytesIO(body)
    request._post = posted  # type: ignore[attr-defined]
    request._files = MultiValueDict()  # type: ignore[attr-defined]
