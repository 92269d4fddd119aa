"""Delivering what is due: claim, send several at once, record each as soon as its fate is known."""

from __future__ import annotations

import json
import logging
import random
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_noop

from petition.database import session_lock
from signatures.models import WebhookDelivery, WebhookEndpoint
from signatures.privacy.sealing import Unreadable

from . import outbox
from .outbox import Claimed
from .post import Outcome, post
from .secrets import secrets_of, signed

log = logging.getLogger(__name__)

LOCK = 0x686F6F6B  # "hook"
LONGEST_ASKED = 24 * 3600  # seconds: a partner's Retry-After puts a try off by no more
# Seconds after each try that failed, about three days in all; the last one that fails is given up.
WAITS = (5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 18 * 3600, 22 * 3600)


@dataclass
class Delivered:
    """What one run did, in messages."""

    taken: int = 0
    retried: int = 0
    given_up: int = 0


def deliver_due(*, seconds: float = 20.0) -> Delivered:
    """Send what is due until nothing is, or for `seconds`; returns at once when another worker is at it.

    That only bounds how many workers wait for slow partners: what keeps two from sending one message is the lease. A
    worker killed at any point leaves leases that run out; what it had sent and not recorded goes out twice, under the
    same id.
    """
    done = Delivered()
    if not _anything_due():
        return done
    with session_lock(LOCK) as ours:
        ends = time.monotonic() + seconds
        while ours and time.monotonic() < ends and (batch := outbox.claim(limit=settings.WEBHOOK_AT_ONCE)):
            _send(batch, done)
    return done


def _anything_due() -> bool:
    return WebhookDelivery.objects.filter(due_at__lte=timezone.now(), endpoint__active=True).exists()


def _send(batch: list[Claimed], done: Delivered) -> None:
    """Threads only speak to partners; the database is this thread's."""
    endpoints = WebhookEndpoint.objects.in_bulk([each.endpoint_id for each in batch])
    with ThreadPoolExecutor(len(batch), thread_name_prefix="webhook") as pool:
        under_way = {}
        for each in batch:
            endpoint = endpoints.get(each.endpoint_id)
            if endpoint is None:
                continue  # deleted meanwhile, and its deliveries with it
            try:
                headers, body = message_for(each, endpoint)
            except Unreadable:
                log.error("Webhook %s: its secret cannot be read: is a key missing from FIELD_KEYS?", endpoint.pk)
                error = gettext_noop("The secret cannot be read: is a key missing from FIELD_KEYS?")
                _record(each, Outcome(error=error), done)
                continue
            under_way[pool.submit(post, url=endpoint.url, body=body, headers=headers)] = each
        for future in as_completed(under_way):
            _record(under_way[future], future.result(), done)


def message_for(delivery: Claimed, endpoint: WebhookEndpoint) -> tuple[dict[str, str], bytes]:
    """Headers and body. Body and id are the same at every try, the time and so the signature are not."""
    body = json.dumps(delivery.payload, separators=(",", ":"), sort_keys=True).encode()
    marks = signed(message=f"msg_{delivery.message.hex}", at=int(time.time()), body=body, secrets=secrets_of(endpoint))
    return {"Content-Type": "application/json"} | marks, body


def _record(delivery: Claimed, outcome: Outcome, done: Delivered) -> None:
    if outcome.taken and outcome.status:
        outbox.mark_delivered(delivery, status=outcome.status)
        done.taken += 1
    elif outcome.gone and outcome.status:
        error = gettext_noop("It answered 410: it wants nothing more.")
        outbox.switch_off(delivery, status=outcome.status, error=error)
        done.given_up += 1
        log.warning("Webhook %s answered 410 and is switched off.", delivery.endpoint_id)
    elif delivery.attempts > len(WAITS):
        outbox.give_up(delivery, status=outcome.status, error=outcome.error)
        done.given_up += 1
        log.error("Webhook %s: given up after %d tries.", delivery.endpoint_id, delivery.attempts)
    else:
        asked = min(outcome.retry_after, LONGEST_ASKED)
        at = timezone.now() + timedelta(seconds=max(wait_after(delivery.attempts), asked))
        outbox.try_later(delivery, at=at, status=outcome.status, error=outcome.error)
        done.retried += 1


def wait_after(attempts: int) -> float:
    """Seconds until the next try after so many, spread by a tenth, so that those who failed together come apart."""
    return WAITS[attempts - 1] * random.uniform(0.9, 1.1)
