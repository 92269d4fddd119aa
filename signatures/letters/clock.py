"""Petitions that open and close by themselves: late rather than never, and once however often it is looked."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.db.models import QuerySet
from django.utils import timezone

from signatures.models import Petition

from .lifecycle import LifecycleProblem, close_petition, open_petition

log = logging.getLogger(__name__)
REASON = "the time that was set has come"  # of the audit, whose words are English whoever reads it


def keep_time() -> int:
    """Open what is to open and close what is to close by now; returns how many steps were taken.

    The step looks at state and time again under the row's lock, so a second worker, or somebody at the desk who sets
    another time in this moment, is not overruled. One petition that cannot take its step does not stop the others.
    Whatever was missed while no worker ran is done now, the opening before the closing.
    """
    now = timezone.now()
    opening = Petition.objects.filter(state=Petition.State.SCHEDULED, opens_at__lte=now)
    taken = sum(_take(open_petition, petition_id) for petition_id in _ids(opening))
    closing = Petition.objects.filter(state__in=(Petition.State.OPEN, Petition.State.PAUSED), closes_at__lte=now)
    return taken + sum(_take(close_petition, petition_id) for petition_id in _ids(closing))


def _ids(petitions: QuerySet[Petition]) -> list[int]:
    return list(petitions.order_by("pk").values_list("pk", flat=True))


def _take(step: Callable[..., Petition], petition_id: int) -> bool:
    try:
        step(petition_id=petition_id, actor=None, reason=REASON, only_if_due=True)
    except LifecycleProblem as problem:
        log.warning("Petition %d did not take its step: %s", petition_id, problem)
        return False
    return True
