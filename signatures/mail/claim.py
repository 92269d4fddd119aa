"""The outbox in SQL: what is due, who may send it now, and what became of it.

Two tables wait for the same workers: a signature's own row (its first mail) and OutgoingMail. A worker claims rows by
moving their due time to the end of a lease and commits that before it sends: no row lock is held while an SMTP server
thinks, so a signer who posts again never waits, and what a killed worker left unsent is due again after the lease.
Every later statement names the lease it was claimed under. A row that was made due again in between, or whose lease
somebody else holds by now, has another due time, so nobody overwrites what they did not see.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from signatures.models import Signature

ERROR_LENGTH = 200  # characters, as in both tables


@dataclass(frozen=True)
class Outbox:
    """A table of mails and the names its columns have."""

    table: str
    due: str
    attempts: str
    sent: str
    error: str
    counted: bool  # whether it counts the mails sent, because one row is mailed more than once
    asked: str = ""  # the column that says why such a row is due, empty whenever it is not


SIGNATURES = Outbox(
    table="signatures_signature",
    due="mail_due_at",
    attempts="mail_attempts",
    sent="mail_sent_at",
    error="mail_error",
    counted=True,
    asked="mail_asked",
)
OTHERS = Outbox(
    table="signatures_outgoingmail",
    due="due_at",
    attempts="attempts",
    sent="sent_at",
    error="error",
    counted=False,
)


@dataclass(frozen=True)
class Claimed:
    """One mail that is ours to send until `leased_until`."""

    outbox: Outbox
    id: UUID | int
    signature_id: UUID
    kind: str  # of an OutgoingMail; "" for a signature, whose state decides
    attempts: int  # this one included
    was_due: datetime
    leased_until: datetime


# Each half locks the oldest rows of its table that nobody else is claiming; `oldest` keeps the oldest of both, so that
# neither table starves the other. Under READ COMMITTED a row that another worker leased between our snapshot and our
# lock is read again, is no longer due and drops out. NO KEY is the lock the UPDATE takes anyway; the stronger one
# would make an insert that refers to the signature wait.
_CLAIM = """
WITH signature AS (
    SELECT id, mail_due_at AS due
    FROM signatures_signature
    WHERE mail_due_at <= now()
    ORDER BY mail_due_at
    LIMIT %(limit)s
    FOR NO KEY UPDATE SKIP LOCKED
), other AS (
    SELECT id, due_at AS due
    FROM signatures_outgoingmail
    WHERE due_at <= now()
    ORDER BY due_at
    LIMIT %(limit)s
    FOR NO KEY UPDATE SKIP LOCKED
), oldest AS (
    SELECT id AS signature, NULL::bigint AS other, due FROM signature
    UNION ALL
    SELECT NULL::uuid, id, due FROM other
    ORDER BY due
    LIMIT %(limit)s
), leased_signature AS (
    UPDATE signatures_signature AS row
    SET mail_due_at = now() + make_interval(secs => %(lease)s), mail_attempts = mail_attempts + 1
    FROM oldest
    WHERE row.id = oldest.signature
    RETURNING row.id AS signature, NULL::bigint AS other, '' AS kind, row.mail_attempts AS attempts,
              oldest.due, row.mail_due_at AS leased_until
), leased_other AS (
    UPDATE signatures_outgoingmail AS row
    SET due_at = now() + make_interval(secs => %(lease)s), attempts = attempts + 1
    FROM oldest
    WHERE row.id = oldest.other
    RETURNING row.signature_id AS signature, row.id AS other, row.kind, row.attempts, oldest.due, row.due_at
)
SELECT * FROM leased_signature UNION ALL SELECT * FROM leased_other ORDER BY due
"""


def claim(*, limit: int) -> list[Claimed]:
    """Lease up to `limit` due mails, the oldest first, and commit.

    Raises RuntimeError inside a transaction: a lease that may be rolled back after the mail went out is none.
    """
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"limit": limit, "lease": settings.MAIL_LEASE})
        rows = cursor.fetchall()
    return [
        Claimed(
            outbox=SIGNATURES if other is None else OTHERS,
            id=signature if other is None else other,
            signature_id=signature,
            kind=kind,
            attempts=attempts,
            was_due=due,
            leased_until=leased_until,
        )
        for signature, other, kind, attempts, due, leased_until in rows
    ]


# What a mail needs of its signature. Written out because building it with the ORM took a fifth of the drain.
_READ = """
SELECT s.id, s.petition_id, s.state, s.language, s.created_at, s.bounced_at, s.mail_count, s.mail_asked,
       s.reminders_sent,
       s.name_sealed, s.email_sealed, s.person_index, s.paper_import_id
FROM signatures_signature AS s
"""
_READ_OWN = _READ + "WHERE s.id = %s AND s.mail_due_at = %s AND s.mail_due_at > now()"
_READ_OTHER = (
    _READ
    + """
JOIN signatures_outgoingmail AS m ON m.signature_id = s.id
WHERE m.id = %s AND m.due_at = %s AND m.due_at > now()
"""
)


def read_claimed(mail: Claimed) -> Signature | None:
    """The signature as it is now, read just before its mail goes out.

    None when there is nothing for us to send any more: the row is gone, was cleared or made due again, or our lease
    has run out on a slow server.
    """
    sql = _READ_OWN if mail.outbox is SIGNATURES else _READ_OTHER
    for signature in Signature.objects.raw(sql, [mail.id, mail.leased_until]):
        return signature
    return None


def mark_sent(mail: Claimed) -> None:
    """Record one mail as sent, at once, in its own statement: a worker killed later repeats at most the next one.

    Its commit does not wait for the disk (`set_config(…, true)` ends with the statement's transaction). A crash of the
    database within that second forgets that the mail went out, and it goes out again: at-least-once anyway. Waiting
    would halve the drain. A row that was made due again in the meantime stays due.
    """
    box = mail.outbox
    count = (
        ", mail_count = mail_count + 1, mail_times = (ARRAY[now()] || mail_times)[1:%(remembered)s]"
        if box.counted
        else ""
    )
    asked = f", {box.asked} = CASE WHEN {box.due} = %(lease)s THEN '' ELSE {box.asked} END" if box.asked else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE {box.table}
            SET {box.due} = CASE WHEN {box.due} = %(lease)s THEN NULL ELSE {box.due} END,
                {box.sent} = now(), {box.attempts} = 0, {box.error} = ''{count}{asked}
            FROM set_config('synchronous_commit', 'off', true) AS unhurried
            WHERE id = %(id)s AND unhurried = 'off'
            """,
            {"id": mail.id, "lease": mail.leased_until, "remembered": settings.MAIL_PER_DAY},
        )


def mark_bounced(mail: Claimed, *, error: str) -> None:
    """Give up for good. `error` holds no address. Nothing happens to a row that was made due again."""
    _end_lease(
        mail,
        f"{mail.outbox.due} = NULL, bounced_at = now(), {mail.outbox.error} = %(error)s{_unasked(mail)}",
        error=error,
    )


def try_later(mail: Claimed, *, error: str, seconds: float) -> None:
    """Make the mail due again in `seconds`; the attempt counts. `error` holds no address."""
    _end_lease(
        mail,
        f"{mail.outbox.due} = now() + make_interval(secs => %(seconds)s), {mail.outbox.error} = %(error)s",
        error=error,
        seconds=seconds,
    )


def clear(mail: Claimed) -> None:
    """Nothing is to be sent for this row any more."""
    _end_lease(mail, f"{mail.outbox.due} = NULL, {mail.outbox.attempts} = 0{_unasked(mail)}")


def _unasked(mail: Claimed) -> str:
    return f", {mail.outbox.asked} = ''" if mail.outbox.asked else ""


def give_back(mails: Sequence[Claimed], *, seconds: float | None = None) -> None:
    """Return mails that were never tried: the attempt does not count.

    Due again in `seconds`, or, without it, when they were due before, so that the queue's age stays true.
    """
    with transaction.atomic():
        for mail in mails:
            due = "%(was_due)s" if seconds is None else "now() + make_interval(secs => %(seconds)s)"
            _end_lease(
                mail,
                f"{mail.outbox.due} = {due}, {mail.outbox.attempts} = GREATEST({mail.outbox.attempts} - 1, 0)",
                was_due=mail.was_due,
                seconds=seconds,
            )


def _end_lease(mail: Claimed, change: str, *, error: str = "", **values: datetime | float | None) -> None:
    box = mail.outbox
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {box.table} SET {change} WHERE id = %(id)s AND {box.due} = %(lease)s",
            {
                "id": mail.id,
                "lease": mail.leased_until,
                "error": error[:ERROR_LENGTH],
                **values,
            },
        )
