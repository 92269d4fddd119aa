"""Filters of the lists: each asks the database little or nothing to offer its choices."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy

from signatures.desk.people.scope import petitions_for
from signatures.signing.countries.names import country_names

from .listing import BEFORE, FOUND


class Choice(SimpleListFilter):
    """One of a fixed set of values. A value that is not offered filters nothing."""

    options: list[tuple[str, Any]] = []

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return self.options

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        if value is None or value not in {str(key) for key, _name in self.lookup_choices}:
            return queryset
        return self.narrowed(queryset, value)

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        # Another choice begins at the newest row again and ends a search.
        self.kept = [
            (name, value)
            for name, value in changelist.params.items()
            if name not in (BEFORE, FOUND, self.parameter_name)
        ]
        drop = [BEFORE, FOUND]
        parameter = str(self.parameter_name)
        yield {
            "selected": not self.value(),
            "query_string": changelist.get_query_string(remove=[parameter, *drop]),
            "display": gettext_lazy("All"),
            "value": "",
        }
        for key, name in self.lookup_choices:
            yield {
                "selected": self.value() == str(key),
                "query_string": changelist.get_query_string({parameter: key}, drop),
                "display": name,
                "value": key,
            }

    def narrowed(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queryset.filter(**{str(self.parameter_name): value})


class PetitionFilter(Choice):
    title = gettext_lazy("petition")
    parameter_name = "petition"
    template = "admin/choose.html"
    petition_path = "petition_id"  # from a row to its petition's id

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(str(pk), slug) for pk, slug in petitions_for(request.user).values_list("pk", "slug")]

    def narrowed(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queryset.filter(**{self.petition_path: int(value)})


class CountryFilter(Choice):
    """Every country there is: to list only those that occur would read every row."""

    title = gettext_lazy("country")
    parameter_name = "country"
    template = "admin/choose.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("-", pgettext_lazy("country", "not said")), *country_names(get_language() or "en")]

    def narrowed(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queryset.filter(country=None) if value == "-" else queryset.filter(country=value)
