"""Beginning the one sending of an update."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from uuid_utils.compat import uuid7

from signatures.models import AuditEntry, CampaignUpdate, Petition, UpdateSending

from .supporters import count_supporters

DAY = timedelta(days=1)


class SendingProblem(ValueError):
    """Why an update cannot be sent, or its sending not be changed, in words for staff."""


def why_not_now(update: CampaignUpdate) -> str:
    """What stands against sending the update at this moment, in words for staff; empty when nothing does."""
    if UpdateSending.objects.filter(update=update).exists():
        return _("It has been sent already, and an update is sent at most once.")
    if update.published_at is None:
        return _("It is not published. Publish it first: what was mailed can be read by everybody.")
    if update.petition.state == Petition.State.DRAFT:
        return _("Its petition is not published.")
    free = free_again(update.petition_id)
    if free is not None:
        return _(
            "Supporters of this petition get at most %(most)d update in a day, and would get more: send this one after %(time)s UTC."  # noqa: E501
        ) % {"most": settings.UPDATE_MAILS_PER_DAY, "time": f"{free:%Y-%m-%d %H:%M}"}
    return ""


def free_again(petition_id: int) -> datetime | None:
    """From when on another update may be sent to a petition's supporters; None when one may be now."""
    recent = UpdateSending.objects.filter(
        update__petition_id=petition_id, started_at__gt=timezone.now() - DAY
    ).order_by("-started_at")
    nth = list(recent.values_list("started_at", flat=True)[: settings.UPDATE_MAILS_PER_DAY])
    return nth[-1] + DAY if nth and len(nth) >= settings.UPDATE_MAILS_PER_DAY else None


def begin_sending(*, update_id: UUID, actor: User | None, reason: str) -> UpdateSending:
    """Let the workers mail the update to all who asked for updates. Raises SendingProblem.

    Nobody is listed yet, so it costs the same for ten people and for a million (but for counting them). Two who press
    the button at once begin it once: the petition's row is theirs one after the other.
    """
    if not reason.strip():
        raise SendingProblem(_("Say why."))
    with transaction.atomic():
        update = CampaignUpdate.objects.select_related("petition").get(pk=update_id)
        Petition.objects.select_for_update(no_key=True).get(pk=update.petition_id)  # signing goes on meanwhile
        update = CampaignUpdate.objects.select_related("petition").get(pk=update_id)
        if problem := why_not_now(update):
            raise SendingProblem(problem)
        until = uuid7()  # ids rise with time
        expected = sum(count_supporters(update.petition_id, until=until).values())
        if not expected:
            raise SendingProblem(_("Nobody has asked for updates of this petition yet."))
        sending = UpdateSending.objects.create(update=update, started_at=timezone.now(), until=until, expected=expected)
        AuditEntry.objects.create(
            actor=actor,
            action="send",
            object_type="campaignupdate",
            object_id=str(update_id),
            count=expected,
            reason=reason.strip()[:200],
        )
    return sending
