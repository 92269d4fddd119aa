"""The public record of a petition: ask, call, answer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from petition.caching import cache_policy
from signatures.letters.read import PublishedPetition, published
from signatures.letters.updates import published_updates
from signatures.signing.pages.page import compose, in_its_language
from signatures.tally import snapshot
from signatures.tally.published import country_figures, day_figures

from . import ready
from .chart import draw_chart, heading
from .corrections import corrections
from .map import draw_map
from .names import names_page
from .tables import countries_csv, country_rows, day_rows, days_csv

KEPT = cache_policy(seconds=60)
KEPT_BRIEFLY = "public, max-age=5"  # of names: nobody shows one on that has been taken back, not even while we are down
LEADING = 10  # countries named beside the map


def _petition_or_404(slug: str) -> PublishedPetition:
    petition = published(slug)
    if petition is None:
        raise Http404
    return petition


def _page(request: HttpRequest, part: str, petition: PublishedPetition, language: str, **context: Any) -> bytes:
    """A page of the record, with what all of them say of their petition."""
    return compose(
        request,
        f"public/record/{part}.html",
        language=language,
        part=part,
        petition=petition,
        letter=petition.letter_in(language),
        api=f"/api/v1/petitions/{petition.slug}/",
        **context,
    )


@require_safe
@in_its_language
def record(request: HttpRequest, *, language: str, slug: str) -> HttpResponse:
    """Where and when people signed: map, chart, and a table of each."""
    petition = _petition_or_404(slug)

    def make() -> bytes:
        countries, days = country_figures(petition), day_figures(petition)
        numbers = {row.code: row.number for row in countries.rows}
        rows = country_rows(countries, language)
        chart = draw_chart([(row.day, row.number) for row in days.rows], language=language)
        return _page(
            request,
            "record",
            petition,
            language,
            tally=snapshot.read(petition),
            as_of=countries.as_of,
            countries=rows,
            leading=sorted((row for row in rows if row.number), key=lambda row: -(row.number or 0))[:LEADING],
            not_said=countries.not_said,
            world=draw_map(numbers, threshold=countries.threshold, language=language) if numbers else None,
            chart=chart,
            each=heading(chart) if chart else "",
            days=day_rows(days)[::-1],
        )

    return ready.figures.answer(request, key=("record", slug, language), make=make, cache_control=KEPT)


@require_safe
@in_its_language
def how_it_is_counted(request: HttpRequest, *, language: str, slug: str) -> HttpResponse:
    """How the count is made, what is under review, and what was corrected."""
    petition = _petition_or_404(slug)

    def make() -> bytes:
        log = corrections(petition_id=petition.id, threshold=petition.country_threshold)
        return _page(request, "count", petition, language, log=log, paper=snapshot.read(petition).paper)

    return ready.figures.answer(request, key=("count", slug, language), make=make, cache_control=KEPT)


@require_safe
@in_its_language
def names(request: HttpRequest, *, language: str, slug: str) -> HttpResponse:
    """A page of names, for people: no search engine may keep it, and no cache longer than seconds."""
    petition = _petition_or_404(slug)
    if not petition.show_names:
        raise Http404
    after = _place(request.GET.get("after", ""))

    def make() -> bytes:
        page = names_page(petition_id=petition.id, after=after)
        return _page(request, "names", petition, language, page=page, later=after is not None)

    response = ready.names.answer(request, key=(slug, language, after), make=make, cache_control=KEPT_BRIEFLY)
    response["X-Robots-Tag"] = "noindex, noarchive"
    return response


def _place(text: str) -> UUID | None:
    """Where a page begins; an address made by hand leads nowhere."""
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError as error:
        raise Http404 from error


@require_safe
@in_its_language
def updates(request: HttpRequest, *, language: str, slug: str) -> HttpResponse:
    """What the campaign wrote since, the newest first."""
    petition = _petition_or_404(slug)

    def make() -> bytes:
        return _page(request, "updates", petition, language, updates=published_updates(petition.id, language))

    return ready.figures.answer(request, key=("updates", slug, language), make=make, cache_control=KEPT)


@require_safe
@in_its_language
def update(request: HttpRequest, *, language: str, slug: str, update_id: UUID) -> HttpResponse:
    """One update, at an address that stays."""
    petition = _petition_or_404(slug)
    found = next((each for each in published_updates(petition.id, language) if each.id == update_id), None)
    if found is None:
        raise Http404

    def make() -> bytes:
        return _page(request, "update", petition, language, update=found)

    return ready.figures.answer(request, key=("update", update_id, language), make=make, cache_control=KEPT)


@require_safe
@in_its_language
def countries_file(request: HttpRequest, *, language: str, slug: str) -> HttpResponse:
    petition = _petition_or_404(slug)
    return _file(
        request,
        name=f"{slug}-countries",
        language=language,
        make=lambda: countries_csv(country_figures(petition), language),
    )


@require_safe
@in_its_language
def days_file(request: HttpRequest, *, language: str, slug: str) -> HttpResponse:
    petition = _petition_or_404(slug)
    return _file(request, name=f"{slug}-days", language=language, make=lambda: days_csv(day_figures(petition)))


def _file(request: HttpRequest, *, name: str, language: str, make: Any) -> HttpResponse:
    key, kind = (name, language), "text/csv; charset=utf-8"
    response = ready.figures.answer(request, key=key, make=make, cache_control=KEPT, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response
