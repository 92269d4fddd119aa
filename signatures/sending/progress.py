"""How a sending stands, in figures for staff."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db import connection

from signatures.models import UpdateSending

from .supporters import count_supporters

# Each is as many steps into a partial index as it finds rows, which a slice and the mails that were put off bound.
_WAITING = """
SELECT count(*), count(*) FILTER (WHERE attempts > 0) FROM signatures_updaterecipient
WHERE sending_id = %s AND due_at IS NOT NULL
"""
_UNDER_WAY = "SELECT count(*) FROM signatures_updaterecipient WHERE sending_id = %s AND state = 'sending'"


@dataclass(frozen=True)
class Progress:
    """All are people. `waiting` includes `put_off`; `minutes` is how long they take at the pace set."""

    expected: int
    sent: int
    waiting: int
    put_off: int
    under_way: int
    unknown: int
    bounced: int
    failed: int
    passed_over: int
    unsubscribed: int
    minutes: int | None


def progress_of(sending: UpdateSending) -> Progress:
    """The figures of now. Costs a count by an index of those who are not listed yet, and nothing once it is over."""
    waiting = put_off = 0
    with connection.cursor() as cursor:
        if sending.state in (UpdateSending.State.RUNNING, UpdateSending.State.PAUSED):
            cursor.execute(_WAITING, [sending.pk])
            waiting, put_off = cursor.fetchone()
            if not sending.all_listed:
                left = count_supporters(sending.update.petition_id, after=sending.reached, until=sending.until)
                waiting += sum(left.values())
        cursor.execute(_UNDER_WAY, [sending.pk])
        (under_way,) = cursor.fetchone()
    rate = settings.UPDATE_MAILS_PER_MINUTE
    return Progress(
        expected=sending.expected,
        sent=sending.sent,
        waiting=waiting,
        put_off=put_off,
        under_way=under_way,
        unknown=sending.unknown,
        bounced=sending.bounced,
        failed=sending.failed,
        passed_over=sending.passed_over,
        unsubscribed=sending.unsubscribed,
        minutes=max(1, round(waiting / rate)) if rate > 0 and waiting else None,
    )
