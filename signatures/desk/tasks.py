"""What the desk does by itself."""

from __future__ import annotations

import logging

from celery import shared_task
from django.conf import settings

from signatures.models import Check
from signatures.tally.checks import remember_check

from .audit.chain import verify_audit as verify
from .export import store
from .home.refresh import refresh_figures
from .jobs import run
from .paper import store as paper

log = logging.getLogger(__name__)


@shared_task(name="signatures.desk.tasks.verify_audit")
def verify_audit() -> int:
    """Check the chain and log its head, so that a copy of it lies outside the database. Mends nothing."""
    verdict = verify()
    remember_check(Check.Name.AUDIT, findings=verdict.problems)
    for problem in verdict.problems:
        log.error("The audit is broken: %s", problem)
    log.info("Audit: %d entries, head %s", verdict.entries, verdict.head)
    return len(verdict.problems)


@shared_task(name="signatures.desk.tasks.count_figures")
def count_figures(whole: bool = False) -> int:
    """Count the home's figures anew, with `whole` from the first signature on. One that dies leaves those of before."""
    return refresh_figures(whole=whole)


@shared_task(name="signatures.desk.tasks.run_jobs", time_limit=6 * 3600, soft_time_limit=6 * 3600)
def run_jobs(lane: int) -> int:
    """Work on what staff started, in one of JOB_LANES lanes. Safe to run twice, also at once.

    One that dies has done whole steps, each with its place in the job; when its lease runs out (JOB_LEASE) the next
    tick's goes on from there. A file that it was writing is begun again.
    """
    return run.run_jobs(lane=lane, seconds=settings.JOB_SLICE)


@shared_task(name="signatures.desk.tasks.forget_exports")
def forget_exports() -> int:
    """Delete exported files that have expired. One that dies leaves the rest to the next hour."""
    return store.forget_exports()


@shared_task(name="signatures.desk.tasks.forget_paper")
def forget_paper() -> int:
    """Delete what is left of files of paper signatures whose time is over. One that dies leaves it to the next hour."""
    return paper.forget_paper()
