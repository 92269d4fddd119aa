from celery import shared_task

from . import retention


@shared_task(name="signatures.privacy.tasks.forget_unconfirmed")
def forget_unconfirmed() -> int:
    """Delete what nobody confirmed in time. Works in slices: one that dies goes on at the next hour."""
    return retention.forget_unconfirmed()
