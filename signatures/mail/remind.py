"""Reminding the unconfirmed: a mail after a day of silence, another two days later, then never again."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise, product

from django.conf import settings
from django.db import connection
from django.utils import timezone

from signatures.models import Petition

from .outbox import oldest_due

SLICE = 500  # reminders that are made due at once
BUSY = timedelta(seconds=60)  # an outbox that is this far behind has no time for reminders

# The silence is counted from the last mail, whatever that was: a resend puts the reminder off, and so no two mails come
# close to each other. Marking and making due are one step of one row, so that each reminder happens at most once, also
# when two workers look at the same moment: SKIP LOCKED keeps them apart, and a row that the other one has committed is
# no longer as this one's snapshot had it. One killed in the middle has marked nothing.
#
# The first conditions are those of the index `signature_unanswered`, word for word. Whoever said "not me" was erased,
# and so is not pending. Nobody is reminded on the last day, when the link is about to go.
_REMIND = """
UPDATE signatures_signature SET
    reminders_sent = %(number)s + 1, mail_due_at = now(), mail_attempts = 0, mail_error = '', mail_asked = 'remind'
WHERE id = ANY (ARRAY(
    SELECT id FROM signatures_signature
    WHERE state = 'pending' AND mail_due_at IS NULL AND bounced_at IS NULL
      AND petition_id = ANY (ARRAY(
          SELECT id FROM signatures_petition
          WHERE state IN ('open', 'paused', 'closed') AND pending_kept_days = %(kept)s
      ))
      AND reminders_sent = %(number)s
      AND mail_sent_at <= now() - make_interval(secs => %(silence)s)
      AND created_at <= now() - make_interval(secs => %(silence)s)
      AND created_at > now() - make_interval(days => %(days)s)
      AND mail_count < %(mails)s
    LIMIT %(slice)s
    FOR NO KEY UPDATE SKIP LOCKED
))
"""


def silences() -> list[float]:
    """How long nothing may have been sent before each reminder, in seconds: 24 and 72 hours are a day, then two."""
    hours = [0, *sorted(settings.REMIND_AFTER_HOURS)]
    return [max((after - before) * 3600, settings.MAIL_AGAIN_AFTER) for before, after in pairwise(hours)]


def remind_unconfirmed() -> int:
    """Make up to SLICE reminders due; returns how many.

    A slice at a time, and none while mail is waiting: who has just signed never stands in a long queue behind them.
    """
    oldest = oldest_due()
    if oldest is not None and oldest < timezone.now() - BUSY:
        return 0
    made_due = 0
    periods = Petition.objects.order_by("pending_kept_days").values_list("pending_kept_days", flat=True).distinct()
    with connection.cursor() as cursor:
        for kept, (number, silence) in product(periods, enumerate(silences())):
            cursor.execute(
                _REMIND,
                {
                    "number": number,
                    "silence": silence,
                    "kept": kept,
                    "days": max(min(kept, settings.LINK_DAYS) - 1, 0),
                    "mails": settings.MAIL_PER_SIGNATURE,
                    "slice": SLICE - made_due,
                },
            )
            made_due += cursor.rowcount
    return made_due
