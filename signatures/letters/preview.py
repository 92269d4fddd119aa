"""The link by which people outside the desk read a letter before it is public.

Whoever holds it can read and do nothing else. It ends by itself, when the petition opens, when somebody at the desk
takes it back, and when another is made: a petition has one at a time.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from signatures.models import AuditEntry, Petition
from signatures.privacy.tokens import BadToken, ExpiredToken, read_token, sign_token

from .lifecycle import LifecycleProblem
from .read import PublishedPetition, as_read

PURPOSE = "preview"


def make_preview_link(*, petition_id: int, actor: User | None, reason: str) -> Petition:
    """Make a link for PREVIEW_LINK_DAYS; one that was there before ends. Raises LifecycleProblem once it is public."""
    return _set(petition_id, lives=True, action="make preview link", actor=actor, reason=reason)


def revoke_preview_link(*, petition_id: int, actor: User | None, reason: str) -> Petition:
    """End the link at once. Raises LifecycleProblem when there is none."""
    return _set(petition_id, lives=False, action="revoke preview link", actor=actor, reason=reason)


def _set(petition_id: int, *, lives: bool, action: str, actor: User | None, reason: str) -> Petition:
    with transaction.atomic():
        petition = Petition.objects.select_for_update().get(pk=petition_id)
        if lives and petition.state not in Petition.PRIVATE:
            raise LifecycleProblem(_("The letter is public: pass on its own address."))
        if lives and not petition.letters.filter(language=petition.original_language).exists():
            raise LifecycleProblem(_("It has no letter in its original language yet."))
        if not lives and petition.preview_until is None:
            raise LifecycleProblem(_("There is no preview link."))
        until = timezone.now() + timedelta(days=settings.PREVIEW_LINK_DAYS) if lives else None
        petition.preview_until = until.replace(microsecond=0) if until else None  # a token counts whole seconds
        petition.preview_number += 1  # whatever was made before opens nothing any more
        petition.save(update_fields=["preview_until", "preview_number"])
        AuditEntry.of_petition(petition, action=action, reason=reason, actor=actor)
    return petition


def has_preview_link(petition: Petition) -> bool:
    until = petition.preview_until
    return petition.state in Petition.PRIVATE and until is not None and until > timezone.now()


def preview_link(petition: Petition) -> str:
    """The link as it was made; empty when there is none that works."""
    if not has_preview_link(petition) or petition.preview_until is None:
        return ""
    payload = petition.pk.to_bytes(8) + petition.preview_number.to_bytes(4)
    token = sign_token(payload, purpose=PURPOSE, lifetime=0, now=petition.preview_until.timestamp())
    language = petition.original_language
    if language not in dict(settings.LANGUAGES):
        language = settings.LANGUAGE_CODE
    return settings.PUBLIC_URL + reverse(
        "preview", kwargs={"language": language, "slug": petition.slug, "token": token}
    )


def previewed(*, slug: str, token: str) -> PublishedPetition | None:
    """The petition as it will be when it is open; None when it is public already.

    Raises BadToken for what is no link of this petition, ExpiredToken for one that has ended.
    """
    payload = read_token(token, purpose=PURPOSE)
    if len(payload) != 12:
        raise BadToken("no petition in it")
    rows = Petition.objects.filter(pk=int.from_bytes(payload[:8]), slug=slug).prefetch_related("letters")
    petition = rows.first()
    if petition is None:
        raise BadToken("another petition's")
    if petition.preview_number != int.from_bytes(payload[8:]):
        raise ExpiredToken
    if petition.state not in Petition.PRIVATE:
        return None
    read = as_read(petition)
    if read is None:
        raise ExpiredToken
    return replace(read, state=Petition.State.OPEN)
