"""The folded figures and the ledger they come from, for looking at."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy

from signatures.models import NOT_SAID, CountryTally, DayTally, Tally, TallyEntry
from signatures.signing.countries.names import country_name

from .lists.filters import Choice, PetitionFilter
from .lists.listing import ReadOnly
from .people.scope import Scoped
from .site import desk


@admin.register(Tally, site=desk)
class TallyAdmin(Scoped, ReadOnly):
    list_display = ("petition", "total", "paper", "countries", "version", "as_of")
    list_select_related = ("petition",)
    fields = ("petition", "total", "countries", "version", "as_of", "by_country", "by_day", "paper", "paper_by_country")
    readonly_fields = ("by_country", "by_day", "paper_by_country")

    @admin.display(description=gettext_lazy("by country"))
    def by_country(self, tally: Tally) -> SafeString:
        return _by_country(tally, "total")

    @admin.display(description=gettext_lazy("on paper, by country"))
    def paper_by_country(self, tally: Tally) -> SafeString:
        return _by_country(tally, "paper")

    @admin.display(description=gettext_lazy("by day (UTC)"))
    def by_day(self, tally: Tally) -> SafeString:
        figures = DayTally.objects.filter(petition_id=tally.pk).order_by("-day").values_list("day", "total")
        return render_to_string("admin/signatures/tally/figures.html", {"figures": figures})


def _by_country(tally: Tally, column: str) -> SafeString:
    language = get_language() or "en"
    rows = CountryTally.objects.filter(petition_id=tally.pk).exclude(**{column: 0}).order_by(f"-{column}", "country")
    figures = [
        (country_name(None if code == NOT_SAID else code, language), number)
        for code, number in rows.values_list("country", column)
    ]
    return render_to_string("admin/signatures/tally/figures.html", {"figures": figures})


class FoldedFilter(Choice):
    title = gettext_lazy("folded")
    parameter_name = "folded"
    options = [("no", gettext_lazy("waiting")), ("yes", gettext_lazy("folded"))]

    def narrowed(self, queryset: QuerySet[TallyEntry], value: str) -> QuerySet[TallyEntry]:
        return queryset.filter(folded=value == "yes")


@admin.register(TallyEntry, site=desk)
class TallyEntryAdmin(Scoped, ReadOnly):
    list_display = ("id", "petition", "day", "country", "delta", "paper", "folded")
    list_select_related = ("petition",)
    list_filter = (FoldedFilter, PetitionFilter)
    fields = ("petition", "day", "country", "delta", "paper", "folded")
