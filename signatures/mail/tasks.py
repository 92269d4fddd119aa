"""Celery's door to the outbox."""

from __future__ import annotations

from celery import shared_task

from .deliver import deliver_due
from .relink import answer_link_requests
from .remind import remind_unconfirmed


@shared_task(name="signatures.mail.tasks.deliver")
def deliver(lane: int) -> None:
    """Send what is due, in one of MAIL_LANES lanes.

    Safe to run twice, also at the same time: a lane is one worker's, and a mail belongs to whoever leased it. If it
    dies, the mails it had not sent are due again when its lease runs out (MAIL_LEASE), the one it was sending may go
    out twice, and the next tick of beat starts another run; nothing has to be done by hand.
    """
    deliver_due(lane=lane)


@shared_task(name="signatures.mail.tasks.remind")
def remind() -> int:
    """Make the next reminders due. Safe to run twice, also at once; one that dies has marked a slice or nothing."""
    return remind_unconfirmed()


@shared_task(name="signatures.mail.tasks.answer")
def answer() -> int:
    """Answer those who asked for their link. Safe to run twice; what a dead one left is answered by the next."""
    return answer_link_requests()
