"""The desk: where staff look after petitions, signatures and mail. Mounted at /desk/."""

from __future__ import annotations

from django.contrib.admin import AdminSite
from django.utils.translation import gettext_lazy as _


class Desk(AdminSite):
    """Django's admin under our own name, with only what staff here may see and do."""

    site_header = _("Undersigned")
    site_title = _("Undersigned")
    index_title = _("Desk")
    site_url = "/"
    enable_nav_sidebar = False


desk = Desk(name="admin")
desk.disable_action("delete_selected")  # what may go at all goes with a reason

# Each module registers its pages on `desk`, so they come after it. Only the URLs import this module, and by then every
# model is loaded.
from . import mail, petitions, signatures, staff, tally, webhooks  # noqa: E402, F401
