"""How fast updates go, all workers together."""

from __future__ import annotations

from django.conf import settings
from django.db import connection

BURST = 0.5  # seconds' worth of mails that one worker may take at once
UNBOUNDED = 50  # turns taken at once where there is no limit

# One row, one statement: whoever finds the clock free moves it on by as long as their turns take; of two at once the
# second reads the moved row and takes none. What a dead worker had taken and not used is lost, never used twice.
_TAKE = """
INSERT INTO signatures_sendingpace AS p (id, free_from)
VALUES (1, clock_timestamp() + make_interval(secs => %(span)s))
ON CONFLICT (id) DO UPDATE SET free_from = GREATEST(p.free_from, clock_timestamp() - make_interval(secs => %(span)s))
    + make_interval(secs => %(span)s)
WHERE p.free_from <= clock_timestamp()
RETURNING 1
"""
_FREE_IN = "SELECT EXTRACT(epoch FROM free_from - clock_timestamp())::float FROM signatures_sendingpace"


def take_turns() -> tuple[int, float]:
    """(mails that may go now, seconds to wait when it is none)."""
    rate = settings.UPDATE_MAILS_PER_MINUTE / 60
    if rate <= 0:
        return UNBOUNDED, 0.0
    turns = max(1, int(rate * BURST))
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"span": turns / rate})
        if cursor.fetchone():
            return turns, 0.0
        cursor.execute(_FREE_IN)
        return 0, max(0.0, cursor.fetchone()[0])
