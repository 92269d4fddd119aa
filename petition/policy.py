"""The public pages' security headers that are the same on every one of them, put together once."""

from __future__ import annotations

from collections.abc import Callable

from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponse


class PublicPolicy:
    """Sets the Content-Security-Policy of the settings (as django-csp writes it) and forbids framing.

    django-csp's own middleware, which the desk has, writes the policy anew for every answer; ours has no nonce in it
    and never differs.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.policy = build_policy()
        self.framing = settings.X_FRAME_OPTIONS

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", self.policy)
        response.headers.setdefault("X-Frame-Options", self.framing)
        return response
