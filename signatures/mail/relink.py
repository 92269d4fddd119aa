"""The link to one's signature, asked for anew: noted now for whoever asks, answered by a worker a moment later.

Looking the address up in the request would let a stopwatch tell who has signed.
"""

from __future__ import annotations

from django.conf import settings
from django.db import connection
from django.utils import timezone

from signatures.models import LinkRequest
from signatures.privacy.indexes import person_index

SLICE = 500  # requests answered in one transaction


def request_link(*, petition_id: int, email: str) -> None:
    """Note that somebody asks for the link of the signature under `email`, a checked address, if there is one."""
    LinkRequest.objects.bulk_create(
        [LinkRequest(petition_id=petition_id, person_index=person_index(email), asked_at=timezone.now())],
        update_conflicts=True,
        update_fields=["asked_at"],
        unique_fields=["petition", "person_index"],
    )


# One statement: a request is gone when its mail is due, and comes back when the worker dies before that. The limits are
# those of the signing form, on the same row: a quarter of an hour between two mails, so many in a day, so many in all.
_ANSWER = """
WITH asked AS (
    DELETE FROM signatures_linkrequest
    WHERE id = ANY (ARRAY(SELECT id FROM signatures_linkrequest ORDER BY id LIMIT %(slice)s FOR UPDATE SKIP LOCKED))
    RETURNING petition_id, person_index
), made_due AS (
    UPDATE signatures_signature AS s SET
        mail_due_at = now(), mail_attempts = 0, mail_error = '', mail_asked = 'link', bounced_at = NULL
    FROM asked
    WHERE s.petition_id = asked.petition_id AND s.person_index = asked.person_index
      AND s.state <> 'erased' AND s.mail_due_at IS NULL AND s.mail_count < %(mails)s
      AND (s.mail_times[%(mails_a_day)s] IS NULL OR s.mail_times[%(mails_a_day)s] <= now() - interval '24 hours')
      AND (s.mail_sent_at IS NULL OR s.mail_sent_at <= now() - make_interval(secs => %(again_after)s))
    RETURNING 1
)
SELECT (SELECT count(*) FROM asked), (SELECT count(*) FROM made_due)
"""


def answer_link_requests() -> int:
    """Answer every request that waits; returns how many mails that made due."""
    made_due = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(
                _ANSWER,
                {
                    "slice": SLICE,
                    "mails": settings.MAIL_PER_SIGNATURE,
                    "mails_a_day": settings.MAIL_PER_DAY,
                    "again_after": settings.MAIL_AGAIN_AFTER,
                },
            )
            asked, due = cursor.fetchone()
            made_due += due
            if asked < SLICE:
                return made_due
