"""Celery's door to the sendings."""

from __future__ import annotations

from celery import shared_task

from .deliver import send_updates
from .forget import forget_recipients


@shared_task(name="signatures.sending.tasks.send")
def send(lane: int) -> None:
    """Mail updates in one lane of the outbox, behind everything else that is due.

    Safe to run twice, also at once. If it dies, the next tick goes on; the one person it was handing over to is not
    sent to again, and shows as "not known" when MAIL_LEASE has passed.
    """
    send_updates(lane=lane)


@shared_task(name="signatures.sending.tasks.forget")
def forget() -> int:
    """Forget who got the updates that are long over. Safe to run twice; one that dies has deleted whole slices."""
    return forget_recipients()
