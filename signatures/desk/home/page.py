"""The first page of the desk: what waits for somebody, how many signed, how it goes, and the way to every list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from signatures.desk.people.scope import petitions_for
from signatures.models import Petition

from .charts import draw_days, draw_hours
from .figures import COLUMNS, Figure, cards, columns, funnel, standing_now
from .groups import grouped
from .health import BAD, is_stale, signs_of_health
from .lists import Lists
from .oddities import oddities_of
from .reading import counted_petitions, standing_of
from .steps import first_steps
from .todo import WORST, Matter, matters_of
from .work import jobs_by_state, matters_of_jobs, sign_of_jobs

LISTED = 30  # petitions in the table, those most signed this week first


@dataclass(frozen=True, slots=True)
class Row:
    """A petition in the table, with its figures in the order of `figures.COLUMNS`."""

    petition: Petition
    address: str  # of its own home
    figures: Sequence[Figure]


def home_page(request: HttpRequest, *, site: AdminSite) -> TemplateResponse:
    """Of one petition with `?petition=id`, else of all that the person works on. Reads figures, counts nothing."""
    now, language = timezone.now(), get_language() or "en"
    mine = _petitions(request)
    chosen = _chosen(request, mine)
    lists = Lists(site, request, petition=chosen)
    shown = [chosen] if chosen else mine
    standing = standing_of(shown)
    jobs = jobs_by_state(shown, now=now)
    signs = [
        *signs_of_health(standing, lists, now=now, language=language),
        sign_of_jobs(jobs, lists, language=language),
    ]
    matters = [
        *(Matter(WORST, f"{sign.name}: {sign.words}", sign.address) for sign in signs if sign.kind == BAD),
        *matters_of(standing, lists, now=now, language=language),
        *matters_of_jobs(jobs, lists, language=language),
        *oddities_of(shown, lists, may_name_domains=_may(request, "find_signature"), language=language),
    ]
    context = site.each_context(request) | {
        "title": site.index_title,
        "subtitle": chosen.slug if chosen else None,
        "language": language,
        "groups": grouped(site.get_app_list(request)),
        "petitions": mine,
        "petition": chosen,
        "steps": first_steps(request, site=site, petitions=mine),
        "standing": standing,
        "stale": is_stale(standing, now=now),
        "matters": matters,
        "cards": cards(standing, lists),
        "funnel": funnel(standing, lists),
        "now": standing_now(standing, lists),
        "by_day": draw_days(standing.days, language=language),
        "by_hour": draw_hours(standing.hours, language=language),
        "rows": _rows(mine, lists) if not chosen and len(mine) > 1 else [],
        "columns": COLUMNS,
        "more": len(mine) > LISTED,
        "all_petitions": lists.of(None).to(Petition),
        "signs": signs,
    }
    request.current_app = site.name  # type: ignore[attr-defined]
    return TemplateResponse(request, "admin/index.html", context)


def _may(request: HttpRequest, what: str) -> bool:
    return bool(request.user.has_perm(f"signatures.{what}"))  # type: ignore[union-attr]


def _petitions(request: HttpRequest) -> list[Petition]:
    """Those whose figures the person may see, with the figures."""
    if not (_may(request, "view_petition") or _may(request, "view_signature")):
        return []
    return counted_petitions(petitions_for(request.user))


def _chosen(request: HttpRequest, mine: Sequence[Petition]) -> Petition | None:
    wanted = request.GET.get("petition", "")
    if not wanted:
        return None
    for petition in mine:
        if str(petition.pk) == wanted:
            return petition
    raise Http404(_("There is no such petition."))


def _rows(mine: Sequence[Petition], lists: Lists) -> list[Row]:
    """The petitions most signed this week. Each figure was counted for that petition alone."""
    standings = [(petition, standing_of([petition])) for petition in mine]
    standings.sort(key=lambda each: (-each[1].confirmed_week, -each[1].total, each[0].slug))
    return [
        Row(petition, f"?petition={petition.pk}", columns(standing, lists.of(petition)))
        for petition, standing in standings[:LISTED]
    ]
