"""Celery's door to the outbox."""

from __future__ import annotations

from celery import shared_task

from .deliver import deliver_due


@shared_task(name="signatures.mail.tasks.deliver")
def deliver(lane: int) -> None:
    """Send what is due, in one of MAIL_LANES lanes.

    Safe to run twice, also at the same time: a lane is one worker's, and a mail belongs to whoever leased it. If it
    dies, the mails it had not sent are due again when its lease runs out (MAIL_LEASE), the one it was sending may go
    out twice, and the next tick of beat starts another run; nothing has to be done by hand.
    """
    deliver_due(lane=lane)
