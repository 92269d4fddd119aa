"""From what happens to a petition to the partner's server, by the product's own worker and clock."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from standardwebhooks.webhooks import Webhook

from tests.stack import Stack

from .conftest import Partner, Request, serve

SET_UP = """
from signatures.models import Petition, WebhookEndpoint
from signatures.webhooks.notice import start_from_now
from signatures.webhooks.secrets import new_secret
e = WebhookEndpoint(petition=Petition.objects.get(slug="xinjiang"), partner="A Partner", url="{url}")
print("secret:", new_secret(e))
e.save()
start_from_now(e)
"""
CLOSE = """
from signatures.letters.lifecycle import close_petition
from signatures.models import Petition
close_petition(petition_id=Petition.objects.get(slug="xinjiang").pk, actor=None, reason="a test")
"""


@pytest.fixture
def quick_stack(tmp_path: Path) -> Iterator[Stack]:
    running = Stack(tmp_path, own_servers=True, WEBHOOK_EVERY="0.5", WEBHOOK_LEASE="3", WEBHOOK_ALLOW_LOOPBACK="true")
    running.start()
    yield running
    running.stop()


def test_a_closing_reaches_the_partner_although_the_worker_is_killed_in_the_middle(quick_stack: Stack) -> None:
    """At the worst moment: the partner has the message, and the worker never hears of it."""
    partner, killed = Partner(), threading.Event()

    def answer(request: Request) -> int:
        if not killed.is_set():
            quick_stack.children["worker"].kill()
            killed.set()
        return 204

    partner.answer = answer
    server = serve(partner)
    try:
        said = quick_stack.manage("shell", "-c", SET_UP.format(url=partner.url()))
        secret = said.partition("secret: ")[2].split()[0]
        quick_stack.manage("shell", "-c", CLOSE)
        assert killed.wait(30)
        quick_stack.children["worker"].process.wait(10)
        quick_stack.start_process("worker")
        state = "SELECT delivered_at IS NOT NULL, attempts FROM signatures_webhookdelivery"
        deadline = time.monotonic() + 60
        while quick_stack.sql(state) != [(True, 2)]:
            assert time.monotonic() < deadline, (quick_stack.sql(state), quick_stack.children["worker"].last_lines())
            time.sleep(0.2)
    finally:
        server.shutdown()
        server.server_close()
    first, second = partner.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    for request in partner.received:
        event = Webhook(secret).verify(request.body, request.headers)
        assert (event["type"], event["data"]["state"]) == ("petition.closed", "closed")
