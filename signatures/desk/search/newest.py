"""A page of signatures, newest first, and how many there are: each from an index, whatever is asked for.

An index begins with the petition, and most of them hold one state alone, so that a form being sent, or mailed, or
confirmed pays for few of them. So the newest are looked for in each petition and state by itself, a page at most in
each, and merged. What each piece reads:

===================  =========================================================================================
a state              `signature_confirmed` over petition and id; `signature_uncounted` over petition, state and id
a country            confirmed: `signature_country`, over petition, country and id; else in `signature_uncounted`
a source tag         confirmed: `signature_tagged`, over petition, source and id; else in `signature_uncounted`
a mail domain        `signature_domain`, over petition, domain and id, which holds every state
a reason it is held  `signature_held_for`, over petition, reason and id, which holds the held
on paper             `signature_on_paper`, over petition, state and id, which holds those alone
mail                 due and bounced: the small indexes of those; sent: nearly every row is one
days, part of an id  a range of ids in any of these
confirmed from       `signature_confirmed_at`, when that is the shorter way
===================  =========================================================================================

`signature_uncounted` has country, tag and domain beside the ids, so that to look through all of one state reads no row:
the unconfirmed are forgotten after two weeks and the held wait for staff, but a hundred thousand there may be. Where
two conditions meet, PostgreSQL takes the rarer one's index.
"""

from __future__ import annotations

from heapq import nlargest
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.core.cache import cache
from django.db.models import F, Func, IntegerField, OuterRef, QuerySet

from signatures.models import Petition, Signature

from ..jobs.selection import NOT_SAID
from .narrowing import Narrowing

MOST = 1000  # what a count counts to
KEPT = 30  # seconds that a count is kept


def _pieces(narrowing: Narrowing, *, below: UUID | None, most: int) -> dict[str, QuerySet[Any]]:
    """The ids of one petition (the outer query's) by state, newest first, up to `most` of each."""
    rows = narrowing.of_rows(Signature.objects.filter(petition=OuterRef("pk")))
    if below:
        rows = rows.filter(pk__lt=below)
    states = narrowing.states()
    if not states and narrowing.domain and not (narrowing.country or narrowing.source):
        return {"any": _newest_of(rows, most)}
    if not states:
        states = tuple(Signature.State.values)
        if narrowing.country or narrowing.source or narrowing.domain:
            states = tuple(each for each in states if each != Signature.State.ERASED)  # has none of these
    pieces = {state: _newest_of(rows.filter(state=state), most) for state in states}
    if narrowing.country == NOT_SAID and Signature.State.CONFIRMED in pieces:
        # PostgreSQL does not see that IS NULL leaves one value, so that the index is in this order: said in full.
        in_full = rows.filter(state=Signature.State.CONFIRMED).order_by(F("country").desc(nulls_first=True), "-pk")
        pieces[Signature.State.CONFIRMED] = in_full.values("pk")[:most]
    return pieces


def _newest_of(rows: QuerySet[Any], most: int) -> QuerySet[Any]:
    return rows.order_by("-pk").values("pk")[:most]


def newest_ids(
    narrowing: Narrowing, *, petitions: QuerySet[Petition], every: bool, below: UUID | None, most: int
) -> list[UUID]:
    """The ids of up to `most` matches, newest first, below an id. `every` says that `petitions` are all there are."""
    if every and not narrowing.but(signed_from=None, signed_until=None, id=""):
        rows = narrowing.of_rows(Signature.objects.all())
        rows = rows.filter(pk__lt=below) if below else rows
        return list(rows.order_by("-pk").values_list("pk", flat=True)[:most])
    pieces = {f"of_{state}": ArraySubquery(rows) for state, rows in _pieces(narrowing, below=below, most=most).items()}
    found = _asked(petitions, narrowing).annotate(**pieces).values_list(*pieces)
    return nlargest(most, (pk for petition in found for piece in petition for pk in piece))


def bounded_counts(narrowing: Narrowing, *, petitions: QuerySet[Petition], whose: str, but: str = "") -> dict[str, int]:
    """How many match in each state (or in "any") but one, each at most MOST + 1. One query, kept for KEPT seconds
    under what was asked for and `whose` reach it is.
    """
    key = f"desk-count:{whose}:{but}:" + ":".join(f"{name}={value}" for name, value in narrowing.params().items())
    known: dict[str, int] | None = cache.get(key)
    if known is not None:
        return known
    pieces = {
        state: Func(ArraySubquery(rows), function="cardinality", output_field=IntegerField())
        for state, rows in _pieces(narrowing, below=None, most=MOST + 1).items()
        if state != but
    }
    found = _asked(petitions, narrowing).values_list(*(piece.copy() for piece in pieces.values()))
    sums = [min(sum(numbers), MOST + 1) for numbers in zip(*found, strict=True)] or [0] * len(pieces)
    counts = dict(zip(pieces, sums, strict=True))
    cache.set(key, counts, KEPT)
    return counts


def bounded_count(narrowing: Narrowing, *, petitions: QuerySet[Petition], whose: str) -> int:
    """How many match in all, at most MOST + 1."""
    return min(sum(bounded_counts(narrowing, petitions=petitions, whose=whose).values()), MOST + 1)


def _asked(petitions: QuerySet[Petition], narrowing: Narrowing) -> QuerySet[Petition]:
    return (petitions.filter(pk=narrowing.petition) if narrowing.petition else petitions).order_by()
