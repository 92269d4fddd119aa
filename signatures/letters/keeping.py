"""How long each public petition keeps people's data, as the page for signers states it."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime

from cachetools import TTLCache
from django.conf import settings
from django.db.models import Prefetch

from signatures.models import Letter, Petition


@dataclass(frozen=True, slots=True)
class Kept:
    """The periods of one petition, in days; `closed_on` once it has closed, and whether the law stops the deletion."""

    title: str
    slug: str
    names_days: int
    emails_days: int
    pending_days: int
    closed_on: date | None
    legal_hold: bool
    on_paper: bool  # whether the public is told of signatures on paper


_memory: TTLCache[str, list[Kept]] = TTLCache(maxsize=32, ttl=settings.PAGE_TTL)
_lock = threading.Lock()


def kept_of_all(language: str) -> list[Kept]:
    """Every petition that the public may see, the newest first. Two queries at most, none while remembered."""
    with _lock, suppress(KeyError):
        return _memory[language]
    titles = Prefetch("letters", Letter.objects.only("petition", "language", "title"))  # without the letters themselves
    rows = (
        Petition.objects.exclude(state__in=Petition.PRIVATE)
        .select_related("tally")
        .prefetch_related(titles)
        .order_by("-opened_at")
    )
    kept = [_kept(row, language) for row in rows]
    with _lock:
        _memory[language] = kept
    return kept


def forget_kept() -> None:
    """After a change at the desk; other processes follow within PAGE_TTL."""
    with _lock:
        _memory.clear()


def _kept(row: Petition, language: str) -> Kept:
    titles = {letter.language: letter.title for letter in row.letters.all()}
    closed: datetime | None = (row.closed_at or row.delivered_at) if row.state in Petition.ENDED else None
    return Kept(
        title=titles.get(language) or titles.get(row.original_language) or row.slug,
        slug=row.slug,
        names_days=row.names_kept_days,
        emails_days=row.emails_kept_days,
        pending_days=min(row.pending_kept_days, settings.LINK_DAYS),
        closed_on=closed.date() if closed else None,
        legal_hold=row.legal_hold_at is not None,
        on_paper=hasattr(row, "tally") and row.tally.paper_shown is not None,
    )
