"""The desk: where staff look after petitions, signatures and mail. Mounted at /desk/."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect

from .entrance.pages import confirm_identity, second_factor
from .entrance.second_factor import is_verified


class Desk(AdminSite):
    """Django's admin under our own name, with only what staff here may see and do, and a second factor before it."""

    site_header = _("Undersigned")
    site_title = _("Undersigned")
    index_title = _("Desk")
    site_url = "/"
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and is_verified(request)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Django's log-in; whoever is through it goes on to the second factor."""
        if super().has_permission(request) and not is_verified(request):
            query = urlencode({"next": request.GET.get("next", "")})
            return HttpResponseRedirect(f"{reverse('admin:second_factor')}?{query}")
        return super().login(request, extra_context)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        return home_page(request, site=self)

    def get_urls(self) -> list[Any]:
        step = never_cache(csrf_protect(second_factor))
        again = self.admin_view(confirm_identity)
        return [
            path("second-factor/", step, {"site": self}, name="second_factor"),
            path("confirm-identity/", again, {"site": self}, name="confirm_identity"),
            path("help/", self.admin_view(help_page), {"site": self}, name="help"),
            *super().get_urls(),
        ]


desk = Desk(name="admin")
desk.disable_action("delete_selected")  # what may go at all goes with a reason

# Each module registers its pages on `desk`, so they come after it. Only the URLs import this module, and by then every
# model is loaded.
from . import mail, names, petitions, signatures, tally, webhooks  # noqa: E402, F401
from .audit import checks as audit_checks  # noqa: E402, F401
from .audit import entries as audit_entries  # noqa: E402, F401
from .export import pages as export_pages  # noqa: E402, F401
from .home.help import help_page  # noqa: E402
from .home.page import home_page  # noqa: E402
from .jobs import pages as job_pages  # noqa: E402, F401
from .paper import pages as paper_pages  # noqa: E402, F401
from .people import accounts  # noqa: E402, F401
from .rules import pages as rule_pages  # noqa: E402, F401
from .updates import writing  # noqa: E402, F401
