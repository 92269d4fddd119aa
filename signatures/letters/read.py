"""Published letters, kept in each process for PAGE_TTL seconds: reading a letter asks the database nothing."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime

from cachetools import TTLCache
from django.conf import settings

from signatures.models import Letter, Petition

from .render import render_letter


@dataclass(frozen=True, slots=True)
class RenderedLetter:
    """A letter in one language, ready to be set; `html` is safe."""

    language: str
    title: str
    addressee: str
    salutation: str
    html: str
    closing: str
    signatory: str
    signatory_title: str
    translator: str
    version: int


@dataclass(frozen=True, slots=True)
class PublishedPetition:
    """A petition that the public may see, with its letters by language."""

    id: int
    slug: str
    state: str
    original_language: str
    reference: str
    dated: date | None
    organisation: str
    goal: int
    country_threshold: int
    show_names: bool
    pending_kept_days: int
    opened_at: datetime | None
    paused_words: str
    closed_at: datetime | None
    delivered_at: datetime | None
    letters: dict[str, RenderedLetter]

    def letter_in(self, language: str) -> RenderedLetter:
        """The letter in `language`, else in the one it was written in."""
        return self.letters.get(language) or self.letters[self.original_language]


_published: TTLCache[str, PublishedPetition | None] = TTLCache(maxsize=256, ttl=settings.PAGE_TTL)
_open: TTLCache[str, list[PublishedPetition]] = TTLCache(maxsize=1, ttl=settings.PAGE_TTL)
_lock = threading.Lock()


def published(slug: str) -> PublishedPetition | None:
    """The petition at `slug`; None for a draft, one that is scheduled, an unknown one, or one without its letter.

    At most two queries, none while this process remembers it.
    """
    with _lock, suppress(KeyError):  # one look-up: between `in` and `[]` the entry may expire
        return _published[slug]
    row = Petition.objects.filter(slug=slug).exclude(state__in=Petition.PRIVATE).prefetch_related("letters").first()
    petition = as_read(row) if row else None
    with _lock:
        _published[slug] = petition
    return petition


def open_petitions() -> list[PublishedPetition]:
    """Every petition that is open, or only paused, the newest first; remembered as long."""
    with _lock, suppress(KeyError):
        return _open["all"]
    states = (Petition.State.OPEN, Petition.State.PAUSED)
    rows = Petition.objects.filter(state__in=states).prefetch_related("letters").order_by("-opened_at")
    petitions = [petition for row in rows if (petition := as_read(row))]
    with _lock:
        _open["all"] = petitions
    return petitions


def forget(slug: str) -> None:
    """Forget what this process remembers of a petition; others follow within PAGE_TTL."""
    with _lock:
        _published.pop(slug, None)
        _open.clear()


def as_read(row: Petition) -> PublishedPetition | None:
    """A petition as its readers get it, whatever its state; None while its original letter is missing."""
    letters = {letter.language: as_letter_read(letter) for letter in row.letters.all()}
    if row.original_language not in letters:
        return None
    return PublishedPetition(
        id=row.pk,
        slug=row.slug,
        state=row.state,
        original_language=row.original_language,
        reference=row.reference,
        dated=row.dated,
        organisation=row.organisation,
        goal=row.goal,
        country_threshold=row.country_threshold,
        show_names=row.show_names,
        pending_kept_days=min(row.pending_kept_days, settings.LINK_DAYS),
        opened_at=row.opened_at,
        paused_words=row.paused_words,
        closed_at=row.closed_at,
        delivered_at=row.delivered_at,
        letters=letters,
    )


def as_letter_read(letter: Letter) -> RenderedLetter:
    """A letter as it is set, whether it is stored or not."""
    return RenderedLetter(
        language=letter.language,
        title=letter.title,
        addressee=letter.addressee,
        salutation=letter.salutation,
        html=render_letter(letter.body),
        closing=letter.closing,
        signatory=letter.signatory,
        signatory_title=letter.signatory_title,
        translator=letter.translator,
        version=letter.version,
    )
