"""Who gets an update, in what order and at what pace, and what becomes of each mail."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from signatures.mail import deliver as outbox
from signatures.models import (
    AuditEntry,
    CampaignUpdate,
    Petition,
    Signature,
    Suppression,
    UpdateRecipient,
    UpdateSending,
)
from signatures.privacy.retention import forget_unconfirmed
from signatures.sending import domains, listing
from signatures.sending.deliver import send_updates
from signatures.sending.forget import forget_recipients
from signatures.sending.progress import progress_of
from signatures.sending.tasks import send
from signatures.sending.turn import pause_sending, resume_sending, stop_sending
from signatures.signing.choices import change_choices, unsubscribe
from signatures.signing.review.hold import hold
from signatures.signing.withdraw import erase, withdraw
from tests.factories import make_consent, make_petition, make_signature, make_update
from tests.mail.conftest import Server, Sink

from .conftest import begin, supporter

pytestmark = pytest.mark.django_db(transaction=True)


def in_thread(call: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
    """Run database work outside aiosmtpd's event loop, where Django refuses it."""

    def run() -> None:
        try:
            call(*args, **kwargs)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


def everybody(petition: Petition, number: int) -> list[Signature]:
    return [supporter(petition, f"{each}@mail.example") for each in range(number)]


def make_everybody_due() -> None:
    UpdateRecipient.objects.filter(state="waiting").update(due_at=timezone.now())


# ----------------------------------------------------------------------------------------------------- who gets it
def test_those_who_asked_get_it_in_their_language_and_nobody_else(
    petition: Petition, update: CampaignUpdate, sink: Sink
) -> None:
    supporter(petition, "english@mail.example")
    supporter(petition, "french@mail.example", language="fr")
    supporter(petition, "uyghur@mail.example", language="ug")
    supporter(petition, "silent@mail.example", wants_updates=False)
    supporter(petition, "bounced@mail.example", bounced_at=timezone.now())
    make_signature(petition, email="pending@mail.example", wants_updates=True)
    make_signature(petition, email="held@mail.example", state="held", held_from="confirmed", wants_updates=True)
    gone = supporter(petition, "suppressed@mail.example")
    Suppression.objects.create(petition=petition, person_index=gone.person_index)
    supporter(make_petition(), "elsewhere@mail.example")
    begin(update)
    late = supporter(petition, "late@mail.example")  # signed after it began
    assert late.pk > UpdateSending.objects.get().until
    send(lane=0)
    said = {mail["To"]: mail.get_body(("plain",)).get_content() for mail in sink.mails}
    assert sorted(said) == ["english@mail.example", "french@mail.example", "uyghur@mail.example"]
    assert "The ministers answered (fr)" in said["french@mail.example"]
    assert "The ministers answered\n" in said["uyghur@mail.example"].replace("\r\n", "\n")
    sending = UpdateSending.objects.get()
    assert (sending.state, sending.sent, sending.expected, sending.ended_at is None) == ("finished", 3, 3, False)
    assert not Signature.objects.exclude(mail_count=0).exists(), "the limits of signing mails know nothing of updates"
    assert send_updates(lane=0).sent == 0 and len(sink.mails) == 3


def test_recipients_are_listed_slice_by_slice(
    petition: Petition, update: CampaignUpdate, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "SLICE", 3)
    everybody(petition, 8)
    sending = begin(update)
    listed: list[int] = []
    sink.content = lambda address: in_thread(lambda: listed.append(UpdateRecipient.objects.count()))  # type: ignore[func-returns-value]
    assert send_updates(lane=0).sent == 8
    assert listed == [3, 3, 3, 6, 6, 6, 8, 8]
    assert sink.recipients == {f"{each}@mail.example": 1 for each in range(8)}
    sending.refresh_from_db()
    assert sending.state == "finished"


@pytest.mark.parametrize(
    "leaving",
    [
        lambda row: unsubscribe(signature_id=row.pk),
        lambda row: change_choices(
            signature_id=row.pk, show_name=False, hand_over=False, wants_updates=False, consent_id=make_consent().pk
        ),
        lambda row: withdraw(signature_id=row.pk),
        lambda row: erase(signature_id=row.pk),
        lambda row: hold(signature_ids=[row.pk], reason="many from one network", actor=None),
        lambda row: Signature.objects.filter(pk=row.pk).update(bounced_at=timezone.now()),
        lambda row: Suppression.objects.create(petition=row.petition, person_index=row.person_index),
    ],
    ids=["unsubscribed", "changed choices", "withdrawn", "erased", "held", "bounced", "suppressed"],
)
def test_who_leaves_before_their_turn_gets_nothing(
    petition: Petition, update: CampaignUpdate, sink: Sink, leaving: Callable[[Signature], Any]
) -> None:
    rows = everybody(petition, 3)
    begin(update)

    def second_leaves(address: str) -> None:
        if address.startswith("0"):
            in_thread(leaving, rows[1])

    sink.content = second_leaves
    send_updates(lane=0)
    about_updates = [mail["To"] for mail in sink.mails if "List-Id" in mail]
    assert about_updates == ["0@mail.example", "2@mail.example"]
    assert not UpdateRecipient.objects.filter(signature_id=rows[1].pk).exists()
    assert UpdateSending.objects.get().state == "finished"


def test_a_petition_with_two_updates_sends_a_person_one_a_day(
    petition: Petition, update: CampaignUpdate, sink: Sink, settings: Any
) -> None:
    supporter(petition)
    begin(update)
    send_updates(lane=0)
    UpdateSending.objects.update(started_at=timezone.now() - timedelta(hours=25))  # a long one: its mails are of today
    begin(make_update(petition))
    assert send_updates(lane=0).sent == 0
    waiting = UpdateRecipient.objects.get(state="waiting")
    assert 86_000 < (waiting.due_at - timezone.now()).total_seconds() <= 86_400 and waiting.attempts == 0
    UpdateRecipient.objects.filter(state="sent").update(began_at=timezone.now() - timedelta(hours=25))
    make_everybody_due()
    assert send_updates(lane=0).sent == 1


# -------------------------------------------------------------------------------------------- behind the other mails
def test_a_confirmation_that_comes_in_the_middle_overtakes_all_updates(
    petition: Petition, update: CampaignUpdate, sink: Sink
) -> None:
    everybody(petition, 6)
    begin(update)

    def somebody_signs(address: str) -> None:
        if address.startswith("1@"):
            in_thread(make_signature, petition, email="new@mail.example", mail_due_at=timezone.now())

    sink.content = somebody_signs
    send_updates(lane=0)
    assert [address.partition("@")[0] for address, _ in sink.envelopes] == ["0", "1", "new", "2", "3", "4", "5"]


def test_mail_that_is_due_goes_before_the_first_update(petition: Petition, update: CampaignUpdate, sink: Sink) -> None:
    everybody(petition, 2)
    begin(update)
    for number in range(150):  # more than a batch
        make_signature(petition, email=f"new{number}@mail.example", mail_due_at=timezone.now())
    send_updates(lane=0)
    order = [address.startswith("new") for address, _ in sink.envelopes]
    assert order == [True] * 150 + [False] * 2


def test_updates_work_in_a_lane_of_the_outbox(petition: Petition, update: CampaignUpdate, sink: Sink) -> None:
    everybody(petition, 2)
    begin(update)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, 3)", [outbox.LANE_LOCK])
        in_thread(send_updates, lane=3)
        assert not sink.envelopes
        cursor.execute("SELECT pg_advisory_unlock(%s, 3)", [outbox.LANE_LOCK])
    send_updates(lane=3)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_database AS d ON d.oid = database AND d.datname = current_database()"
            " WHERE locktype = 'advisory' AND classid = %s",
            [outbox.LANE_LOCK],
        )
        assert cursor.fetchone() == (0,)
    assert len(sink.envelopes) == 2


# ------------------------------------------------------------------------------------------------------------ pace
def test_the_pace_is_kept_by_all_workers_together(
    petition: Petition, update: CampaignUpdate, sink: Sink, settings: Any
) -> None:
    settings.UPDATE_MAILS_PER_MINUTE = 1200  # 20 a second
    everybody(petition, 200)
    begin(update)
    started = time.monotonic()
    workers = [
        threading.Thread(target=in_thread, args=(send_updates,), kwargs={"lane": lane, "seconds": 3.0})
        for lane in range(3)
    ]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    took = time.monotonic() - started
    assert 20 * 2 <= len(sink.envelopes) <= 20 * (took + 1)
    assert max(sink.recipients.values()) == 1


def test_a_pace_below_one_a_second_waits_between_two(
    petition: Petition, update: CampaignUpdate, sink: Sink, settings: Any
) -> None:
    settings.UPDATE_MAILS_PER_MINUTE = 30
    everybody(petition, 5)
    begin(update)
    assert 1 <= send_updates(lane=0, seconds=1.5).sent <= 2


# ----------------------------------------------------------------------------------------------- pause, resume, stop
def test_a_pause_holds_from_the_next_mail_on_and_resuming_goes_on_there(
    petition: Petition, update: CampaignUpdate, sink: Sink
) -> None:
    everybody(petition, 5)
    begin(update)

    def pause(address: str) -> None:
        if address.startswith("1@"):
            in_thread(pause_sending, update_id=update.pk, actor=None, reason="a wrong name in it")

    sink.content = pause
    assert send_updates(lane=0).sent == 2
    assert send_updates(lane=0).sent == 0
    sending = UpdateSending.objects.get()
    progress = progress_of(sending)
    assert (sending.state, progress.sent, progress.waiting, progress.under_way) == ("paused", 2, 3, 0)
    resume_sending(update_id=update.pk, actor=None, reason="it is right now")
    assert send_updates(lane=0).sent == 3
    assert sink.recipients == {f"{each}@mail.example": 1 for each in range(5)}
    assert list(AuditEntry.objects.order_by("id").values_list("action", flat=True)) == ["send", "pause", "resume"]


def test_what_is_stopped_goes_to_nobody_else_and_forgets_whom_it_had_not_reached(
    petition: Petition, update: CampaignUpdate, sink: Sink
) -> None:
    everybody(petition, 4)
    begin(update)

    def stop(address: str) -> None:
        in_thread(stop_sending, update_id=update.pk, actor=None, reason="a wrong letter")

    sink.content = stop
    assert send_updates(lane=0).sent == 1
    assert UpdateRecipient.objects.get().state == "sent"
    sending = UpdateSending.objects.get()
    assert (sending.state, progress_of(sending).waiting) == ("stopped", 0)
    assert send_updates(lane=0).sent == 0


def test_an_update_that_is_taken_back_waits_until_it_is_public_again(
    petition: Petition, update: CampaignUpdate, sink: Sink
) -> None:
    everybody(petition, 2)
    begin(update)
    CampaignUpdate.objects.update(published_at=None)
    assert send_updates(lane=0).sent == 0
    CampaignUpdate.objects.update(published_at=timezone.now())
    assert send_updates(lane=0).sent == 2


# ---------------------------------------------------------------------------------------------------- refused mails
def test_a_permanent_refusal_marks_the_signature_bounced_and_the_others_go_out(
    petition: Petition, update: CampaignUpdate, sink: Sink
) -> None:
    gone, _there = supporter(petition, "gone@mail.example"), supporter(petition, "there@mail.example")
    begin(update)
    sink.rcpt = lambda address: f"550 5.1.1 <{address}> no such user" if "gone" in address else None
    run = send_updates(lane=0)
    assert (run.sent, run.bounced) == (1, 1)
    gone.refresh_from_db()
    assert gone.bounced_at is not None and "550 5.1.1" in gone.mail_error and "gone" not in gone.mail_error
    sending = UpdateSending.objects.get()
    assert (sending.state, sending.sent, sending.bounced) == ("finished", 1, 1)


def test_a_temporary_refusal_is_tried_again_and_given_up_in_the_end(
    petition: Petition, update: CampaignUpdate, sink: Sink, settings: Any
) -> None:
    settings.MAIL_MAX_ATTEMPTS = 2
    row = supporter(petition)
    begin(update)
    sink.content = lambda address: f"451 4.3.0 <{address}> not now"
    assert send_updates(lane=0).retried == 1
    waiting = UpdateRecipient.objects.get()
    assert 50 < (waiting.due_at - timezone.now()).total_seconds() < 70 and "ada" not in waiting.error
    assert progress_of(UpdateSending.objects.get()).put_off == 1
    make_everybody_due()
    assert send_updates(lane=0).failed == 1
    sending = UpdateSending.objects.get()
    assert (sending.state, sending.failed, sending.bounced) == ("finished", 1, 0)
    row.refresh_from_db()
    assert row.bounced_at is None


def test_a_domain_that_puts_mail_off_is_left_alone_and_costs_its_people_no_attempt(
    petition: Petition, update: CampaignUpdate, sink: Sink
) -> None:
    for each in range(6):
        supporter(petition, f"{each}@slow.example")
    supporter(petition, "ada@quick.example")
    begin(update)
    asked: list[str] = []
    sink.rcpt = lambda address: asked.append(address) or ("450 4.7.0 later" if "slow" in address else None)  # type: ignore[func-returns-value]
    run = send_updates(lane=0)
    assert (run.sent, run.retried) == (1, domains.PUT_OFF)
    assert len(asked) == domains.PUT_OFF + 1
    assert (
        sorted(UpdateRecipient.objects.filter(state="waiting").values_list("attempts", flat=True)) == [0] * 4 + [1] * 2
    )


def test_a_server_that_is_down_costs_nobody_anything(
    petition: Petition, update: CampaignUpdate, server: Server
) -> None:
    everybody(petition, 3)
    begin(update)
    server.stop()
    assert send_updates(lane=0).sent == 0
    assert set(UpdateRecipient.objects.values_list("state", "attempts")) == {("waiting", 0)}
    server.start()
    make_everybody_due()
    assert send_updates(lane=0).sent == 3


def test_a_server_that_says_421_gets_the_rest_later(petition: Petition, update: CampaignUpdate, sink: Sink) -> None:
    everybody(petition, 3)
    begin(update)
    sink.rcpt = lambda address: "421 4.3.2 closing" if address.startswith("1@") else None
    assert send_updates(lane=0).sent == 1
    sink.rcpt = lambda address: None
    make_everybody_due()
    assert send_updates(lane=0).sent == 2
    assert sink.recipients == {f"{each}@mail.example": 1 for each in range(3)}


def test_an_address_that_is_no_mailbox_bounces(petition: Petition, update: CampaignUpdate, sink: Sink) -> None:
    supporter(petition, "a@mail.example,b@mail.example")
    begin(update)
    assert send_updates(lane=0).bounced == 1
    assert not sink.envelopes


def test_a_missing_key_is_ours_to_mend_and_is_logged_without_a_name(
    petition: Petition, update: CampaignUpdate, sink: Sink, caplog: pytest.LogCaptureFixture
) -> None:
    row = supporter(petition)
    Signature.objects.filter(pk=row.pk).update(email_sealed=b"\x00" * 40)
    begin(update)
    assert send_updates(lane=0).retried == 1
    assert "FIELD_KEYS" in caplog.text and "ada" not in caplog.text.lower()


# --------------------------------------------------------------------------------------------------- what is forgotten
def test_erasing_and_withdrawing_delete_who_got_what_and_keep_the_count(
    petition: Petition, update: CampaignUpdate, sink: Sink
) -> None:
    one, two, three = everybody(petition, 3)
    begin(update)
    send_updates(lane=0)
    erase(signature_id=one.pk)
    withdraw(signature_id=two.pk)
    assert list(UpdateRecipient.objects.values_list("signature_id", flat=True)) == [three.pk]
    Signature.objects.filter(pk=two.pk).update(confirmed_at=None, created_at=timezone.now() - timedelta(days=99))
    Signature.objects.filter(pk=three.pk).update(
        state="withdrawn",
        withdrawn_at=timezone.now(),
        confirmed_at=None,
        created_at=timezone.now() - timedelta(days=99),
    )
    assert forget_unconfirmed() == 2, "retention deletes the signature, and the database what hangs on it"
    assert not UpdateRecipient.objects.exists()
    assert UpdateSending.objects.get().sent == 3


def test_who_got_an_update_is_forgotten_after_a_while(petition: Petition, update: CampaignUpdate, sink: Sink) -> None:
    everybody(petition, 3)
    begin(update)
    send_updates(lane=0)
    assert forget_recipients() == 0
    UpdateSending.objects.update(ended_at=timezone.now() - timedelta(days=31))
    assert forget_recipients() == 3
    assert UpdateSending.objects.get().sent == 3
    assert send_updates(lane=0).sent == 0


def test_unsubscribing_is_counted_with_the_update_one_had_last(
    petition: Petition, update: CampaignUpdate, sink: Sink
) -> None:
    one, two = everybody(petition, 2)
    begin(update)
    send_updates(lane=0)
    assert unsubscribe(signature_id=one.pk) and not unsubscribe(signature_id=one.pk)
    choose = {"signature_id": two.pk, "hand_over": False, "wants_updates": False, "consent_id": make_consent().pk}
    change_choices(show_name=False, **choose)
    change_choices(show_name=True, **choose)
    assert UpdateSending.objects.get().unsubscribed == 2
