"""Each person at most once: many workers, workers killed in the middle, and servers that break off."""

from __future__ import annotations

import random
import signal
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from anymail.exceptions import AnymailAPIError, AnymailRequestsAPIError
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection, transaction
from django.utils import timezone

from signatures.mail.post import Away, Post, TryLater, Unclear
from signatures.models import AuditEntry, CampaignUpdate, Petition, UpdateRecipient, UpdateSending
from signatures.sending import claim as recipients
from signatures.sending import listing
from signatures.sending.deliver import UNCLEAR, Run, send_updates
from signatures.sending.progress import progress_of
from tests.mail.conftest import Server, Sink
from tests.mail.test_workers import worker_process

from .conftest import begin, supporter

pytestmark = pytest.mark.django_db(transaction=True)
SEND = "from signatures.sending.tasks import send; send(0)"


def everybody(petition: Petition, number: int) -> None:
    for each in range(number):
        supporter(petition, f"{each}@mail.example")


def lease_runs_out() -> None:
    UpdateRecipient.objects.filter(state="sending").update(began_at=timezone.now() - timedelta(hours=1))


# -------------------------------------------------------------------------------------------------------- the marks
def test_whoever_is_marked_is_nobody_elses(petition: Petition, update: CampaignUpdate) -> None:
    supporter(petition)
    begin(update)
    listing.list_more()
    mail = recipients.claim()
    assert mail is not None and mail.attempts == 1
    assert recipients.claim() is None
    lease_runs_out()
    assert recipients.claim() is None


def test_a_mark_that_could_be_rolled_back_is_refused(petition: Petition, update: CampaignUpdate) -> None:
    supporter(petition)
    begin(update)
    listing.list_more()
    with pytest.raises(RuntimeError), transaction.atomic():
        recipients.claim()


def test_the_database_has_one_row_for_each_person(petition: Petition, update: CampaignUpdate) -> None:
    everybody(petition, 3)
    sending = begin(update)
    listing.list_more()
    UpdateSending.objects.update(reached=recipients.UUID(int=0))
    listing.list_more()  # as if it had forgotten how far it came
    UpdateRecipient.objects.filter(state="waiting").update(state="sent", due_at=None)
    UpdateSending.objects.update(reached=recipients.UUID(int=0))
    listing.list_more()
    assert UpdateRecipient.objects.filter(sending=sending).count() == 3
    assert set(UpdateRecipient.objects.values_list("state", flat=True)) == {"sent"}


def test_a_signature_that_somebody_holds_is_listed_a_moment_later(petition: Petition, update: CampaignUpdate) -> None:
    everybody(petition, 3)
    begin(update)
    with transaction.atomic():
        petition.signatures.select_for_update().order_by("id")[1:2].get()
        thread = threading.Thread(target=lambda: (listing.list_more(), connection.close()))
        thread.start()
        thread.join(timeout=5)
        assert not thread.is_alive(), "it must not wait for somebody else's lock"
    assert not UpdateRecipient.objects.exists() and not UpdateSending.objects.get().all_listed
    listing.list_more()
    assert UpdateRecipient.objects.count() == 3


# ------------------------------------------------------------------------------------------------------ many workers
def test_twenty_workers_send_to_everybody_exactly_once(
    petition: Petition, update: CampaignUpdate, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "SLICE", 7)
    everybody(petition, 150)
    begin(update)
    start = threading.Barrier(20)

    def work(lane: int) -> Run:
        try:
            connection.ensure_connection()
            start.wait(timeout=20)
            return send_updates(lane=lane)
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as workers:
        done = list(workers.map(work, range(20)))
    while send_updates(lane=0).sent:  # who found nobody due for a moment went home
        pass
    assert sink.recipients == {f"{each}@mail.example": 1 for each in range(150)}
    assert sum(run.sent > 0 for run in done) > 1, "one worker did it all: this proved nothing"
    sending = UpdateSending.objects.get()
    assert (sending.state, sending.sent, sending.unknown) == ("finished", 150, 0)


# --------------------------------------------------------------------------------------------------- killed workers
@pytest.mark.parametrize("killed_at", [1, 9, 20])
def test_a_worker_killed_in_the_middle_repeats_nobody_and_names_who_is_in_doubt(
    petition: Petition, update: CampaignUpdate, server: Server, killed_at: int
) -> None:
    everybody(petition, 20)
    begin(update)
    dead = threading.Event()

    def kill_before_the_answer(address: str) -> None:
        # The worst moment: the server has the mail, and the worker will never hear of it.
        if len(server.sink.envelopes) + 1 == killed_at and not dead.is_set():
            worker.send_signal(signal.SIGKILL)
            worker.wait()
            dead.set()

    server.sink.content = kill_before_the_answer
    worker = worker_process(server, SEND, UPDATE_MAILS_PER_MINUTE="0")
    assert worker.wait(timeout=30) == -signal.SIGKILL
    assert dead.wait(timeout=10)
    assert send_updates(lane=0).sent == 20 - killed_at
    sending = UpdateSending.objects.get()
    assert (sending.state, progress_of(sending).under_way, sending.unknown) == ("running", 1, 0)
    lease_runs_out()
    assert send_updates(lane=0).sent == 0
    assert send_updates(lane=0).sent == 0
    sending.refresh_from_db()
    assert (sending.state, sending.sent, sending.unknown) == ("finished", 19, 1)
    assert sorted(server.sink.recipients.values()) == [1] * 20, "nobody twice"
    assert len({mail["Message-ID"] for mail in server.sink.mails}) == 20


def test_workers_killed_at_any_moment_repeat_nobody_and_lose_nobody_from_sight(
    petition: Petition, update: CampaignUpdate, server: Server
) -> None:
    everybody(petition, 60)
    begin(update)
    server.sink.content = lambda address: time.sleep(0.01)
    kills = 0
    while UpdateSending.objects.get().state == "running" and kills < 40:
        worker = worker_process(server, SEND, UPDATE_MAILS_PER_MINUTE="0")
        before = len(server.sink.envelopes)
        deadline = time.monotonic() + 20
        while len(server.sink.envelopes) < before + 5 and worker.poll() is None and time.monotonic() < deadline:
            time.sleep(0.002)
        time.sleep(random.uniform(0, 0.02))
        if worker.poll() is None:
            worker.send_signal(signal.SIGKILL)
            kills += 1
        worker.wait()
        lease_runs_out()
    assert kills > 3
    sending = UpdateSending.objects.get()
    assert sending.state == "finished"
    assert sending.sent + sending.unknown == 60
    assert sending.unknown <= kills
    assert max(server.sink.recipients.values()) == 1
    assert sending.sent <= len(server.sink.envelopes) <= 60


def test_two_processes_and_one_that_is_killed_share_the_work(
    petition: Petition, update: CampaignUpdate, server: Server
) -> None:
    everybody(petition, 80)
    begin(update)
    server.sink.content = lambda address: time.sleep(0.02)
    workers = []
    for lane in range(3):
        send = f"from signatures.sending.tasks import send; send({lane})"
        workers.append(worker_process(server, send, UPDATE_MAILS_PER_MINUTE="0"))
        while len(server.sink.envelopes) < 5 * (lane + 1):  # each has begun before the next one starts
            assert workers[0].poll() is None
            time.sleep(0.01)
    workers[0].send_signal(signal.SIGKILL)
    for worker in workers:
        worker.wait(timeout=60)
    lease_runs_out()
    send_updates(lane=0)
    sending = UpdateSending.objects.get()
    assert sending.state == "finished" and sending.sent + sending.unknown == 80 and sending.unknown <= 1
    assert max(server.sink.recipients.values()) == 1


# ------------------------------------------------------------------------------------------- servers that break off
@contextmanager
def breaking_server(settings: Any, *, after: bytes) -> Iterator[list[bytes]]:
    """A mail server that hangs up on the command that starts with `after`; what it was told, line by line."""
    told: list[bytes] = []
    listening = socket.create_server(("127.0.0.1", 0))
    settings.EMAIL_PORT = listening.getsockname()[1]

    def converse(client: socket.socket) -> None:
        with client, client.makefile("rb") as lines:
            client.sendall(b"220 here\r\n")
            content = False
            for line in lines:
                told.append(line)
                if line.startswith(after) or (content and after == b"." and line == b".\r\n"):
                    return
                if content:
                    content = line != b".\r\n"
                    if not content:
                        client.sendall(b"250 taken\r\n")
                    continue
                content = line.upper().startswith(b"DATA")
                client.sendall(b"354 go on\r\n" if content else b"250 yes\r\n")

    def serve() -> None:
        while True:
            try:
                client, _address = listening.accept()
            except OSError:
                return
            threading.Thread(target=converse, args=(client,), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    yield told
    listening.close()


def test_a_server_that_breaks_off_before_the_content_surely_has_no_mail(
    petition: Petition, update: CampaignUpdate, sink: Sink, settings: Any
) -> None:
    everybody(petition, 2)
    begin(update)
    with breaking_server(settings, after=b"mail") as told:
        run = send_updates(lane=0)
    assert (run.sent, run.unknown) == (0, 0)
    assert not [line for line in told if line.startswith(b"data")]
    assert set(UpdateRecipient.objects.values_list("state", "attempts")) == {("waiting", 0)}


def test_a_server_that_breaks_off_after_the_content_is_not_asked_twice_and_the_sending_pauses(
    petition: Petition, update: CampaignUpdate, sink: Sink, settings: Any
) -> None:
    everybody(petition, UNCLEAR + 4)
    begin(update)
    with breaking_server(settings, after=b".") as told:
        run = send_updates(lane=0)
    assert run.unknown == UNCLEAR
    asked = [line for line in told if line.lower().startswith(b"rcpt")]
    assert len(asked) == len(set(asked)) == UNCLEAR
    sending = UpdateSending.objects.get()
    assert sending.state == "paused" and "broke off" in sending.paused_because
    assert AuditEntry.objects.filter(action="pause", actor=None).exists()
    assert (sending.unknown, progress_of(sending).waiting) == (UNCLEAR, 4)


class Provider(BaseEmailBackend):
    """A provider's API that answers with `error`."""

    error: Exception = AnymailAPIError("?")

    def send_messages(self, messages: Any) -> int:
        raise type(self).error


def _api_error(status: int | None) -> AnymailAPIError:
    error = AnymailAPIError("x")
    error.status_code = status
    return error


def _unreachable() -> AnymailRequestsAPIError:
    import requests

    try:
        requests.post("http://127.0.0.1:9/", timeout=1)
    except requests.ConnectionError as error:
        api = AnymailRequestsAPIError("x")
        api.__cause__ = error
        return api
    raise AssertionError


@pytest.mark.parametrize(
    ("error", "means"),
    [
        (lambda: _api_error(422), TryLater),
        (lambda: _api_error(429), Away),
        (lambda: _api_error(503), Unclear),
        (lambda: _api_error(None), Unclear),
        (_unreachable, Away),
        (lambda: ValueError("odd"), Unclear),
    ],
    ids=["422", "429", "503", "no answer", "no connection", "odd"],
)
def test_a_provider_that_did_not_say_no_may_have_taken_it(
    update: CampaignUpdate, petition: Petition, settings: Any, error: Any, means: type[Exception]
) -> None:
    from django.core.mail import EmailMultiAlternatives

    settings.EMAIL_BACKEND = f"{__name__}.Provider"
    Provider.error = error()
    with Post() as post, pytest.raises(means) as met:
        post.send(EmailMultiAlternatives("s", "b", to=["ada@mail.example"]), once=True)
    assert "ada" not in str(met.value)
