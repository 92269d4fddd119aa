"""Recipients in SQL: whose turn it is, and what became of it.

At most once: a recipient is marked `sending` and that is committed to the disk before the mail is handed over. A worker
that is killed after that leaves the mark, and nobody sends to that person again; `note_unknown` names it when it is
certain that nobody will report any more. The ordinary outbox does it the other way round (docs/decisions/0015).

Locks are taken in one order everywhere: signature, recipient, sending.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from signatures.models import Signature, UpdateRecipient

from .supporters import NOT_SUPPRESSED

ERROR_LENGTH = 200  # characters, as in the table


@dataclass(frozen=True)
class Claimed:
    """One person's mail that is ours to hand over, and nobody's after us."""

    id: int
    sending_id: int
    update_id: UUID
    signature_id: UUID
    attempts: int  # this one included
    began_at: datetime


# The oldest due of each sending that runs, and of those the oldest: sendings of several petitions take turns by slices.
# The state of the sending stands in the statement, so that a pause holds from the next mail on. Under READ COMMITTED a
# row that another worker took between our snapshot and our lock is read again, is no longer due and drops out.
_CLAIM = """
WITH oldest AS (
    SELECT r.id, g.update_id
    FROM signatures_updatesending AS g
    JOIN signatures_campaignupdate AS u ON u.id = g.update_id AND u.published_at IS NOT NULL
    CROSS JOIN LATERAL (
        SELECT id, due_at FROM signatures_updaterecipient
        WHERE sending_id = g.id AND due_at <= now()
        ORDER BY due_at LIMIT 1
        FOR NO KEY UPDATE SKIP LOCKED
    ) AS r
    WHERE g.state = 'running'
    ORDER BY r.due_at LIMIT 1
)
UPDATE signatures_updaterecipient AS r
SET state = 'sending', due_at = NULL, began_at = clock_timestamp(), attempts = r.attempts + 1
FROM oldest WHERE r.id = oldest.id
RETURNING r.id, r.sending_id, oldest.update_id, r.signature_id, r.attempts, r.began_at
"""


def claim() -> Claimed | None:
    """Mark the next recipient as being sent to, and commit; None when nobody is due.

    Raises RuntimeError inside a transaction: a mark that may be rolled back after the mail went out is none.
    """
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(_CLAIM)
        row = cursor.fetchone()
    return Claimed(*row) if row else None


# What the mail needs of its signature, whether it is suppressed, and until when its person has had enough of us.
_READ = f"""
SELECT s.id, s.petition_id, s.state, s.language, s.wants_updates, s.bounced_at, s.name_sealed, s.email_sealed,
       s.person_index, NOT ({NOT_SUPPRESSED}) AS suppressed,
       (
           SELECT o.began_at + interval '24 hours' FROM signatures_updaterecipient AS o
           WHERE o.signature_id = s.id AND o.sending_id <> %(sending)s AND o.state IN ('sending', 'sent', 'unknown')
             AND o.began_at > now() - interval '24 hours'
           ORDER BY o.began_at DESC OFFSET %(before)s LIMIT 1
       ) AS free_again
FROM signatures_signature AS s
JOIN signatures_updaterecipient AS r ON r.signature_id = s.id
WHERE r.id = %(id)s AND r.state = 'sending' AND r.began_at = %(began_at)s
"""


def read_claimed(mail: Claimed) -> Signature | None:
    """The signature as it is now, with `suppressed` and `free_again`; None when its row or the recipient's is gone."""
    before = max(settings.UPDATE_MAILS_PER_DAY - 1, 0)
    values = {"id": mail.id, "began_at": mail.began_at, "sending": mail.sending_id, "before": before}
    for signature in Signature.objects.raw(_READ, values):
        return signature
    return None


# Its commit does not wait for the disk: a crash of the database within that second leaves the mark `sending`, and so an
# "unknown" where there was a "sent". Nothing is repeated.
_END = """
WITH ended AS (
    UPDATE signatures_updaterecipient SET state = %(state)s, ended_at = now(), error = %(error)s
    FROM set_config('synchronous_commit', 'off', true) AS unhurried
    WHERE id = %(id)s AND state = 'sending' AND began_at = %(began_at)s AND unhurried = 'off'
    RETURNING sending_id
)
UPDATE signatures_updatesending AS g SET {figure} = g.{figure} + 1 FROM ended WHERE g.id = ended.sending_id
"""


def _end(mail: Claimed, state: str, *, error: str = "") -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            _END.format(figure=state),
            {"id": mail.id, "began_at": mail.began_at, "state": state, "error": error[:ERROR_LENGTH]},
        )


def mark_sent(mail: Claimed) -> None:
    """The mail server took it."""
    _end(mail, "sent")


def mark_failed(mail: Claimed, *, error: str) -> None:
    """It was put off too often. `error` holds no address."""
    _end(mail, "failed", error=error)


def mark_unknown(mail: Claimed, *, error: str) -> None:
    """Nobody knows whether it was taken, so it is not tried again."""
    _end(mail, "unknown", error=error)


def mark_bounced(mail: Claimed, *, error: str) -> None:
    """The address takes no mail: not this one, nor the next update. `error` holds no address."""
    with transaction.atomic():
        rows = Signature.objects.filter(pk=mail.signature_id, state=Signature.State.CONFIRMED, bounced_at=None)
        rows.update(bounced_at=timezone.now(), mail_error=error[:ERROR_LENGTH])
        _end(mail, "bounced", error=error)


def pass_over(mail: Claimed) -> None:
    """Nothing is to be sent to this person any more, and nothing remembers that something was."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH gone AS (
                DELETE FROM signatures_updaterecipient
                WHERE id = %(id)s AND state = 'sending' AND began_at = %(began_at)s RETURNING sending_id
            )
            UPDATE signatures_updatesending AS g SET passed_over = passed_over + 1
            FROM gone WHERE g.id = gone.sending_id
            """,
            {"id": mail.id, "began_at": mail.began_at},
        )


# Only where the server has surely not taken the mail. A sending that was stopped meanwhile has nobody waiting.
_WAIT_AGAIN = """
WITH stopped AS (
    DELETE FROM signatures_updaterecipient AS r USING signatures_updatesending AS g
    WHERE r.id = %(id)s AND r.state = 'sending' AND r.began_at = %(began_at)s
      AND g.id = r.sending_id AND g.state IN ('stopped', 'finished')
)
UPDATE signatures_updaterecipient AS r
SET state = 'waiting', due_at = now() + make_interval(secs => %(seconds)s), attempts = %(attempts)s, error = %(error)s
FROM signatures_updatesending AS g
WHERE r.id = %(id)s AND r.state = 'sending' AND r.began_at = %(began_at)s
  AND g.id = r.sending_id AND g.state IN ('running', 'paused')
"""


def try_later(mail: Claimed, *, error: str, seconds: float) -> None:
    """The mail was refused for now: due again in `seconds`; the attempt counts. `error` holds no address."""
    _wait_again(mail, seconds=seconds, attempts=mail.attempts, error=error)


def give_back(mail: Claimed, *, seconds: float) -> None:
    """The mail was not tried: due again in `seconds`, and the attempt does not count."""
    _wait_again(mail, seconds=seconds, attempts=mail.attempts - 1, error="")


def _wait_again(mail: Claimed, *, seconds: float, attempts: int, error: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            _WAIT_AGAIN,
            {
                "id": mail.id,
                "began_at": mail.began_at,
                "seconds": seconds,
                "attempts": attempts,
                "error": error[:ERROR_LENGTH],
            },
        )


# Longer than any conversation with a mail server lasts. A worker that was frozen for that long and goes on finds its
# mark gone and changes nothing.
_NOTE_UNKNOWN = """
WITH silent AS (
    UPDATE signatures_updaterecipient SET state = 'unknown', ended_at = now(), error = 'the worker never reported'
    WHERE id = ANY (ARRAY(
        SELECT r.id FROM signatures_updatesending AS g
        JOIN signatures_updaterecipient AS r ON r.sending_id = g.id
        WHERE r.state = 'sending' AND r.began_at < now() - make_interval(secs => %(lease)s)
        FOR NO KEY UPDATE OF r SKIP LOCKED
    ))
    RETURNING sending_id
)
UPDATE signatures_updatesending AS g SET unknown = g.unknown + each.many
FROM (SELECT sending_id, count(*) AS many FROM silent GROUP BY sending_id) AS each
WHERE g.id = each.sending_id
"""


def note_unknown() -> None:
    """Name those whose worker died between mark and report: they are not sent to again."""
    with connection.cursor() as cursor:
        cursor.execute(_NOTE_UNKNOWN, {"lease": settings.MAIL_LEASE})


_FINISH = """
UPDATE signatures_updatesending AS g SET state = 'finished', ended_at = now()
WHERE g.state = 'running' AND g.all_listed AND NOT EXISTS (
    SELECT 1 FROM signatures_updaterecipient AS r WHERE r.sending_id = g.id AND r.due_at IS NOT NULL
) AND NOT EXISTS (
    SELECT 1 FROM signatures_updaterecipient AS r WHERE r.sending_id = g.id AND r.state = 'sending'
)
"""


def finish() -> None:
    """Close the sendings that have nobody left."""
    with connection.cursor() as cursor:
        cursor.execute(_FINISH)


def drop_waiting(sending_id: int) -> None:
    """Forget whom a stopped sending has not reached. In a transaction of its own, which holds no other lock."""
    UpdateRecipient.objects.filter(sending_id=sending_id, state=UpdateRecipient.State.WAITING).delete()


_IN_PROGRESS = """
SELECT EXISTS (SELECT 1 FROM signatures_updatetest WHERE waiting) OR EXISTS (
    SELECT 1 FROM signatures_updatesending AS g
    JOIN signatures_campaignupdate AS u ON u.id = g.update_id AND u.published_at IS NOT NULL
    WHERE g.state = 'running'
)
"""
_SOMEBODY_DUE = """
SELECT EXISTS (SELECT 1 FROM signatures_updatetest WHERE waiting) OR EXISTS (
    SELECT 1 FROM signatures_updatesending AS g
    JOIN signatures_campaignupdate AS u ON u.id = g.update_id AND u.published_at IS NOT NULL
    JOIN LATERAL (
        SELECT 1 FROM signatures_updaterecipient AS r WHERE r.sending_id = g.id AND r.due_at <= now() LIMIT 1
    ) AS due ON true
    WHERE g.state = 'running'
)
"""


def in_progress() -> bool:
    """Whether a sending runs or a test waits."""
    return _is(_IN_PROGRESS)


def somebody_due() -> bool:
    """Whether there is a mail to hand over now."""
    return _is(_SOMEBODY_DUE)


def _is(question: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return bool(cursor.fetchone()[0])
