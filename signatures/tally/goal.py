"""A goal that raises itself: to its next step before it is reached, so that there is always something to reach.

It never falls by itself, and once nothing is left to rise to it stays.
"""

from __future__ import annotations

from itertools import count

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from signatures.models import AuditEntry, Petition

from . import snapshot
from .fold import LOCK

MOST = 2_000_000_000  # what the column holds
MOST_STEPS = 15
REASON = "%(signed)d have signed; the goal was %(goal)d and is %(next)d"  # of the audit, in English for all

# One row for each petition with a goal that may rise. `percent` of a goal is compared without dividing: 90 % of 1,005
# is no whole number.
_CLOSE = """
SELECT p.id, p.slug, p.goal, p.goal_raising, p.goal_steps, p.goal_raise_percent, t.total
FROM signatures_petition AS p JOIN signatures_tally AS t ON t.petition_id = p.id
WHERE p.state = 'open' AND p.goal_raising <> 'never'
  AND t.total::bigint * 100 >= p.goal::bigint * p.goal_raise_percent
ORDER BY p.id
"""

# Guarded by the goal that was read: whoever set another one at the desk meanwhile is not overruled, and the next tick
# looks at theirs. The version rises with it, because readers keep the answer with the higher one.
_RAISE = """
WITH raised AS (
    UPDATE signatures_petition SET goal = %(next)s
    WHERE id = %(id)s AND goal = %(goal)s AND goal < %(next)s AND state = 'open' AND goal_raising <> 'never'
    RETURNING id
)
UPDATE signatures_tally AS t SET version = t.version + 1 FROM raised WHERE t.petition_id = raised.id
"""


def read_steps(text: str) -> list[int]:
    """Steps as somebody typed them, rising. Raises ValidationError with what is wrong with them.

    >>> read_steps("1000, 5000 10_000")
    [1000, 5000, 10000]
    """
    parts = text.replace(";", ",").replace("_", "").replace(",", " ").split()
    if not all(part.isdecimal() and 0 < int(part) <= MOST for part in parts):
        raise ValidationError(_("Steps are whole numbers above zero, such as 1000, 5000, 10000."))
    steps = [int(part) for part in parts]
    if steps != sorted(set(steps)):
        raise ValidationError(_("Each step is larger than the one before it."))
    if len(steps) > MOST_STEPS:
        raise ValidationError(_("No more than %(most)d steps.") % {"most": MOST_STEPS})
    return steps


def next_goal(*, goal: int, total: int, percent: int, steps: list[int] | None) -> int | None:
    """The first step above the goal that is not itself as good as reached; None when there is none.

    Without `steps` they are 1, 2.5 and 5 times every power of ten, from a hundred on. When the last step is as good as
    reached too, the goal still goes there: it is where the campaign wanted to end.
    """
    higher = [step for step in (steps if steps is not None else _automatic(goal, total)) if step > goal]
    for step in higher:
        if total * 100 < step * percent:
            return step
    return higher[-1] if higher else None


def _automatic(goal: int, total: int) -> list[int]:
    steps: list[int] = []
    for power in count(2):
        steps += [step for step in (10**power, 25 * 10 ** (power - 1), 5 * 10**power) if step <= MOST]
        if steps[-1] > 3 * max(goal, total) or 10**power > MOST:
            return steps
    raise AssertionError("unreachable")


def raise_goals() -> list[int]:
    """Raise every goal that is close enough; the petitions' ids. Safe to run twice and in any number.

    Holds the fold's lock while it writes, so that the version it raises is nobody else's; and takes it only when there
    is something to raise, which is rare. The audit's entry commits with the goal.
    """
    if not _close():
        return []
    raised = []
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        for petition_id, slug, goal, raising, steps, percent, total in _close():
            own = _steps_of(steps) if raising == Petition.Raising.STEPS else None
            following = next_goal(goal=goal, total=total, percent=percent, steps=own)
            if following is None:
                continue
            cursor.execute(_RAISE, {"id": petition_id, "goal": goal, "next": following})
            if cursor.rowcount:
                AuditEntry.objects.create(
                    action="raise goal",
                    object_type="petition",
                    object_id=slug[:40],
                    reason=REASON % {"signed": total, "goal": goal, "next": following},
                )
                raised.append(petition_id)
    snapshot.publish(raised)
    return raised


def _close() -> list[tuple[int, str, int, str, str, int, int]]:
    """Those that may rise now, without the ones that have no step left."""
    with connection.cursor() as cursor:
        cursor.execute(_CLOSE)
        rows = cursor.fetchall()
    return [row for row in rows if row[3] == Petition.Raising.AUTOMATIC or max(_steps_of(row[4]), default=0) > row[2]]


def _steps_of(text: str) -> list[int]:
    """Stored steps. Ones that somebody wrote past the form's check are none."""
    try:
        return read_steps(text)
    except ValidationError:
        return []
