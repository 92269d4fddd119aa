"""Updates from the campaign: published, taken back, and read, in each process's memory for PAGE_TTL seconds."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cachetools import TTLCache
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from signatures.models import AuditEntry, CampaignUpdate, UpdateText

from .render import render_letter

MOST = 100  # the newest; a campaign that writes more has a site of its own


class UpdateProblem(ValueError):
    """Why an update cannot be published or taken back, in words for staff."""


@dataclass(frozen=True, slots=True)
class PublishedUpdate:
    """An update in one language, ready to be set; `html` is safe. `language` is the one that it is really in."""

    id: UUID
    language: str
    title: str
    html: str
    published_at: datetime


_Texts = dict[str, PublishedUpdate]  # by language, the original first
_memory: TTLCache[int, list[_Texts]] = TTLCache(maxsize=256, ttl=settings.PAGE_TTL)
_lock = threading.Lock()


def published_updates(petition_id: int, language: str) -> list[PublishedUpdate]:
    """The published updates, the newest first, in `language` or else in the one each was written in.

    At most one query, none while this process remembers them. Whether the petition itself is public is the caller's
    to know (`letters.read.published`).
    """
    return [texts.get(language) or next(iter(texts.values())) for texts in _read(petition_id)]


def _read(petition_id: int) -> list[_Texts]:
    with _lock, suppress(KeyError):
        return _memory[petition_id]
    newest = CampaignUpdate.objects.filter(petition_id=petition_id, published_at__isnull=False)
    newest = newest.order_by("-published_at", "-id")[:MOST]
    rows = UpdateText.objects.filter(update__in=newest.values("pk")).select_related("update")
    by_update: dict[CampaignUpdate, list[UpdateText]] = {}
    for text in rows.order_by("-update__published_at", "-update__pk"):
        by_update.setdefault(text.update, []).append(text)
    updates = [texts for row, written in by_update.items() if (texts := _texts(row, written))]
    with _lock:
        _memory[petition_id] = updates
    return updates


def _texts(row: CampaignUpdate, written: list[UpdateText]) -> _Texts:
    """Every language of an update; none when its original is missing."""
    texts = sorted(written, key=lambda text: (text.language != row.original_language, text.language))
    if not texts or texts[0].language != row.original_language or row.published_at is None:
        return {}
    return {
        text.language: PublishedUpdate(row.pk, text.language, text.title, render_letter(text.body), row.published_at)
        for text in texts
    }


def publish_update(*, update_id: UUID, actor: User | None, reason: str) -> CampaignUpdate:
    """Show it to everybody from now on. Raises UpdateProblem."""
    return _turn(update_id, public=True, actor=actor, reason=reason)


def unpublish_update(*, update_id: UUID, actor: User | None, reason: str) -> CampaignUpdate:
    """Make it a draft again; who read it has read it. Raises UpdateProblem."""
    return _turn(update_id, public=False, actor=actor, reason=reason)


def _turn(update_id: UUID, *, public: bool, actor: User | None, reason: str) -> CampaignUpdate:
    if not reason.strip():
        raise UpdateProblem(_("Say why."))
    with transaction.atomic():
        update = CampaignUpdate.objects.select_for_update().get(pk=update_id)
        if public == (update.published_at is not None):
            raise UpdateProblem(_("It is published already.") if public else _("It is not published."))
        if public and not update.texts.filter(language=update.original_language).exists():
            raise UpdateProblem(_("It has no text in its original language yet."))
        update.published_at = timezone.now() if public else None
        update.save(update_fields=["published_at"])
        AuditEntry.objects.create(
            actor=actor,
            action="publish" if public else "unpublish",
            object_type="campaignupdate",
            object_id=str(update.pk),
            reason=reason.strip()[:200],
        )
    forget(update.petition_id)
    return update


def forget(petition_id: int | None = None) -> None:
    """Forget what this process remembers of a petition's updates, or of all; others follow within PAGE_TTL."""
    with _lock:
        if petition_id is None:
            _memory.clear()
        else:
            _memory.pop(petition_id, None)
