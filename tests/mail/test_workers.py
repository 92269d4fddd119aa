"""Many workers at once, and one that is killed in the middle of a batch."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from signatures.mail.deliver import Delivered, deliver_due
from signatures.models import OutgoingMail, Signature
from tests.factories import make_mail, make_petition, make_signature

from .conftest import Server, Sink

pytestmark = pytest.mark.django_db(transaction=True)


def test_twenty_workers_send_every_mail_exactly_once(sink: Sink, settings: Any) -> None:
    settings.MAIL_BATCH = 7  # so that they meet often
    petition = make_petition()
    now = timezone.now()
    for number in range(150):
        make_signature(petition, email=f"{number}@mail.example", mail_due_at=now)
    for number in range(150, 200):
        signature = make_signature(petition, email=f"{number}@mail.example", state="withdrawn")
        make_mail(signature, kind="withdrawn", due_at=now)
    start = threading.Barrier(20)

    def work(lane: int) -> Delivered:
        try:
            connection.ensure_connection()
            start.wait(timeout=20)
            return deliver_due(lane=lane)
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as workers:
        done = list(workers.map(work, range(20)))
    assert sink.recipients == {f"{number}@mail.example": 1 for number in range(200)}
    assert sum(one.sent for one in done) == 200
    assert sum(one.sent > 0 for one in done) > 1, "one worker did it all: this proved nothing"
    assert not Signature.objects.filter(mail_due_at__isnull=False).exists()
    assert set(Signature.objects.filter(state="pending").values_list("mail_count", flat=True)) == {1}
    assert not OutgoingMail.objects.filter(sent_at=None).exists()


DELIVER = "from signatures.mail.tasks import deliver; deliver(0)"


def worker_process(server: Server, does: str = DELIVER, **env: str) -> subprocess.Popen[bytes]:
    """A worker process on the test's database and mail server."""
    database = settings.DATABASES["default"]
    user, password = (
        quote(database["USER"] or "", safe=""),
        quote(database["PASSWORD"] or "", safe=""),
    )
    who = f"{user}:{password}@" if password else f"{user}@"
    where = f"{quote(database['HOST'] or '', safe='')}:{database['PORT'] or 5432}"
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "petition.settings",
        "DATABASE_URL": f"postgres://{who}{where}/{connection.settings_dict['NAME']}",
        "EMAIL_URL": f"smtp://127.0.0.1:{server.port}",
        "PUBLIC_URL": "https://letters.example",
        **env,
    }
    command = f"import django; django.setup(); {does}"
    return subprocess.Popen([sys.executable, "-c", command], env=environment, cwd=settings.BASE_DIR)


@pytest.mark.parametrize("killed_at", [1, 9, 20])
def test_a_worker_killed_in_the_middle_of_a_batch_loses_no_mail_and_repeats_at_most_one(
    server: Server, killed_at: int
) -> None:
    petition = make_petition()
    now = timezone.now()
    for number in range(20):
        make_signature(
            petition,
            email=f"{number}@mail.example",
            mail_due_at=now - timedelta(seconds=60 - number),
        )
    dead = threading.Event()

    def kill_before_the_answer(address: str) -> None:
        # The worst moment: the server has the mail, and the worker will never hear of it.
        if len(server.sink.envelopes) + 1 == killed_at and not dead.is_set():
            worker.send_signal(signal.SIGKILL)
            worker.wait()
            dead.set()

    server.sink.content = kill_before_the_answer
    worker = worker_process(server)
    assert worker.wait(timeout=30) == -signal.SIGKILL
    assert dead.wait(timeout=10)
    assert deliver_due(lane=0) == Delivered(), "what the dead worker leased is not due before its lease runs out"
    leased = Signature.objects.filter(mail_due_at__isnull=False)
    assert leased.count() == 20 - killed_at + 1
    leased.update(mail_due_at=timezone.now())  # as when the lease has run out
    assert deliver_due(lane=0).sent == 20 - killed_at + 1
    assert set(server.sink.recipients) == {f"{number}@mail.example" for number in range(20)}
    assert sorted(server.sink.recipients.values()) == [1] * 19 + [2]
    ids = [mail["Message-ID"] for mail in server.sink.mails]
    assert len(set(ids)) == 20, "the mail that went out twice must be recognisable as one"
