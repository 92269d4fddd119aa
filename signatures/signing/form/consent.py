"""The consent text in force."""

from __future__ import annotations

import threading

from cachetools import TTLCache, cached
from django.conf import settings

from signatures.models import ConsentText

_cache: TTLCache[str, ConsentText] = TTLCache(maxsize=64, ttl=60)


@cached(_cache, lock=threading.Lock())
def consent_in(language: str) -> ConsentText:
    """The newest text in `language`, else in the default language. One query a minute and process."""
    for candidate in (language, settings.LANGUAGE_CODE):
        if text := ConsentText.objects.filter(language=candidate).order_by("-id").first():
            return text
    raise LookupError("No consent text: run the migrations.")
