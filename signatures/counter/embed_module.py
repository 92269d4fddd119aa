"""The module behind <petition-counter>, as partners' pages have pinned it.

A page that names the module's hash (Subresource Integrity) shows only its link once a byte differs. So what stands at
/embed/v1/counter.js is never changed after its release; a new one is /embed/v2/counter.js, and both are served.
"""

from __future__ import annotations

import base64
import gzip
import hashlib

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

SOURCE = settings.BASE_DIR / "static" / "embed" / "v1" / "counter.js"
PLAIN = SOURCE.read_bytes()
GZIPPED = gzip.compress(PLAIN, 9, mtime=0)
INTEGRITY = "sha384-" + base64.b64encode(hashlib.sha384(PLAIN).digest()).decode()
ETAG = f'W/"{INTEGRITY[7:31]}"'


@require_safe
def module(request: HttpRequest) -> HttpResponse:
    """The module, for any origin, to be kept for a year."""
    if "gzip" in request.META.get("HTTP_ACCEPT_ENCODING", ""):
        response = HttpResponse(GZIPPED, content_type="text/javascript; charset=utf-8")
        response["Content-Encoding"] = "gzip"
    else:
        response = HttpResponse(PLAIN, content_type="text/javascript; charset=utf-8")
    response["ETag"] = ETAG
    response["Vary"] = "Accept-Encoding"
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return get_conditional_response(request, etag=ETAG, response=response) or response
