from celery import shared_task

from . import keeping, retention


@shared_task(name="signatures.privacy.tasks.forget_unconfirmed")
def forget_unconfirmed() -> int:
    """Delete what nobody confirmed in time. Works in slices: one that dies goes on at the next hour."""
    return retention.forget_unconfirmed()


@shared_task(name="signatures.privacy.tasks.forget_spent_proofs")
def forget_spent_proofs() -> int:
    """Delete used proofs that have expired. One that dies leaves them to the next hour."""
    return retention.forget_spent_proofs()


@shared_task(name="signatures.privacy.tasks.forget_after_closing")
def forget_after_closing() -> int:
    """Destroy names and addresses whose time is over. One that dies is finished by the next night."""
    return keeping.forget_after_closing()
