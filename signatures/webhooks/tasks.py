"""Celery's door to the webhooks."""

from __future__ import annotations

from celery import shared_task

from .deliver import deliver_due
from .notice import notice as notice_events
from .outbox import forget_old


@shared_task(name="signatures.webhooks.tasks.notice")
def notice() -> int:
    """Make due what has happened since the last look. One statement: one that dies has done all of it or nothing."""
    return notice_events()


@shared_task(name="signatures.webhooks.tasks.deliver")
def deliver() -> None:
    """Send what is due, one worker at a time.

    Safe to run twice. If it dies, what it was sending is due again when the lease runs out (WEBHOOK_LEASE) and may go
    out twice, under the same id; the next tick of beat starts another run.
    """
    deliver_due()


@shared_task(name="signatures.webhooks.tasks.forget")
def forget() -> int:
    """Delete old deliveries that are over. One statement; one that dies leaves them to the next night."""
    return forget_old()
