"""Handing updates over, one person after the other, behind every other mail."""

from __future__ import annotations

import logging
import random
import time
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import cache
from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from signatures.mail.compose import UnfitAddress
from signatures.mail.deliver import AWAY_WAIT, deliver_due, in_lane, pause, paused, wait_after
from signatures.mail.outbox import oldest_due
from signatures.mail.post import Away, Post, Refused, TryLater, Unclear
from signatures.models import Signature
from signatures.privacy.personal import signer_of
from signatures.privacy.sealing import Unreadable

from . import claim as recipients
from .begin import SendingProblem
from .claim import Claimed
from .compose import Edition, compose_update, edition_of
from .domains import Domains
from .listing import list_more
from .pace import take_turns
from .trial import send_tests
from .turn import pause_sending

log = logging.getLogger(__name__)

NAP = 0.05  # seconds between two looks at the outbox while the pace makes us wait
UNCLEAR = 3  # mails in a row without an answer, after which a sending pauses by itself


class Became(Enum):
    SENT = auto()
    RETRIED = auto()
    BOUNCED = auto()
    FAILED = auto()
    UNKNOWN = auto()
    PASSED_OVER = auto()
    GIVEN_BACK = auto()


class EditionReader(Protocol):
    def __call__(self, update_id: UUID, /) -> Edition: ...


@dataclass
class Run:
    """What one run did and has learnt."""

    sent: int = 0
    retried: int = 0
    bounced: int = 0
    failed: int = 0
    unknown: int = 0
    passed_over: int = 0
    domains: Domains = field(default_factory=Domains)
    edition: EditionReader = field(default_factory=lambda: cache(edition_of))
    unclear_in_a_row: int = 0

    def count(self, became: Became) -> None:
        name = became.name.lower()
        if became is not Became.GIVEN_BACK:
            setattr(self, name, getattr(self, name) + 1)


def send_updates(*, lane: int, seconds: float = 20.0) -> Run:
    """Mail updates for `seconds`, or until nobody is due; returns at once when another worker has the mail lane.

    It works in a lane of the outbox and delivers what is due there before each mail of its own: a confirmation that
    comes in the middle goes next. A worker killed at any point leaves at most one person of whom nobody knows whether
    the mail went out; that person is not sent to again.
    """
    run = Run()
    if paused() or not recipients.in_progress():
        return run
    with in_lane(lane) as ours:
        if ours:
            recipients.note_unknown()
            if _somebody_due():
                try:
                    with Post() as post:
                        _over(post, run, lane=lane, ends=time.monotonic() + seconds)
                except Away as error:
                    pause()
                    log.error("Mail server away, updates wait: %s", error)
    return run


def _somebody_due() -> bool:
    while not recipients.somebody_due():
        if not list_more():
            recipients.finish()
            return False
    return True


def _over(post: Post, run: Run, *, lane: int, ends: float) -> None:
    turns = 0
    while time.monotonic() < ends:
        if oldest_due() is not None:
            deliver_due(lane=lane, seconds=ends - time.monotonic())
            if paused():
                return
            if oldest_due() is not None:
                time.sleep(NAP)  # others are at it
            continue
        if not turns:
            send_tests(post, edition=run.edition)
            turns, wait = take_turns()
            if not turns:
                time.sleep(min(wait, NAP))
                continue
        mail = recipients.claim()
        if mail is None:
            if not _somebody_due():
                return
            continue
        turns -= 1
        run.count(_one_mail(mail, post=post, run=run))
        if run.unclear_in_a_row >= UNCLEAR:
            _pause_by_itself(mail)
            run.unclear_in_a_row = 0


def _one_mail(mail: Claimed, *, post: Post, run: Run) -> Became:
    """Hand over the mail of one who is marked, and record what became of it. Raises Away, with the mark taken back."""
    signature = recipients.read_claimed(mail)
    if signature is None or not _still_wants(signature):
        recipients.pass_over(mail)
        return Became.PASSED_OVER
    if free_again := signature.free_again:  # type: ignore[attr-defined]
        recipients.give_back(mail, seconds=max(1.0, (free_again - timezone.now()).total_seconds()))
        return Became.GIVEN_BACK
    try:
        signer = signer_of(signature)
        message = compose_update(
            edition=run.edition(mail.update_id), signature=signature, signer=signer, sending_id=mail.sending_id
        )
    except UnfitAddress:
        recipients.mark_bounced(mail, error="not one plain mailbox")
        return Became.BOUNCED
    except Unreadable:
        return _later(mail, "name or address cannot be read: is a key missing from FIELD_KEYS?", ours=True)
    except Exception as error:
        return _later(mail, f"cannot be written: {type(error).__name__}", ours=True)
    domain = signer.email.rpartition("@")[2].lower()
    if rest := run.domains.resting(domain):
        recipients.give_back(mail, seconds=rest * random.uniform(1.0, 1.5))
        return Became.GIVEN_BACK
    try:
        post.send(message, once=True)
    except Refused as error:
        recipients.mark_bounced(mail, error=str(error))
        became = Became.BOUNCED
    except TryLater as error:
        run.domains.put_off(domain)
        became = _later(mail, str(error))
    except Unclear as error:
        recipients.mark_unknown(mail, error=str(error))
        run.unclear_in_a_row += 1
        return Became.UNKNOWN
    except Away:
        recipients.give_back(mail, seconds=random.uniform(*AWAY_WAIT))
        raise
    else:
        recipients.mark_sent(mail)
        run.domains.took(domain)
        became = Became.SENT
    run.unclear_in_a_row = 0
    return became


def _still_wants(signature: Signature) -> bool:
    """Whether this person is still one of those who are mailed updates, now that it is their turn."""
    return (
        signature.state == Signature.State.CONFIRMED
        and signature.wants_updates
        and signature.bounced_at is None
        and signature.email_sealed is not None
        and not signature.suppressed  # type: ignore[attr-defined]
    )


def _later(mail: Claimed, error: str, *, ours: bool = False) -> Became:
    """Wait, longer each time, and give up after MAIL_MAX_ATTEMPTS. `ours` is for operators to mend."""
    if ours:
        log.error("Update for signature %s: %s", mail.signature_id, error)
    if mail.attempts >= settings.MAIL_MAX_ATTEMPTS:
        recipients.mark_failed(mail, error=error)
        return Became.FAILED
    recipients.try_later(mail, error=error, seconds=wait_after(mail.attempts))
    return Became.RETRIED


def _pause_by_itself(mail: Claimed) -> None:
    """A server that takes mail and never says so would use up all recipients, one unknown after the other."""
    because = f"the mail server broke off {UNCLEAR} mails in a row"
    log.error("Sending %s pauses: %s", mail.sending_id, because)
    try:
        pause_sending(update_id=mail.update_id, actor=None, reason=because, because=because)
    except SendingProblem:
        log.info("Sending %s was ended meanwhile", mail.sending_id)
