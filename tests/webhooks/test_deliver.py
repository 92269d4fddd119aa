"""What is due is sent signed, tried again for days, and given up where staff can see it."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from signatures.models import WebhookDelivery, WebhookEndpoint
from signatures.webhooks.deliver import WAITS, Delivered, deliver_due
from signatures.webhooks.notice import notice, send_test
from signatures.webhooks.outbox import claim, mark_delivered, send_again
from signatures.webhooks.secrets import new_secret
from signatures.webhooks.tasks import deliver, forget
from tests.factories import make_petition

from .conftest import Partner, count, make_hook

pytestmark = pytest.mark.django_db(transaction=True)


def make_due() -> None:
    """As if the wait or the lease of everything that waits were over."""
    WebhookDelivery.objects.filter(due_at__isnull=False).update(due_at=timezone.now() - timedelta(seconds=1))


def test_a_milestone_arrives_signed_so_that_the_standards_library_accepts_it(partner: Partner) -> None:
    petition = make_petition(slug="water", goal=100_000)
    hook = make_hook(petition, url=partner.url(), step=100)
    count(petition, 123)
    notice()
    deliver()
    (request,) = partner.received
    said = Webhook(hook.secret).verify(request.body, request.headers)
    assert (said["type"], said["data"]["slug"]) == ("petition.milestone", "water")
    assert (said["data"]["milestone"], said["data"]["total"]) == (100, 123)
    row = WebhookDelivery.objects.get()
    assert (row.status, row.attempts, row.due_at) == (204, 1, None)
    assert row.delivered_at
    with pytest.raises(WebhookVerificationError):
        Webhook(hook.secret).verify(request.body.replace(b"123", b"124"), request.headers)


def test_while_a_secret_is_being_replaced_both_verify_and_then_the_new_one_alone(partner: Partner) -> None:
    hook = make_hook(url=partner.url())
    new = new_secret(hook.endpoint)
    hook.endpoint.save()
    send_test(hook.endpoint)
    deliver_due()
    WebhookEndpoint.objects.update(former_until=timezone.now())
    send_test(hook.endpoint)
    deliver_due()
    during, after = partner.received
    for secret in (hook.secret, new):
        assert Webhook(secret).verify(during.body, during.headers)
    assert Webhook(new).verify(after.body, after.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(hook.secret).verify(after.body, after.headers)


def test_the_secret_is_sealed_in_the_row(partner: Partner) -> None:
    hook = make_hook(url=partner.url())
    stored = WebhookEndpoint.objects.values().get()
    assert hook.secret.removeprefix("whsec_").encode() not in bytes(stored["secret_sealed"])
    assert hook.secret not in str(stored)


def test_a_failure_is_tried_again_for_three_days_with_the_same_message_and_then_given_up(partner: Partner) -> None:
    partner.answer = lambda request: 500
    send_test(make_hook(url=partner.url()).endpoint)
    waited = []
    for _ in WAITS:
        assert deliver_due() == Delivered(retried=1)
        row = WebhookDelivery.objects.get()
        assert row.due_at is not None and (row.status, row.error) == (500, "It answered 500.")
        waited.append((row.due_at - timezone.now()).total_seconds())
        assert deliver_due() == Delivered(), "not before its time"
        make_due()
    assert [round(wait / of, 0) for wait, of in zip(waited, WAITS, strict=True)] == [1] * len(WAITS)
    assert 2.5 * 86400 < sum(waited) < 3.5 * 86400
    assert deliver_due() == Delivered(given_up=1)
    row = WebhookDelivery.objects.get()
    assert row.gave_up_at and row.due_at is None and row.attempts == len(WAITS) + 1
    assert len({request.headers["webhook-id"] for request in partner.received}) == 1
    assert len({request.body for request in partner.received}) == 1


def test_what_was_given_up_can_be_sent_again(partner: Partner) -> None:
    delivery = send_test(make_hook(url=partner.url()).endpoint)
    WebhookDelivery.objects.update(due_at=None, gave_up_at=timezone.now(), attempts=10, error="It answered 500.")
    assert send_again([delivery.pk]) == 1
    assert deliver_due() == Delivered(taken=1)
    assert send_again([delivery.pk]) == 1
    assert deliver_due() == Delivered(taken=1)
    first, second = partner.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"]


def test_410_switches_the_endpoint_off_with_all_that_waits_for_it(partner: Partner) -> None:
    partner.answer = lambda request: 410
    hook = make_hook(url=partner.url())
    for _ in range(3):
        send_test(hook.endpoint)
    assert deliver_due() == Delivered(given_up=1)
    hook.endpoint.refresh_from_db()
    assert (hook.endpoint.active, bool(hook.endpoint.disabled_at)) == (False, True)
    assert "410" in hook.endpoint.disabled_why
    assert WebhookDelivery.objects.filter(gave_up_at__isnull=False, due_at=None).count() == 3
    assert deliver_due() == Delivered()
    assert len(partner.received) == 1
    assert send_again(WebhookDelivery.objects.values_list("id", flat=True)) == 0


def test_a_secret_that_no_key_opens_waits_and_says_so(partner: Partner, settings: Any) -> None:
    send_test(make_hook(url=partner.url()).endpoint)
    kept, settings.FIELD_KEYS = settings.FIELD_KEYS, ["k9:" + "A" * 43 + "="]
    assert deliver_due() == Delivered(retried=1)
    assert "FIELD_KEYS" in WebhookDelivery.objects.get().error
    settings.FIELD_KEYS = kept
    make_due()
    assert deliver_due() == Delivered(taken=1)


def test_a_slow_partner_keeps_no_other_waiting(partner: Partner, settings: Any) -> None:
    """The slow one answers only when the others have been served, in the same run."""
    others = threading.Semaphore(0)

    def answer(request: Any) -> int:
        if request.path == "/slow":
            return 204 if all(others.acquire(timeout=8) for _ in range(3)) else 500
        others.release()
        return 204

    partner.answer = answer
    send_test(make_hook(url=partner.url("/slow")).endpoint)
    for _ in range(3):
        send_test(make_hook(url=partner.url("/quick")).endpoint)
    assert deliver_due() == Delivered(taken=4)


# --------------------------------------------------------------------------------------------------- the lease
def test_a_claimed_delivery_is_nobody_elses_until_its_lease_runs_out(partner: Partner) -> None:
    send_test(make_hook(url=partner.url()).endpoint)
    (claimed,) = claim(limit=5)
    assert 110 < (claimed.leased_until - timezone.now()).total_seconds() <= 120
    assert claim(limit=5) == [] and deliver_due() == Delivered()
    make_due()
    assert deliver_due() == Delivered(taken=1)
    mark_delivered(claimed, status=299)  # the first worker wakes up at last
    assert WebhookDelivery.objects.get().status == 204


def test_a_lease_that_could_be_rolled_back_is_refused() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        claim(limit=5)


def test_eight_claimers_at_once_never_share_a_delivery(partner: Partner) -> None:
    for _ in range(4):
        hook = make_hook(url=partner.url())
        for _ in range(3):
            send_test(hook.endpoint)
    start = threading.Barrier(8)

    def take(_worker: int) -> list[int]:
        try:
            connection.ensure_connection()
            start.wait(20)
            return [each.id for _ in range(4) for each in claim(limit=2)]
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as workers:
        taken = [each for found in workers.map(take, range(8)) for each in found]
    taken += [each.id for _ in range(3) for each in claim(limit=20)]
    assert len(taken) == len(set(taken)) == 12


def test_one_worker_delivers_at_a_time(partner: Partner) -> None:
    send_test(make_hook(url=partner.url()).endpoint)
    entered, go_on = threading.Event(), threading.Event()

    def answer(request: Any) -> int:
        entered.set()
        return 204 if go_on.wait(8) else 500

    partner.answer = answer
    done: list[Delivered] = []

    def work() -> None:
        done.append(deliver_due())
        connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    assert entered.wait(8)
    send_test(make_hook(url=partner.url()).endpoint)
    assert deliver_due() == Delivered(), "the other one is at it, and takes this one next"
    go_on.set()
    worker.join(20)
    assert done == [Delivered(taken=2)]


def test_nothing_due_costs_one_query(django_assert_num_queries: Any) -> None:
    make_hook()
    with django_assert_num_queries(1):
        assert deliver_due() == Delivered()


def test_the_body_holds_figures_alone(partner: Partner) -> None:
    send_test(make_hook(url=partner.url()).endpoint)
    deliver_due()
    said = json.loads(partner.received[0].body)
    assert said["data"].keys() == {"slug", "state", "total", "goal", "countries", "as_of", "version"}


@pytest.mark.parametrize(("said", "wait"), [("7200", 7200), ("date", 3600), ("999999", 86400), ("soon", 5), ("1", 5)])
def test_a_partner_may_ask_for_a_longer_wait_and_for_no_more_than_a_day(
    partner: Partner, *, said: str, wait: float
) -> None:
    later = format_datetime(timezone.now() + timedelta(hours=1), usegmt=True) if said == "date" else said
    partner.answer = lambda request: (503, {"Retry-After": later})
    send_test(make_hook(url=partner.url()).endpoint)
    assert deliver_due() == Delivered(retried=1)
    due = WebhookDelivery.objects.get().due_at
    assert due is not None
    assert (due - timezone.now()).total_seconds() == pytest.approx(wait, rel=0.15, abs=2)


def test_what_is_over_is_forgotten_after_a_month_and_not_told_again(partner: Partner) -> None:
    petition = make_petition()
    hook = make_hook(petition, url=partner.url(), step=100)
    count(petition, 123)
    notice()
    deliver()
    for fate in ("delivered_at", "gave_up_at"):
        send_test(hook.endpoint)
        deliver()
        newest = WebhookDelivery.objects.filter(pk=WebhookDelivery.objects.first().pk)  # type: ignore[union-attr]
        over = {"delivered_at": None, "gave_up_at": None} | {fate: timezone.now() - timedelta(days=31)}
        newest.update(**over)
    WebhookDelivery.objects.filter(event="petition.milestone").update(delivered_at=timezone.now() - timedelta(days=31))
    waiting = send_test(hook.endpoint)
    WebhookDelivery.objects.filter(pk=waiting.pk).update(created_at=timezone.now() - timedelta(days=60))
    assert forget() == 3
    assert WebhookDelivery.objects.get().pk == waiting.pk
    assert notice() == 0, "the milestone was told"
