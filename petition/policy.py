"""The public answers' security headers that are the same on every one of them, put together once."""

from __future__ import annotations

from collections.abc import Callable

from csp.constants import NONE
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


class EmbedPolicy:
    """What stands in other people's pages: loaded by any origin, framed by any page, and still without a third party.

    The only way through the house without X-Frame-Options. Nothing here can be clicked that does anything but lead to
    the letter, where the signing is.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.policy = build_policy(replace={"form-action": [NONE], "frame-ancestors": ["*"]})

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers["Content-Security-Policy"] = self.policy
        response.headers["Access-Control-Allow-Origin"] = "*"  # so that `crossorigin` and `integrity` work
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"  # for partners that isolate their pages
        return response
