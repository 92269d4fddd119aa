from celery import shared_task

from . import retention


@shared_task(name="signatures.privacy.tasks.forget_unconfirmed")
def forget_unconfirmed() -> int:
    """Delete what nobody confirmed in time. Works in slices: one that dies goes on at the next hour."""
    return retention.forget_unconfirmed()


@shared_task(name="signatures.privacy.tasks.forget_spent_proofs")
def forget_spent_proofs() -> int:
    """Delete used proofs that have expired. One that dies leaves them to the next hour."""
    return retention.forget_spent_proofs()
