"""Middleware by path: each way through the house passes only what it needs.

Django has one middleware list for every request. Ours has one entry, which picks a list by path prefix
(`MIDDLEWARE_BY_PATH`, first match wins). So no session or CSRF cookie can exist on a public page, and a read of the
counter costs no middleware at all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.conf import settings
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.module_loading import import_string

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class Chain:
    """One middleware list around the view, with the hooks that Django would have collected from it."""

    def __init__(self, paths: list[str], get_response: GetResponse) -> None:
        self.view_hooks: list[Callable[..., HttpResponseBase | None]] = []
        self.exception_hooks: list[Callable[..., HttpResponseBase | None]] = []
        handler: GetResponse = get_response
        for path in reversed(paths):
            middleware = import_string(path)(handler)
            if hook := getattr(middleware, "process_view", None):
                self.view_hooks.insert(0, hook)
            if hook := getattr(middleware, "process_exception", None):
                self.exception_hooks.append(hook)
            handler = cast("GetResponse", convert_exception_to_response(middleware))
        self.handler = handler


class ByPath:
    """The one entry of MIDDLEWARE. Synchronous; the event stream's process has no middleware."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: GetResponse) -> None:
        self.chains = [(prefix, Chain(paths, get_response)) for prefix, paths in settings.MIDDLEWARE_BY_PATH.items()]

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        path = request.path_info
        for prefix, chain in self.chains:
            if path.startswith(prefix):
                request.chain = chain  # type: ignore[attr-defined]
                return chain.handler(request)
        raise LookupError("MIDDLEWARE_BY_PATH has no last resort.")

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponseBase | None:
        for hook in request.chain.view_hooks:  # type: ignore[attr-defined]
            if response := hook(request, view, args, kwargs):
                return response
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        for hook in request.chain.exception_hooks:  # type: ignore[attr-defined]
            if response := hook(request, exception):
                return response
        return None
