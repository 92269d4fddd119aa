"""Trying an update out: a member of the staff mails it to their own account's address."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from signatures.mail.compose import UnfitAddress
from signatures.mail.post import Away, NotSent, Post
from signatures.models import AuditEntry, CampaignUpdate, UpdateTest
from signatures.privacy.personal import Signer

from .begin import SendingProblem
from .compose import Edition, compose_test

HOUR = timedelta(hours=1)


def ask_for_test(*, update_id: UUID, language: str, actor: User) -> UpdateTest:
    """Queue the update, a draft or not, for the actor's own address. A worker sends it. Raises SendingProblem."""
    with transaction.atomic():
        person = User.objects.select_for_update(no_key=True).get(pk=actor.pk)
        update = CampaignUpdate.objects.get(pk=update_id)
        if not person.email:
            raise SendingProblem(_("Your account has no e-mail address. Somebody who administers the desk can add it."))
        if not update.texts.filter(language=language).exists():
            raise SendingProblem(_("The update has no text in this language yet."))
        lately = UpdateTest.objects.filter(asked_by=person, asked_at__gt=timezone.now() - HOUR).count()
        if lately >= settings.UPDATE_TESTS_PER_HOUR:
            raise SendingProblem(_("These are many tests for one hour. Wait a while."))
        test = UpdateTest.objects.create(update=update, asked_by=person, language=language)
        AuditEntry.objects.create(
            actor=person, action="send test", object_type="campaignupdate", object_id=str(update_id), reason=language
        )
    return test


def send_tests(post: Post, *, edition: Callable[[UUID], Edition]) -> int:
    """Hand over the tests that wait; how many. Each at most once, as it is with updates. Raises Away."""
    sent = 0
    while test := _next():
        try:
            message = compose_test(
                edition=edition(test.update_id),
                language=test.language,
                signer=Signer(name=test.asked_by.get_short_name(), email=test.asked_by.email),
                serial=str(test.pk),
            )
            post.send(message, once=True)
        except Away:
            _note(test, waiting=True)
            raise
        except NotSent as error:
            _note(test, error=str(error))
        except UnfitAddress:
            _note(test, error="not one plain mailbox")
        except Exception as error:
            _note(test, error=f"cannot be written: {type(error).__name__}")
        else:
            _note(test, sent_at=timezone.now(), error="")
            sent += 1
    return sent


def _next() -> UpdateTest | None:
    with transaction.atomic(durable=True):
        waiting = UpdateTest.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
        test = waiting.select_related("asked_by").filter(waiting=True).order_by("id").first()
        if test:
            _note(test, waiting=False, error="the worker never reported")
    return test


def _note(test: UpdateTest, **fields: object) -> None:
    UpdateTest.objects.filter(pk=test.pk).update(**fields)
