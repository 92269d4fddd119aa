"""From a figure to the list behind it: an address with the right filters, for whoever may see that list."""

from __future__ import annotations

from django.contrib.admin import AdminSite
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from signatures.models import Petition, WaitingName


class Lists:
    """The lists that a person may open, of one petition or of all that are theirs."""

    def __init__(self, site: AdminSite, request: HttpRequest, *, petition: Petition | None = None) -> None:
        self.site, self.request, self.petition = site, request, petition
        self._may: dict[type[Model], bool] = {}

    def of(self, petition: Petition | None) -> Lists:
        """The same of another petition."""
        lists = Lists(self.site, self.request, petition=petition)
        lists._may = self._may
        return lists

    def may(self, model: type[Model]) -> bool:
        if model not in self._may:
            shown = self.site.is_registered(model)
            self._may[model] = shown and self.site.get_model_admin(model).has_view_permission(self.request)
        return self._may[model]

    def to(self, model: type[Model], **filters: str | int) -> str:
        """The address of a list, narrowed as its own filters would; empty for whoever may not open it."""
        if not self.may(model):
            return ""
        if self.petition is not None:
            filters["petition"] = self.petition.slug if model is WaitingName else self.petition.pk
        options = model._meta
        address = reverse(f"{self.site.name}:{options.app_label}_{options.model_name}_changelist")
        return f"{address}?{urlencode(filters)}" if filters else address
