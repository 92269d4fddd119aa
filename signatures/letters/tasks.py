"""The letters' clockwork."""

from __future__ import annotations

from celery import shared_task

from .clock import keep_time as take_steps_that_are_due


@shared_task(name="signatures.letters.tasks.keep_time")
def keep_time() -> int:
    """Open and close petitions whose time has come. Each step is a transaction: one that dies is taken by the next."""
    return take_steps_that_are_due()
