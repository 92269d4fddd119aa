"""How the desk works, in ten minutes: a page of prose for each of its languages."""

from __future__ import annotations

from django.conf import settings
from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _


def help_page(request: HttpRequest, *, site: AdminSite) -> TemplateResponse:
    """Whole pages and no strings to translate: an explanation is written anew in each language."""
    language = get_language() or ""
    spoken = language if language in settings.DESK_LANGUAGES else settings.DESK_LANGUAGES[0]
    context = site.each_context(request) | {"title": _("How this works"), "words": f"admin/help/{spoken}.html"}
    return TemplateResponse(request, "admin/help/page.html", context)
