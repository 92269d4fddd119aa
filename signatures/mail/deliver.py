"""Delivering what is due: claim a batch, hand each mail over, record each one before the next."""

from __future__ import annotations

import logging
import random
import time
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto
from functools import cache
from typing import Protocol

from django.conf import settings
from django.utils import timezone

from petition.database import session_lock
from signatures.models import OutgoingMail, Signature
from signatures.privacy.personal import signer_of
from signatures.privacy.sealing import Unreadable

from . import claim as outbox
from .claim import SIGNATURES, Claimed
from .compose import Kind, Occasion, UnfitAddress, compose, occasion_of
from .outbox import oldest_due
from .post import Away, Post, Refused, TryLater

log = logging.getLogger(__name__)

LANE_LOCK = 0x6D61696C  # "mail": the class of the lanes' advisory locks
FIRST_WAIT = 30.0  # seconds, doubled by every attempt
LONGEST_WAIT = 6 * 3600.0  # seconds
AWAY_WAIT = (30.0, 60.0)  # seconds, for the rest of a batch whose server went away
PAUSE = 10.0  # seconds this process leaves a server alone that it could not reach

_paused_until = 0.0  # time.monotonic()


@dataclass
class Delivered:
    """What one run did, in mails. Rows that needed no mail any more are in none of them."""

    sent: int = 0
    retried: int = 0
    bounced: int = 0


class Became(Enum):
    SENT = auto()
    RETRIED = auto()
    BOUNCED = auto()
    NOTHING = auto()  # nothing was to be sent


def deliver_due(*, lane: int, seconds: float = 20.0) -> Delivered:
    """Send what is due until nothing is, or for `seconds`; returns at once when another worker has the lane.

    The lanes only bound how many connections are open at once: what keeps two workers from sending one mail is the
    lease in `claim`. A worker killed at any point leaves a lease that runs out, so every mail goes out; the only one
    that may go out twice is the one it had handed over and not yet recorded.
    """
    done = Delivered()
    if paused() or oldest_due() is None:
        return done
    with in_lane(lane) as ours:
        if ours:
            ends = time.monotonic() + seconds
            occasions = cache(occasion_of)
            while time.monotonic() < ends and oldest_due() is not None:
                if not _one_batch(done, ends=ends, occasion=occasions):
                    break
    return done


class OccasionReader(Protocol):
    def __call__(self, petition_id: int, /) -> Occasion: ...


def _one_batch(done: Delivered, *, ends: float, occasion: OccasionReader) -> bool:
    """Claim and deliver one connection's worth. False when it is no use to go on."""
    try:
        with Post() as post:
            return _over(post, done, ends=ends, occasion=occasion)
    except Away as error:
        # Nothing was claimed: the mails stay due since when they were, and /readyz tells how long that is.
        pause()
        log.error("Mail server away, will try again: %s", error)
        return False


def _over(post: Post, done: Delivered, *, ends: float, occasion: OccasionReader) -> bool:
    batch = outbox.claim(limit=settings.MAIL_BATCH)
    for position, mail in enumerate(batch):
        if time.monotonic() > ends:
            outbox.give_back(batch[position:])
            return False
        try:
            became = _one_mail(mail, post=post, occasion=occasion)
        except Away as error:
            rest = batch[position:]
            outbox.give_back(rest, seconds=random.uniform(*AWAY_WAIT))
            pause()
            log.error("Mail server went away, %d mails wait: %s", len(rest), error)
            return False
        done.sent += became is Became.SENT
        done.retried += became is Became.RETRIED
        done.bounced += became is Became.BOUNCED
    return bool(batch)


def _one_mail(mail: Claimed, *, post: Post, occasion: OccasionReader) -> Became:
    """Send one claimed mail and record what became of it. Raises Away, with the mail still to be given back."""
    signature = outbox.read_claimed(mail)
    if signature is None:
        return Became.NOTHING
    petition = occasion(signature.petition_id)
    kind = kind_to_send(mail, signature, petition)
    if kind is None:
        outbox.clear(mail)
        return Became.NOTHING
    try:
        signer = signer_of(signature)
        message = compose(
            kind=kind,
            signature=signature,
            signer=signer,
            occasion=petition,
            serial=_serial(mail, signature),
        )
    except UnfitAddress:
        return _bounce(mail, "not one plain mailbox")
    except Unreadable:
        return _ours_to_mend(mail, "name or address cannot be read: is a key missing from FIELD_KEYS?")
    except Exception as error:
        return _ours_to_mend(mail, f"cannot be written: {type(error).__name__}")
    try:
        post.send(message)
    except Refused as error:
        return _bounce(mail, str(error))
    except TryLater as error:
        if mail.attempts >= settings.MAIL_MAX_ATTEMPTS:
            return _bounce(mail, str(error))
        outbox.try_later(mail, error=str(error), seconds=wait_after(mail.attempts))
        return Became.RETRIED
    outbox.mark_sent(mail)
    return Became.SENT


def kind_to_send(mail: Claimed, signature: Signature, petition: Occasion) -> Kind | None:
    """What a due row asks for, given its signature as it is now; None when nothing is to be sent any more."""
    state = signature.state
    if signature.email_sealed is None or signature.bounced_at is not None or signature.paper_import_id is not None:
        return None  # an address that stands on paper is nobody's word that mail is welcome there
    if mail.outbox is not SIGNATURES:
        if mail.kind == OutgoingMail.Kind.WITHDRAWN and state == Signature.State.WITHDRAWN:
            return "withdrawn"
        if mail.kind == OutgoingMail.Kind.RELEASED and state == Signature.State.CONFIRMED:
            return "released"
        return None
    expired = signature.created_at < timezone.now() - timedelta(days=settings.LINK_DAYS)
    if state == Signature.State.PENDING and expired:
        return None
    if signature.mail_asked == "link":
        return None if state == Signature.State.ERASED else "link"
    if state == Signature.State.PENDING:
        if signature.mail_asked == "remind":
            return "remind" if petition.takes_confirmations else None
        return "confirm"
    if state == Signature.State.CONFIRMED:
        return "signed"
    if state == Signature.State.HELD and signature.mail_asked != "remind":
        return "review"
    if state == Signature.State.INVALID and signature.mail_asked != "remind":
        return "removed"  # somebody signed with its address again
    return None


def wait_after(attempts: int) -> float:
    """Seconds until the next try after so many: doubling, at most LONGEST_WAIT, spread by a tenth."""
    wait: float = min(FIRST_WAIT * 2 ** min(attempts, 20), LONGEST_WAIT)
    return wait * random.uniform(0.9, 1.1)


def _serial(mail: Claimed, signature: Signature) -> str:
    """The same for every try of one mail, another one for the signature's next mail."""
    if mail.outbox is SIGNATURES:
        return f"{signature.pk}:{signature.mail_count}"
    return f"{signature.pk}:{mail.kind}:{mail.id}"


def _bounce(mail: Claimed, error: str) -> Became:
    outbox.mark_bounced(mail, error=error)
    return Became.BOUNCED


def _ours_to_mend(mail: Claimed, error: str) -> Became:
    """Keep a mail that we cannot write, however often: the fault is ours, and its signer waits for it."""
    log.error("Mail for signature %s: %s", mail.signature_id, error)
    outbox.try_later(mail, error=error, seconds=wait_after(mail.attempts))
    return Became.RETRIED


def paused() -> bool:
    """Whether this process leaves the mail server alone at present."""
    return time.monotonic() < _paused_until


def pause() -> None:
    """Leave the mail server alone for PAUSE seconds."""
    global _paused_until
    _paused_until = time.monotonic() + PAUSE


def in_lane(lane: int) -> AbstractContextManager[bool]:
    """Hold a lane of the mail, or have False: somebody else is in it."""
    return session_lock(LANE_LOCK, lane)
