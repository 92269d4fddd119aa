"""Through whom signatures came: the source tags of one petition, and never whose signature carries which."""

from __future__ import annotations

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from signatures.models import Petition, SourceTally

LISTED = 500  # tags of each kind on the page: anybody can invent one


def sources_page(request: HttpRequest, *, site: AdminSite, petition: Petition) -> TemplateResponse:
    """Tags from the petition's threshold up with their number, the largest first; smaller ones by name, without."""
    tags = SourceTally.objects.filter(petition=petition)
    few = petition.country_threshold
    large = list(tags.filter(total__gte=few).order_by("-total", "source")[:LISTED])
    small = list(tags.filter(total__lt=few).order_by("source")[:LISTED])
    context = site.each_context(request) | {
        "title": _("Source tags of %(petition)s") % {"petition": petition.slug},
        "large": large,
        "small": small,
        "few": few,
        "as_of": next((each.as_of for each in (*large, *small)), None),
        "cut": LISTED in (len(large), len(small)),
        "back": reverse("admin:signatures_petition_change", args=[petition.pk]),
    }
    return TemplateResponse(request, "admin/signatures/petition/sources.html", context)
