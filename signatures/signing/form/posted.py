"""What reached us from a form, refused at the door when it is malformed."""

from __future__ import annotations

from urllib.parse import parse_qsl

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig
from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict

DRAINED = 1_000_000  # bytes of a refused body that are read and thrown away; a proxy refuses larger ones itself


def posted_form(request: HttpRequest) -> MultiValueDict[str, str]:
    """The fields of a posted form (WHATWG URL, 5.1). Raises BadRequest for any other media type, charset or encoding.

    Django's `request.POST` would put U+FFFD for every broken byte and store a name its owner never typed. A body over
    DATA_UPLOAD_MAX_MEMORY_SIZE raises SuspiciousOperation, which is a 400 as well.
    """
    try:
        body = request.body
    except RequestDataTooBig:
        # Whoever is still sending would meet a closed connection instead of the answer.
        request.read(DRAINED)
        raise
    fields: MultiValueDict[str, str] = MultiValueDict()
    if not body:
        return fields
    charset = (request.content_params or {}).get("charset", "utf-8").lower()
    if request.content_type != "application/x-www-form-urlencoded" or charset not in {"utf-8", "utf8"}:
        raise BadRequest("not a form")
    try:
        pairs = parse_qsl(
            body.decode(),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=settings.DATA_UPLOAD_MAX_NUMBER_FIELDS,
        )
    except ValueError as error:  # not UTF-8, or too many fields
        raise BadRequest("not a readable form") from error
    for name, value in pairs:
        fields.appendlist(name, value)
    return fields
