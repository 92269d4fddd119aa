"""What caches may do with a public answer, said in one place."""

from __future__ import annotations

from django.http import HttpResponse


def cache_policy(*, seconds: int, while_revalidate: int = 60, if_error: int = 86_400) -> str:
    """A `Cache-Control` value for a public answer (RFC 9111, RFC 5861); all in seconds.

    Anybody may keep it for `seconds`, show it a little longer while fetching anew, and for a day when we are down.
    """
    return f"public, max-age={seconds}, stale-while-revalidate={while_revalidate}, stale-if-error={if_error}"


def publicly_cached(response: HttpResponse, *, seconds: int) -> HttpResponse:
    response["Cache-Control"] = cache_policy(seconds=seconds)
    return response
