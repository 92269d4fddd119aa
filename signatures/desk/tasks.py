"""What the desk does by itself."""

from __future__ import annotations

import logging

from celery import shared_task

from .audit import verify_audit as verify

log = logging.getLogger(__name__)


@shared_task(name="signatures.desk.tasks.verify_audit")
def verify_audit() -> int:
    """Check the chain and log its head, so that a copy of it lies outside the database. Reads only."""
    verdict = verify()
    for problem in verdict.problems:
        log.error("The audit is broken: %s", problem)
    log.info("Audit: %d entries, head %s", verdict.entries, verdict.head)
    return len(verdict.problems)
