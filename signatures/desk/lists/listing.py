"""Lists that stay fast whatever the number of rows: newest first, one page and the next, never a COUNT."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import ShowFacets
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.text import capfirst

from signatures.desk.audit.history import WithHistory

BEFORE = "before"  # the id that a page starts below
FOUND = "found"  # the ids, separated by commas, that a search found
MAX_FOUND = 100


class Pages(ChangeList):
    """A list by falling id. A page is found by its first id, so the thousandth costs what the first does."""

    older: str = ""
    newest: str = ""

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        return ["-pk"]

    def get_filters_params(self, params: Any = None) -> dict[str, Any]:
        kept = super().get_filters_params(params)
        return {name: value for name, value in kept.items() if name not in (BEFORE, FOUND)}

    def _ids(self, name: str) -> list[Any]:
        to_python = self.lookup_opts.pk.to_python
        try:
            return [to_python(each) for each in self.params.get(name, "").split(",")[:MAX_FOUND] if each]
        except (ValidationError, ValueError) as error:
            raise IncorrectLookupParameters from error

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        rows = super().get_queryset(request, exclude_parameters)
        return rows.filter(pk__in=self._ids(FOUND)) if FOUND in self.params else rows

    def page_of(self, rows: QuerySet[Any], *, below: Any, most: int) -> list[Any]:
        """The first `most` of `rows`, of those below an id."""
        return list((rows.filter(pk__lt=below) if below is not None else rows)[:most])

    def get_results(self, request: HttpRequest) -> None:
        before = self._ids(BEFORE)
        page = self.page_of(self.queryset, below=before[0] if before else None, most=self.list_per_page + 1)
        shown = page[: self.list_per_page]
        if len(page) > len(shown):
            self.older = self.get_query_string({BEFORE: str(shown[-1].pk)})
        if before:
            self.newest = self.get_query_string(remove=[BEFORE])
        self.result_list = shown  # type: ignore[assignment]
        self.result_count = len(shown)
        self.full_result_count = None  # type: ignore[assignment]
        self.show_full_result_count = False
        self.show_admin_actions = bool(shown)
        self.can_show_all = True
        self.multi_page = False
        self.paginator = None  # type: ignore[assignment]


class Listed(WithHistory):
    """A page whose list is `Pages`, under the plain name of what it lists."""

    list_per_page = 100
    show_full_result_count = False
    show_facets = ShowFacets.NEVER  # each would count every row
    sortable_by = ()

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return Pages

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        title = {"title": capfirst(self.opts.verbose_name_plural)}
        return super().changelist_view(request, title | (extra_context or {}))


class ReadOnly(Listed):
    """A page on which nothing can be added, changed or deleted."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
