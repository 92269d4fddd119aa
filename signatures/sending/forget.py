"""Who got an update is forgotten some time after it is over: only the counts stay."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone

from signatures.models import UpdateTest

SLICE = 5000

# A sending that is over lists nobody any more, so its rows are not needed to keep anybody from getting it twice.
_FORGET = """
DELETE FROM signatures_updaterecipient WHERE id = ANY (ARRAY(
    SELECT r.id FROM signatures_updatesending AS g
    JOIN signatures_updaterecipient AS r ON r.sending_id = g.id
    WHERE g.state IN ('stopped', 'finished') AND g.ended_at < %s AND r.state <> 'sending'
    LIMIT %s FOR UPDATE OF r SKIP LOCKED
))
"""


def forget_recipients() -> int:
    """Delete the recipients of what ended UPDATE_TRACE_DAYS ago, in slices; how many. Tests go as well."""
    before = timezone.now() - timedelta(days=settings.UPDATE_TRACE_DAYS)
    UpdateTest.objects.filter(asked_at__lt=before).delete()
    gone = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(_FORGET, [before, SLICE])
            gone += cursor.rowcount
            if cursor.rowcount < SLICE:
                return gone
