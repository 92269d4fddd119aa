"""The list of signatures: a page of what it is narrowed to, said in words and counted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from signatures.desk.lists.listing import FOUND, Pages
from signatures.desk.people.scope import petitions_for, reaches_all
from signatures.models import Petition, Rule
from signatures.signing.guard.watching import reason_of

from ..jobs.words import names_of_rules
from .days import today
from .form import NarrowingForm, said
from .masking import masked
from .narrowing import Narrowing
from .newest import bounded_count, newest_ids
from .words import in_words

MOST_RULES = 50  # offered by name, those that watched last


class SignaturePages(Pages):
    """`Pages` whose rows come by way of `newest`, from what `NarrowingForm` reads in the address."""

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.reached = petitions_for(request.user)
        self.every = reaches_all(request.user)
        self.whose = "all" if self.every else str(request.user.pk)
        self.language = get_language() or "en"
        self.slugs = dict(self.reached.order_by("slug").values_list("slug", "pk"))
        self.may_find = request.user.has_perm("signatures.find_signature")  # type: ignore[union-attr]
        self.rules = rules_that_watched(self.reached)
        self.form = NarrowingForm(
            request.GET, petitions=self.slugs, rules=self.rules, language=self.language, may_find=self.may_find
        )
        self.narrowing = self.form.narrowing
        super().__init__(request, *args, **kwargs)
        self.has_filters = True
        self.form.count_in(petitions=self.reached, whose=self.whose)

    def get_filters_params(self, params: Any = None) -> dict[str, Any]:
        kept = super().get_filters_params(params)
        return {name: value for name, value in kept.items() if name not in Narrowing.names()}

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        rows = self.narrowing.of_rows(super().get_queryset(request, exclude_parameters))
        return rows.filter(state__in=states) if (states := self.narrowing.states()) else rows

    def page_of(self, rows: QuerySet[Any], *, below: Any, most: int) -> list[Any]:
        if FOUND in self.params:
            return super().page_of(rows, below=below, most=most)
        ids = newest_ids(self.narrowing, petitions=self.reached, every=self.every, below=below, most=most)
        return list(rows.filter(pk__in=ids))

    def get_results(self, request: HttpRequest) -> None:
        """Say beside each row that a rule held which one it was."""
        super().get_results(request)
        unnamed = {row.held_reason for row in self.result_list} - self.rules.keys()
        names = self.rules | names_of_rules(unnamed)
        for row in self.result_list:
            row.rule_names = names

    # ------------------------------------------------------------------------------------- for the template
    @property
    def narrowed(self) -> bool:
        return bool(self.narrowing) or FOUND in self.params

    @property
    def heading(self) -> str:
        """What the list shows, in words."""
        if FOUND in self.params:
            return _("What was found")
        petition = next((slug for slug, pk in self.slugs.items() if pk == self.narrowing.petition), "")
        return in_words(
            self.narrowing, language=self.language, petition=petition, domain=self._domain(), rules=self.rules
        )

    def _domain(self) -> str:
        """The mail domain in clear, from the first row: the address of the list has only its keyed hash."""
        rows = list(self.result_list)[:1] if self.narrowing.domain else []
        return masked(rows[0]).email.rpartition("@")[2] if rows else ""

    @property
    def matching(self) -> str:
        """How many match: a number, or 1,000+."""
        if FOUND in self.params:
            return ""
        return said(bounded_count(self.narrowing, petitions=self.reached, whose=self.whose), self.language)

    @property
    def everything(self) -> str:
        """The address of the list that nothing narrows."""
        return reverse("admin:signatures_signature_changelist")

    def days(self) -> list[dict[str, Any]]:
        """Today and yesterday, with their numbers."""
        now = today()
        return [
            self._day(_("Today"), now),
            self._day(_("Yesterday"), now - timedelta(days=1)),
        ]

    def _day(self, name: str, day: Any) -> dict[str, Any]:
        narrowing = self.narrowing.but(signed_from=day, signed_until=day, id="")
        count = bounded_count(narrowing, petitions=self.reached, whose=self.whose)
        return {
            "name": name,
            "address": f"?{urlencode(narrowing.params())}",
            "count": said(count, self.language),
            "chosen": narrowing == self.narrowing,
        }


def rules_that_watched(petitions: QuerySet[Petition]) -> dict[str, str]:
    """The rules that may have held newcomers: their names by the reason that is stored."""
    rules = Rule.objects.filter(petition__in=petitions, watches_until__isnull=False).order_by("-watches_until")
    return {reason_of(pk): name for pk, name in rules.values_list("pk", "name")[:MOST_RULES]}


def list_address(narrowing: Narrowing, **more: str) -> str:
    """The address of the list, narrowed."""
    query = urlencode(narrowing.params() | more)
    address = reverse("admin:signatures_signature_changelist")
    return f"{address}?{query}" if query else address
