"""An update on its way while the product's own worker is killed, again and again."""

from __future__ import annotations

import time
from collections import Counter

from tests.faults.conftest import Person
from tests.stack import Stack

PEOPLE = 120
BEGIN = """
from django.utils import timezone
from signatures.models import CampaignUpdate, Petition, UpdateText
from signatures.sending.begin import begin_sending
petition = Petition.objects.get(slug="xinjiang")
update = CampaignUpdate.objects.create(petition=petition, original_language="en", published_at=timezone.now())
UpdateText.objects.create(update=update, language="en", title="They answered", body="We **met** them.")
print(begin_sending(update_id=update.pk, actor=None, reason="a test").expected)
"""


def figures(stack: Stack) -> dict[str, int]:
    columns = "state, expected, sent, unknown, passed_over, bounced, failed"
    (row,) = stack.sql(f"SELECT {columns} FROM signatures_updatesending")
    return dict(zip(columns.split(", "), row, strict=True))


def updates(stack: Stack) -> Counter[str]:
    return Counter(mail["to"] for mail in stack.mail.to() if "/unsubscribe/" in mail["text"])


def test_a_worker_killed_again_and_again_sends_an_update_to_nobody_twice(own_stack: Stack, person) -> None:
    own_stack.manage("simulate", "--signatures", str(PEOPLE), "--countries", "12", "--slug", "xinjiang")
    own_stack.sql("UPDATE signatures_signature SET wants_updates = true WHERE state = 'confirmed'")
    expected = int(own_stack.manage("shell", "-v0", "-c", BEGIN).split()[-1])
    assert expected > PEOPLE / 2
    kills = 0
    for enough in (10, 30, 60):
        deadline = time.monotonic() + 60
        while sum(updates(own_stack).values()) < enough:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        own_stack.children["worker"].kill()
        kills += 1
        if enough == 30:  # somebody signs meanwhile, and is answered before the other updates
            somebody: Person = person("meanwhile")
            somebody.read()
            assert somebody.sign().status_code == 303
        own_stack.start_process("worker")
    deadline = time.monotonic() + 90
    while figures(own_stack)["state"] != "finished":
        assert time.monotonic() < deadline, figures(own_stack)
        time.sleep(0.2)
    now, mails = figures(own_stack), updates(own_stack)
    assert max(mails.values()) == 1, "somebody got it twice"
    assert now["sent"] + now["unknown"] == expected
    assert now["unknown"] <= kills
    assert now["sent"] <= len(mails) <= expected
    own_stack.mail.wait_for(somebody.address)
    everything = own_stack.mail.to()[::-1]  # the oldest first
    position = next(i for i, mail in enumerate(everything) if mail["to"] == somebody.address)
    assert sum("/unsubscribe/" in mail["text"] for mail in everything[position:]) > 0, "it overtook none"
