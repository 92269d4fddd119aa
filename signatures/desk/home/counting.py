"""Everything that the home shows of each petition, counted at one instant, and never by reading every signature.

Signatures on paper are in none of it: they came by a file, not by a form, and are counted apart.

What is asked for is folded already (totals and days, with the steps that are still to be folded), or lies in an index
over those that do not count, wait for mail or bounced, or came or was confirmed so lately that a range of the primary
key, or of the index over confirmation times, holds it. The one exception is `whole`: once for a petition, and once a
night, all signatures are put into the days they arrived on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count

from signatures.models import NAME_WAITS, Signature

from ..jobs.selection import first_id, key_of_reason
from ..periods import HOURS, WEEK, made_at, midnight
from .unusual import LEAST, Share

DAYS = 30  # of the chart by day
BY_HOUR = 48  # hours of the chart by hour, the present one among them

GONE = ("withdrawn", "invalid", "erased")
COHORT = ("received", "mailed", "bounced", "confirmed", "pending", "held", *GONE)


@dataclass(slots=True)
class Counted:
    """One petition's figures, in what JSON can hold.

    `total`, `days` (ISO day → confirmed), `hours` ([received, confirmed] from `hours_from` on) · `cohorts` (ISO day →
    what has become of those that arrived on it, by COHORT) · `pending`, `held` (reason → number), GONE, `bounced`,
    `names` · `mail` and `other_mail` (waiting, failed, oldest) · `webhooks` (failed, over) · `countries` and `domains`
    (groups to compare, see `unusual`).
    """

    figures: dict[str, Any]
    received: dict[str, int] = field(default_factory=dict)  # ISO day → how many arrived, of the days looked at


def _nothing(now: datetime) -> dict[str, Any]:
    return {
        "total": 0,
        "days": {},
        "hours": [[0, 0] for _hour in range(BY_HOUR)],
        "hours_from": _hours(now)[0].isoformat(),
        "cohorts": {},
        **dict.fromkeys(("pending", "bounced", "names", *GONE), 0),
        "held": {},
        "mail": {"waiting": 0, "failed": 0, "oldest": None},
        "other_mail": {"waiting": 0, "failed": 0, "oldest": None},
        "webhooks": {"failed": 0, "over": 0},
        "countries": [],
        "domains": [],
    }


def _hours(now: datetime) -> list[datetime]:
    last = now.replace(minute=0, second=0, microsecond=0)
    return [last - timedelta(hours=hour) for hour in reversed(range(BY_HOUR))]


def count_petitions(*, petition_ids: Iterable[int], now: datetime, whole: bool) -> dict[int, Counted]:
    """The figures of each petition as of `now` (UTC). With `whole` the days of arrival go back to the first signature.

    The caller's transaction decides whether all statements see the same instant (REPEATABLE READ).
    """
    counted = defaultdict(lambda: Counted(_nothing(now)), {each: Counted(_nothing(now)) for each in petition_ids})
    _confirmed(counted, now)
    _by_hour(counted, now)
    _cohorts(counted, now)
    _standing(counted)
    _mails(counted, now)
    _names(counted)
    _webhooks(counted, now)
    for column, name in (("country", "countries"), ("domain_index", "domains")):
        _shares(counted, now, column=column, into=name)
    if whole:
        _received(counted, now)
    return dict(counted)


def _rows(statement: str, **values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


# ------------------------------------------------------------------------------------------------------- confirmed
# What is folded, and the few steps that are not: together exactly the confirmed signatures of this instant.
_TOTALS = """
SELECT petition_id, sum(total)::bigint FROM (
    SELECT petition_id, total FROM signatures_tally
    UNION ALL SELECT petition_id, delta FROM signatures_tallyentry WHERE NOT folded AND NOT paper
) AS step GROUP BY 1
"""
_BY_DAY = """
SELECT petition_id, day, sum(total)::bigint FROM (
    SELECT petition_id, day, total FROM signatures_daytally WHERE day >= %(first)s
    UNION ALL SELECT petition_id, day, delta FROM signatures_tallyentry
    WHERE NOT folded AND NOT paper AND day >= %(first)s
) AS step GROUP BY 1, 2
"""
# A range of the index `signature_confirmed_at`, which holds all that is asked for, less those on paper, who stand in
# one of their own: no row is read.
_BY_HOUR = """
SELECT petition_id, hour, sum(number)::bigint FROM (
    SELECT petition_id, width_bucket(confirmed_at, %(hours)s::timestamptz[]) - 1 AS hour, count(*) AS number
    FROM signatures_signature WHERE state = 'confirmed' AND confirmed_at >= %(first)s GROUP BY 1, 2
    UNION ALL SELECT petition_id, width_bucket(confirmed_at, %(hours)s::timestamptz[]) - 1, -count(*)
    FROM signatures_signature
    WHERE paper_import_id IS NOT NULL AND state = 'confirmed' AND confirmed_at >= %(first)s GROUP BY 1, 2
) AS step GROUP BY 1, 2
"""


def _confirmed(counted: dict[int, Counted], now: datetime) -> None:
    for petition_id, total in _rows(_TOTALS):
        counted[petition_id].figures["total"] = total
    for petition_id, day, total in _rows(_BY_DAY, first=now.date() - timedelta(days=DAYS - 1)):
        counted[petition_id].figures["days"][day.isoformat()] = total


# -------------------------------------------------------------------------------------------------------- received
# Ranges of the primary key: `bounds` are the first ids of steps that follow one another.
_RECEIVED = """
SELECT petition_id, width_bucket(id, %(bounds)s::uuid[]) - 1, count(*)
FROM signatures_signature WHERE id >= %(first)s AND paper_import_id IS NULL GROUP BY 1, 2
"""
# `mailed` is whoever was sent a mail at all. All states but the bounced, who are also in another, add up to `received`.
_COHORTS = """
SELECT petition_id, width_bucket(id, %(bounds)s::uuid[]) - 1, count(*),
    count(*) FILTER (WHERE mail_sent_at IS NOT NULL), count(*) FILTER (WHERE bounced_at IS NOT NULL),
    count(*) FILTER (WHERE state = 'confirmed'), count(*) FILTER (WHERE state = 'pending'),
    count(*) FILTER (WHERE state = 'held'), count(*) FILTER (WHERE state = 'withdrawn'),
    count(*) FILTER (WHERE state = 'invalid'), count(*) FILTER (WHERE state = 'erased')
FROM signatures_signature WHERE id >= %(first)s AND paper_import_id IS NULL GROUP BY 1, 2
"""


def _by_hour(counted: dict[int, Counted], now: datetime) -> None:
    hours = _hours(now)
    for petition_id, hour, number in _rows(_BY_HOUR, hours=hours, first=hours[0]):
        counted[petition_id].figures["hours"][hour][1] = number
    bounds = [first_id(hour) for hour in hours]
    for petition_id, hour, number in _rows(_RECEIVED, bounds=bounds, first=bounds[0]):
        counted[petition_id].figures["hours"][hour][0] = number


def _cohorts(counted: dict[int, Counted], now: datetime) -> None:
    days = [now.date() - timedelta(days=number) for number in reversed(range(WEEK))]
    bounds = [first_id(midnight(day)) for day in days]
    for petition_id, step, *numbers in _rows(_COHORTS, bounds=bounds, first=bounds[0]):
        day = days[step].isoformat()
        counted[petition_id].figures["cohorts"][day] = dict(zip(COHORT, numbers, strict=True))
        counted[petition_id].received[day] = numbers[0]


def _received(counted: dict[int, Counted], now: datetime) -> None:
    """Every day from the first signature on: the one statement here that reads all of them."""
    earliest = Signature.objects.order_by("pk").values_list("pk", flat=True).first()
    if earliest is None:
        return
    first = made_at(earliest).date()
    days = [first + timedelta(days=number) for number in range((now.date() - first).days + 1)]
    bounds = [first_id(midnight(day)) for day in days]
    for petition_id, step, number in _rows(_RECEIVED, bounds=bounds, first=bounds[0]):
        counted[petition_id].received[days[step].isoformat()] = number


# -------------------------------------------------------------------------------------------------- how they stand
# The pending are in one of three indexes each: mailed and silent, waiting for mail, bounced.
_PENDING = """
SELECT petition_id, sum(number)::bigint FROM (
    SELECT petition_id, count(*) AS number FROM signatures_signature
    WHERE state = 'pending' AND mail_due_at IS NULL AND bounced_at IS NULL GROUP BY 1
    UNION ALL SELECT petition_id, count(*) FROM signatures_signature
    WHERE state = 'pending' AND mail_due_at IS NOT NULL GROUP BY 1
    UNION ALL SELECT petition_id, count(*) FROM signatures_signature
    WHERE state = 'pending' AND mail_due_at IS NULL AND bounced_at IS NOT NULL GROUP BY 1
) AS part GROUP BY 1
"""
_HELD = """
SELECT petition_id, held_reason, count(*) FROM signatures_signature
WHERE state = 'held' AND paper_import_id IS NULL GROUP BY 1, 2
"""
_GONE = """
SELECT petition_id, state, sum(number)::bigint FROM (
    SELECT petition_id, state, count(*) AS number FROM signatures_signature
    WHERE state IN ('withdrawn', 'invalid', 'erased') GROUP BY 1, 2
    UNION ALL SELECT petition_id, state, -count(*) FROM signatures_signature
    WHERE paper_import_id IS NOT NULL AND state IN ('withdrawn', 'invalid', 'erased') GROUP BY 1, 2
) AS step GROUP BY 1, 2
"""
_BOUNCED = "SELECT petition_id, count(*) FROM signatures_signature WHERE bounced_at IS NOT NULL GROUP BY 1"


def _standing(counted: dict[int, Counted]) -> None:
    for name, statement in (("pending", _PENDING), ("bounced", _BOUNCED)):
        for petition_id, number in _rows(statement):
            counted[petition_id].figures[name] = number
    for petition_id, state, number in _rows(_GONE):
        counted[petition_id].figures[state] = number
    for petition_id, reason, number in _rows(_HELD):
        held, name = counted[petition_id].figures["held"], key_of_reason(reason)
        held[name] = held.get(name, 0) + number


# ------------------------------------------------------------------------------------------------ mail and partners
_MAIL = """
SELECT petition_id, count(*), count(*) FILTER (WHERE mail_attempts > 0 AND mail_error <> ''),
    min(mail_due_at) FILTER (WHERE mail_due_at <= %(now)s)
FROM signatures_signature WHERE mail_due_at IS NOT NULL GROUP BY 1
"""
_OTHER_MAIL = """
SELECT s.petition_id, count(*), count(*) FILTER (WHERE m.error <> ''), min(m.due_at) FILTER (WHERE m.due_at <= %(now)s)
FROM signatures_outgoingmail AS m JOIN signatures_signature AS s ON s.id = m.signature_id
WHERE m.due_at IS NOT NULL GROUP BY 1
"""
_WEBHOOKS = """
SELECT e.petition_id, count(*) FILTER (WHERE d.due_at IS NOT NULL AND d.error <> ''),
    count(*) FILTER (WHERE d.gave_up_at >= %(week)s)
FROM signatures_webhookdelivery AS d JOIN signatures_webhookendpoint AS e ON e.id = d.endpoint_id
WHERE d.due_at IS NOT NULL OR d.gave_up_at >= %(week)s GROUP BY 1
"""


def _mails(counted: dict[int, Counted], now: datetime) -> None:
    for name, statement in (("mail", _MAIL), ("other_mail", _OTHER_MAIL)):
        for petition_id, waiting, failed, oldest in _rows(statement, now=now):
            counted[petition_id].figures[name] = {
                "waiting": waiting,
                "failed": failed,
                "oldest": oldest and oldest.astimezone(UTC).isoformat(),
            }


def _names(counted: dict[int, Counted]) -> None:
    waiting = Signature.objects.filter(NAME_WAITS).order_by().values_list("petition_id").annotate(Count("pk"))
    for petition_id, number in waiting:
        counted[petition_id].figures["names"] = number


def _webhooks(counted: dict[int, Counted], now: datetime) -> None:
    week = midnight(now.date() - timedelta(days=WEEK - 1))
    for petition_id, failed, over in _rows(_WEBHOOKS, week=week):
        counted[petition_id].figures["webhooks"] = {"failed": failed, "over": over}


# --------------------------------------------------------------------------------------------------------- unusual
# The last hours by group, then of the seven days before them only the groups that are large enough to ask about: the
# others together are the NULL. Erased rows have neither country nor domain.
_LATELY = """
SELECT petition_id, {column}, count(*) FROM signatures_signature
WHERE id >= %(recent)s AND state <> 'erased' AND paper_import_id IS NULL GROUP BY 1, 2
"""
_BEFORE = """
SELECT petition_id, CASE WHEN {column} = ANY (%(asked)s) THEN {column} END, count(*) FROM signatures_signature
WHERE id >= %(before)s AND id < %(recent)s AND state <> 'erased' AND paper_import_id IS NULL GROUP BY 1, 2
"""


def _shares(counted: dict[int, Counted], now: datetime, *, column: str, into: str) -> None:
    recent = now - timedelta(hours=HOURS)
    lately: dict[int, dict[Any, int]] = defaultdict(dict)
    for petition_id, group, number in _rows(_LATELY.format(column=column), recent=first_id(recent)):
        lately[petition_id][_plain(group)] = number
    asked = {group for groups in lately.values() for group, number in groups.items() if group and number >= LEAST}
    if not asked:
        return
    before: dict[int, dict[Any, int]] = defaultdict(dict)
    for petition_id, group, number in _rows(
        _BEFORE.format(column=column),
        asked=list(asked),
        recent=first_id(recent),
        before=first_id(recent - timedelta(days=WEEK)),
    ):
        before[petition_id][_plain(group)] = number
    for petition_id, groups in lately.items():
        earlier = before[petition_id]
        shares = [
            Share(group, number, sum(groups.values()), earlier.get(group, 0), sum(earlier.values()))
            for group, number in groups.items()
            if group in asked
        ]
        counted[petition_id].figures[into] = [share.as_json() for share in shares if share.stands_out()]


def _plain(group: Any) -> Any:
    return bytes(group) if isinstance(group, memoryview) else group
