"""When the home's figures are counted anew, and how what was counted before is kept."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from petition.database import session_lock
from signatures.models import DeskFigures, Petition

from .counting import count_petitions

LOCK = 0x6465736B  # "desk": this task's advisory lock
IDLE = 20  # counting may take one part in so many of a worker's time; it then happens less often


def refresh_figures(*, whole: bool = False, now: datetime | None = None) -> int:
    """Count every petition anew; returns how many. Leaves it to another run that is at it.

    Everything is counted in one snapshot, so the figures of a page fit together. It commits whole or not at all, and
    reads only but for its own table: safe to run at any time and to kill. With `whole`, and for a petition that has
    no figures yet, the days on which signatures arrived are counted back to the first.
    """
    at = (now or timezone.now()).astimezone(UTC)
    with session_lock(LOCK) as ours:  # before the transaction, whose snapshot is then younger
        if not ours or (not whole and _too_soon(at)):
            return 0
        nested = connection.in_atomic_block  # a test's transaction: its snapshot is taken already
        began = time.monotonic()
        with transaction.atomic():
            if not nested:
                with connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            return _refresh(at, whole=whole, began=began)


def _refresh(at: datetime, *, whole: bool, began: float) -> int:
    petition_ids = list(Petition.objects.values_list("pk", flat=True))
    known = {row.pk: row for row in DeskFigures.objects.only("petition", "received")}
    counted = count_petitions(petition_ids=petition_ids, now=at, whole=whole or not known.keys() >= set(petition_ids))
    rows = []
    for petition_id in petition_ids:
        each = counted[petition_id]
        received = dict(known[petition_id].received) if petition_id in known else {}
        for day, number in each.received.items():
            # A signature that was forgotten, for nobody confirmed it, has been received all the same.
            received[day] = max(number, received.get(day, 0))
        each.figures["received"] = sum(received.values())
        each.figures["received_days"] = {day: received[day] for day in sorted(received)[-31:]}
        rows.append(DeskFigures(pk=petition_id, as_of=at, figures=each.figures, received=received))
    took = int((time.monotonic() - began) * 1000)
    for row in rows:
        row.took = took
    DeskFigures.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["petition"],
        update_fields=["as_of", "took", "figures", "received"],
    )
    return len(rows)


def _too_soon(at: datetime) -> bool:
    """Whether the last run took so long that it is not yet time for another."""
    last = DeskFigures.objects.order_by("-as_of").values_list("as_of", "took").first()
    return last is not None and at < last[0] + timedelta(milliseconds=last[1] * IDLE)
