"""The tally's clockwork."""

from __future__ import annotations

import logging

from celery import shared_task

from signatures.models import Check

from . import snapshot
from .checks import remember_check
from .fold import fold as fold_ledger
from .goal import raise_goals
from .published import publish_due
from .recount import recount as compare
from .sources import count_sources as count_by_source

log = logging.getLogger(__name__)


@shared_task(name="signatures.tally.tasks.fold")
def fold() -> list[int]:
    """Fold and publish. One that dies has folded nothing or all of a slice; the next second's goes on.

    It also publishes what a dead one folded and did not get to publish, however busy another petition is, and the
    figures by country and day when their time has come; and it raises goals that are close to being reached.
    """
    changed = fold_ledger()
    raise_goals()
    publish_due()
    snapshot.republish_strays()
    return changed


@shared_task(name="signatures.tally.tasks.recount")
def recount() -> int:
    """Compare, alert and remember. It mends nothing, so one that dies has done no harm."""
    differences = compare()
    remember_check(Check.Name.RECOUNT, findings=differences)
    for each in differences:
        log.error("The count is wrong: %s", each)
    return len(differences)


@shared_task(name="signatures.tally.tasks.count_sources")
def count_sources() -> int:
    """Count by source tag. One transaction: one that dies leaves the figures of before."""
    return count_by_source()
