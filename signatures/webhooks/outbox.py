"""The webhooks' outbox in SQL: what is due, who may send it now, and what became of it.

The same way as mail's (see `mail.claim`): a worker claims rows by moving their due time to the end of a lease and
commits before it sends. Every later statement names that lease, so whoever lost it overwrites nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from signatures.models import WebhookDelivery, WebhookEndpoint

ERROR_LENGTH = 200  # characters


@dataclass(frozen=True)
class Claimed:
    """One delivery that is ours to make until `leased_until`."""

    id: int
    endpoint_id: UUID
    message: UUID
    payload: dict[str, Any]
    attempts: int  # this one included
    leased_until: datetime


# One of each endpoint at a time, its oldest: a partner's slow server keeps the others' waiting no longer than one try.
# A row that another worker leased between our snapshot and our lock is read again, is no longer due and drops out.
_CLAIM = """
WITH oldest AS (
    SELECT d.id
    FROM signatures_webhookdelivery AS d
    JOIN signatures_webhookendpoint AS e ON e.id = d.endpoint_id
    WHERE e.active AND d.due_at <= now() AND d.id = (
        SELECT o.id FROM signatures_webhookdelivery AS o
        WHERE o.endpoint_id = d.endpoint_id AND o.due_at <= now()
        ORDER BY o.due_at, o.id LIMIT 1
    )
    ORDER BY d.due_at
    LIMIT %(limit)s
    FOR NO KEY UPDATE OF d SKIP LOCKED
)
UPDATE signatures_webhookdelivery AS d
SET due_at = now() + make_interval(secs => %(lease)s), attempts = d.attempts + 1
FROM oldest WHERE d.id = oldest.id
RETURNING d.id, d.endpoint_id, d.message, d.attempts, d.due_at
"""


def claim(*, limit: int) -> list[Claimed]:
    """Lease up to `limit` due deliveries and commit.

    Raises RuntimeError inside a transaction: a lease that may be rolled back after the message went out is none.
    """
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"limit": limit, "lease": settings.WEBHOOK_LEASE})
        rows = cursor.fetchall()
        payloads = dict(WebhookDelivery.objects.filter(id__in=[row[0] for row in rows]).values_list("id", "payload"))
    return [
        Claimed(
            id=id,
            endpoint_id=endpoint_id,
            message=message,
            payload=payloads[id],
            attempts=attempts,
            leased_until=leased_until,
        )
        for id, endpoint_id, message, attempts, leased_until in rows  # noqa: A001
    ]


def _leased(delivery: Claimed) -> Any:
    return WebhookDelivery.objects.filter(id=delivery.id, due_at=delivery.leased_until)


def mark_delivered(delivery: Claimed, *, status: int) -> None:
    """It was taken. One that was made due again in the meantime stays due."""
    _leased(delivery).update(due_at=None, delivered_at=timezone.now(), status=status, error="")


def try_later(delivery: Claimed, *, at: datetime, status: int | None, error: str) -> None:
    """Make it due again at `at`; the attempt counts."""
    _leased(delivery).update(due_at=at, status=status, error=error[:ERROR_LENGTH])


def give_up(delivery: Claimed, *, status: int | None, error: str) -> None:
    """Try no more, and say why."""
    _leased(delivery).update(due_at=None, gave_up_at=timezone.now(), status=status, error=error[:ERROR_LENGTH])


def switch_off(delivery: Claimed, *, status: int, error: str) -> None:
    """The partner wants nothing more: give up this delivery and all that wait for its endpoint, and make no more."""
    now = timezone.now()
    with transaction.atomic():
        WebhookEndpoint.objects.filter(id=delivery.endpoint_id, active=True).update(
            active=False, disabled_at=now, disabled_why=error[:ERROR_LENGTH]
        )
        give_up(delivery, status=status, error=error)
        waiting = WebhookDelivery.objects.filter(endpoint_id=delivery.endpoint_id, due_at__isnull=False)
        waiting.update(due_at=None, gave_up_at=now, error=error[:ERROR_LENGTH])


def send_again(ids: Iterable[int]) -> int:
    """Make deliveries due now, with all their tries before them, whatever became of them; returns how many.

    The message keeps its id, so that a partner who has it already can tell. An endpoint that is switched off gets none.
    """
    rows = WebhookDelivery.objects.filter(id__in=list(ids), endpoint__active=True)
    return rows.update(due_at=timezone.now(), attempts=0, status=None, error="", delivered_at=None, gave_up_at=None)


def forget_old() -> int:
    """Delete what was delivered or given up more than WEBHOOK_KEEP_DAYS ago; returns how many.

    None of it is told again: what an endpoint has been told stands with the endpoint itself.
    """
    before = timezone.now() - timedelta(days=settings.WEBHOOK_KEEP_DAYS)
    old = WebhookDelivery.objects.filter(Q(delivered_at__lt=before) | Q(gave_up_at__lt=before))
    return old.delete()[0]
