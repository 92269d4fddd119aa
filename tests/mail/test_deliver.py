"""Due mails go out once, in the right words, and every refusal ends where staff can see it."""

from __future__ import annotations

import logging
import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from anymail.exceptions import AnymailAPIError, AnymailRecipientsRefused
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection, transaction
from django.utils import timezone

from signatures.mail.claim import claim, mark_sent
from signatures.mail.deliver import Delivered, deliver_due, wait_after
from signatures.mail.outbox import oldest_due, queue
from signatures.mail.tasks import deliver
from signatures.models import OutgoingMail, Petition, Signature
from tests.factories import make_mail, make_petition, make_signature

from .conftest import Server, Sink

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def petition() -> Petition:
    return make_petition(slug="water", languages=("fr",))


def due(petition: Petition, email: str = "ada@mail.example", *, ago: int = 1, **fields: Any) -> Signature:
    """A signature whose mail is due since `ago` seconds."""
    return make_signature(
        petition,
        email=email,
        mail_due_at=timezone.now() - timedelta(seconds=ago),
        **fields,
    )


def make_everything_due() -> None:
    """As if the lease or the back-off of every waiting mail had run out."""
    past = timezone.now() - timedelta(seconds=1)
    Signature.objects.filter(mail_due_at__isnull=False).update(mail_due_at=past)
    OutgoingMail.objects.filter(due_at__isnull=False).update(due_at=past)


def seconds_until_due(signature: Signature) -> float:
    assert signature.mail_due_at is not None
    return (signature.mail_due_at - timezone.now()).total_seconds()


# ------------------------------------------------------------------------------------------------ what goes out
def test_the_confirm_mail_arrives_as_text_and_html_in_the_signers_language(petition: Petition, sink: Sink) -> None:
    signature = due(petition, name="Zoé Exemple", language="fr")
    deliver(0)
    (mail,) = sink.mails
    text, html = (part.get_content() for part in mail.iter_parts())  # type: ignore[attr-defined]
    assert mail["To"] == "ada@mail.example"
    assert "Zoé Exemple" in text and "Zoé Exemple" in html
    assert "Open letter on clean water (fr)" in text
    assert '<html lang="fr" dir="ltr">' in html
    assert "https://letters.example/fr/water/confirm/" in text
    signature.refresh_from_db()
    assert signature.mail_due_at is None and signature.mail_sent_at is not None
    assert (signature.mail_count, signature.mail_attempts, signature.mail_error) == (
        1,
        0,
        "",
    )


@pytest.mark.parametrize(
    ("state", "link"),
    [("pending", "confirm"), ("confirmed", "mine"), ("held", "not-me")],
)
def test_what_the_first_mail_says_follows_from_the_state(petition: Petition, sink: Sink, state: str, link: str) -> None:
    due(petition, state=state)
    assert deliver_due(lane=0) == Delivered(sent=1)
    assert f"/en/water/{link}/" in sink.envelopes[0][1].decode()


@pytest.mark.parametrize(("state", "kind"), [("withdrawn", "withdrawn"), ("confirmed", "released")])
def test_mails_of_the_other_table_go_out_too(petition: Petition, sink: Sink, state: str, kind: str) -> None:
    signature = make_signature(petition, email="ada@mail.example", state=state)
    mail = queue(signature_id=signature.pk, kind=kind)
    assert deliver_due(lane=0) == Delivered(sent=1)
    mail.refresh_from_db()
    assert mail.due_at is None and mail.sent_at is not None and mail.attempts == 0
    assert sink.recipients == {"ada@mail.example": 1}


def test_a_queued_mail_waits_for_its_time(petition: Petition, sink: Sink) -> None:
    signature = make_signature(petition, state="withdrawn")
    queue(
        signature_id=signature.pk,
        kind="withdrawn",
        at=timezone.now() + timedelta(hours=1),
    )
    assert deliver_due(lane=0) == Delivered()
    assert not sink.envelopes


def test_a_mail_of_an_unknown_kind_is_not_queued(petition: Petition) -> None:
    with pytest.raises(ValueError, match="newsletter"):
        queue(signature_id=make_signature(petition).pk, kind="newsletter")


def test_both_tables_are_served_oldest_first(petition: Petition, sink: Sink, settings: Any) -> None:
    settings.MAIL_BATCH = 2
    due(petition, "third@mail.example", ago=10)
    due(petition, "first@mail.example", ago=30)
    for name, ago in (("second", 20), ("fourth", 5)):
        signature = make_signature(petition, email=f"{name}@mail.example", state="withdrawn")
        make_mail(signature, kind="withdrawn", due_at=timezone.now() - timedelta(seconds=ago))
    assert deliver_due(lane=0).sent == 4
    assert [address.partition("@")[0] for address, _ in sink.envelopes] == [
        "first",
        "second",
        "third",
        "fourth",
    ]


def test_one_connection_carries_a_batch(petition: Petition, sink: Sink) -> None:
    for number in range(12):
        due(petition, f"{number}@mail.example")
    deliver_due(lane=0)
    assert (len(sink.envelopes), sink.connections) == (12, 1)


# ------------------------------------------------------------------------------------- what no longer goes out
@pytest.mark.parametrize(
    "fields",
    [
        {"at": timezone.now() - timedelta(days=15)},
        {"state": "withdrawn"},
        {"bounced_at": timezone.now()},
        {"email_sealed": None, "name_sealed": None},
    ],
    ids=["expired", "withdrawn", "bounced", "data gone"],
)
def test_nothing_is_sent_for_a_row_that_wants_no_mail(petition: Petition, sink: Sink, fields: dict[str, Any]) -> None:
    signature = due(petition, **fields)
    assert deliver_due(lane=0) == Delivered()
    signature.refresh_from_db()
    assert signature.mail_due_at is None and signature.mail_count == 0
    assert not sink.envelopes


def test_a_withdrawal_is_not_announced_to_somebody_who_signed_again(petition: Petition, sink: Sink) -> None:
    mail = make_mail(make_signature(petition, state="pending"), kind="withdrawn")
    assert deliver_due(lane=0) == Delivered()
    mail.refresh_from_db()
    assert mail.due_at is None and mail.sent_at is None


def test_a_signature_erased_while_its_batch_is_under_way_gets_no_mail(petition: Petition, sink: Sink) -> None:
    due(petition, "first@mail.example", ago=9)
    second = due(petition, "second@mail.example", ago=5)

    def erase_second() -> None:
        Signature.objects.filter(pk=second.pk).delete()
        connection.close()

    sink.content = lambda address: _in_thread(erase_second)
    assert deliver_due(lane=0).sent == 1
    assert sink.recipients == {"first@mail.example": 1}


def _in_thread(call: Any, *args: Any) -> None:
    """Run database work outside aiosmtpd's event loop, where Django refuses it."""
    thread = threading.Thread(target=call, args=args)
    thread.start()
    thread.join()


def test_a_mail_made_due_again_while_its_batch_is_under_way_goes_out_once_in_its_new_words(
    petition: Petition, sink: Sink
) -> None:
    due(petition, "first@mail.example", ago=9)
    second = due(petition, "second@mail.example", ago=5)

    def confirm_second(address: str) -> None:
        if address.startswith("first"):
            now = timezone.now()
            Signature.objects.filter(pk=second.pk).update(state="confirmed", confirmed_at=now, mail_due_at=now)
        connection.close()

    sink.content = lambda address: _in_thread(confirm_second, address)
    assert deliver_due(lane=0).sent == 2
    assert sink.recipients == {"first@mail.example": 1, "second@mail.example": 1}
    assert "/water/mine/" in sink.envelopes[1][1].decode()


# --------------------------------------------------------------------------------------------------- the lease
def test_a_claimed_mail_is_nobody_elses_until_its_lease_runs_out(petition: Petition, sink: Sink) -> None:
    due(petition)
    (mail,) = claim(limit=10)
    assert mail.attempts == 1
    assert 290 < (mail.leased_until - timezone.now()).total_seconds() <= 300
    assert claim(limit=10) == [] and deliver_due(lane=0) == Delivered()
    make_everything_due()
    assert deliver_due(lane=0).sent == 1


def test_a_lease_that_could_be_rolled_back_is_refused(petition: Petition) -> None:
    due(petition)
    with pytest.raises(RuntimeError), transaction.atomic():
        claim(limit=10)


def test_a_row_made_due_again_while_its_mail_went_out_stays_due(
    petition: Petition,
) -> None:
    signature = due(petition)
    (mail,) = claim(limit=10)
    again = timezone.now()
    Signature.objects.filter(pk=signature.pk).update(mail_due_at=again)
    mark_sent(mail)
    signature.refresh_from_db()
    assert signature.mail_due_at == again and signature.mail_count == 1


def test_two_claims_at_once_never_share_a_mail_and_never_wait(
    petition: Petition,
) -> None:
    for number in range(4):
        due(petition, f"{number}@mail.example", ago=100 - number)
    with transaction.atomic():  # somebody is signing again: the oldest row is locked
        oldest = Signature.objects.select_for_update().order_by("mail_due_at")[0]
        claimed: list[Any] = []
        _in_thread(lambda: (claimed.extend(claim(limit=10)), connection.close()))
    assert len(claimed) == 3 and oldest.pk not in {mail.id for mail in claimed}


def test_a_lane_is_one_workers_at_a_time(petition: Petition, sink: Sink) -> None:
    due(petition)
    results: list[Delivered] = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, 3)", [0x6D61696C])
        for lane in (3, 4):
            _in_thread(
                lambda lane=lane: (
                    results.append(deliver_due(lane=lane)),
                    connection.close(),
                )
            )
        cursor.execute("SELECT pg_advisory_unlock(%s, 3)", [0x6D61696C])
    assert results == [Delivered(), Delivered(sent=1)]


def test_a_run_out_of_time_returns_what_it_did_not_try(petition: Petition, sink: Sink) -> None:
    signatures = [due(petition, f"{number}@mail.example", ago=9 - number) for number in range(3)]
    before = {signature.pk: signature.mail_due_at for signature in signatures}
    sink.content = lambda address: time.sleep(0.25)  # longer than the whole run may take
    assert deliver_due(lane=0, seconds=0.2).sent == 1
    left = Signature.objects.filter(mail_due_at__isnull=False)
    assert {row.pk: row.mail_due_at for row in left} == {pk: before[pk] for pk in list(before)[1:]}
    assert {row.mail_attempts for row in left} == {0}


# ------------------------------------------------------------------------------------------------ refused mails
def test_a_temporary_refusal_backs_off_and_then_succeeds(petition: Petition, sink: Sink) -> None:
    signature = due(petition)
    sink.rcpt = lambda address: f"450 4.2.1 <{address}> try again later"
    assert deliver_due(lane=0) == Delivered(retried=1)
    signature.refresh_from_db()
    assert signature.mail_attempts == 1 and 50 < seconds_until_due(signature) < 70
    assert "450 4.2.1" in signature.mail_error and "ada" not in signature.mail_error
    make_everything_due()
    assert deliver_due(lane=0) == Delivered(retried=1)
    signature.refresh_from_db()
    assert signature.mail_attempts == 2 and 100 < seconds_until_due(signature) < 140
    sink.rcpt = lambda address: None
    make_everything_due()
    assert deliver_due(lane=0) == Delivered(sent=1)
    signature.refresh_from_db()
    assert (signature.mail_attempts, signature.mail_error, signature.mail_count) == (
        0,
        "",
        1,
    )


def test_the_back_off_doubles_up_to_six_hours() -> None:
    assert [round(wait_after(attempt) / 30 / 2**attempt, 0) for attempt in (1, 5, 9)] == [1, 1, 1]
    assert 5.3 * 3600 < wait_after(10) < 6.7 * 3600 and wait_after(3000) < 6.7 * 3600


def test_a_temporary_refusal_that_never_ends_becomes_a_bounce(petition: Petition, sink: Sink, settings: Any) -> None:
    settings.MAIL_MAX_ATTEMPTS = 3
    signature = due(petition, mail_attempts=2)
    sink.content = lambda address: "451 4.3.0 not now"
    assert deliver_due(lane=0) == Delivered(bounced=1)
    signature.refresh_from_db()
    assert signature.bounced_at is not None and signature.mail_due_at is None


@pytest.mark.parametrize("stage", ["rcpt", "content"])
def test_a_permanent_refusal_ends_as_bounced_and_the_others_go_out(petition: Petition, sink: Sink, stage: str) -> None:
    refused = due(petition, "gone@mail.example", ago=9)
    due(petition, "there@mail.example")
    setattr(
        sink,
        stage,
        lambda address: f"550 5.1.1 <{address}> gone: no user gone" if "gone" in address else None,
    )
    assert deliver_due(lane=0) == Delivered(sent=1, bounced=1)
    assert sink.recipients == {"there@mail.example": 1}
    refused.refresh_from_db()
    assert refused.bounced_at is not None and refused.mail_due_at is None and refused.mail_count == 0
    assert "550 5.1.1" in refused.mail_error
    assert "gone" not in refused.mail_error and "mail.example" not in refused.mail_error


def test_a_policy_refusal_may_be_about_us_and_is_tried_again(petition: Petition, sink: Sink) -> None:
    signature = due(petition)
    sink.rcpt = lambda address: "554 5.7.1 relay access denied"
    assert deliver_due(lane=0) == Delivered(retried=1)
    signature.refresh_from_db()
    assert signature.bounced_at is None


def test_a_bounce_of_the_other_table_is_kept_there(petition: Petition, sink: Sink) -> None:
    signature = make_signature(petition, state="withdrawn")
    mail = queue(signature_id=signature.pk, kind="withdrawn")
    sink.rcpt = lambda address: "550 5.1.1 gone"
    assert deliver_due(lane=0) == Delivered(bounced=1)
    mail.refresh_from_db()
    assert mail.bounced_at is not None and mail.due_at is None and mail.error.startswith("RCPT 550")


def test_an_address_that_is_not_one_mailbox_bounces_without_a_server(petition: Petition, sink: Sink) -> None:
    signature = due(petition, "a@mail.example,b@mail.example")
    assert deliver_due(lane=0) == Delivered(bounced=1)
    signature.refresh_from_db()
    assert signature.bounced_at is not None and not sink.envelopes


# ---------------------------------------------------------------------------------------------- server troubles
def test_a_server_that_is_down_costs_no_attempt_and_hides_no_age(
    petition: Petition, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    signature = due(petition, ago=77)
    server.stop()
    assert deliver_due(lane=0) == Delivered()
    signature.refresh_from_db()
    assert signature.mail_attempts == 0 and seconds_until_due(signature) < -76
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert "ada" not in record.getMessage()
    server.start()
    assert deliver_due(lane=0) == Delivered(sent=1)


def test_a_server_that_says_421_gets_the_rest_of_the_batch_back_unburnt(petition: Petition, sink: Sink) -> None:
    rows = [due(petition, f"{number}@mail.example", ago=9 - number) for number in range(3)]
    sink.rcpt = lambda address: "421 4.3.2 closing" if address[0] != "0" else None
    assert deliver_due(lane=0) == Delivered(sent=1)
    for row in rows[1:]:
        row.refresh_from_db()
        assert row.mail_attempts == 0 and 29 < seconds_until_due(row) < 61 and row.mail_count == 0
    sink.rcpt = lambda address: None
    make_everything_due()
    assert deliver_due(lane=0) == Delivered(sent=2)
    assert set(sink.recipients.values()) == {1}


def test_a_server_that_closes_after_some_mails_is_simply_called_again(petition: Petition, sink: Sink) -> None:
    for number in range(5):
        due(petition, f"{number}@mail.example")
    answered = {"so far": 0, "connections": 0}

    def two_per_connection(address: str) -> str | None:
        if sink.connections != answered["connections"]:
            answered.update({"connections": sink.connections, "so far": 0})
        answered["so far"] += 1
        return "421 4.7.0 two mails are enough" if answered["so far"] > 2 else None

    sink.rcpt = two_per_connection
    assert deliver_due(lane=0) == Delivered(sent=5)
    assert set(sink.recipients.values()) == {1} and sink.connections == 3


def test_a_mail_that_always_breaks_the_connection_holds_up_nobody(petition: Petition, server: Server) -> None:
    poison = due(petition, "poison@mail.example", ago=9)
    for number in range(3):
        due(petition, f"{number}@mail.example")

    def cut(address: str) -> None:
        if address.startswith("poison"):
            raise ConnectionResetError  # aiosmtpd drops the connection without an answer

    server.sink.content = cut
    assert deliver_due(lane=0) == Delivered(sent=3, retried=1)
    poison.refresh_from_db()
    assert poison.mail_attempts == 1 and "connection lost" in poison.mail_error


def test_refused_credentials_bounce_nobody(petition: Petition, sink: Sink, settings: Any) -> None:
    signature = due(petition)
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "us", "wrong"
    assert deliver_due(lane=0) == Delivered()
    signature.refresh_from_db()
    assert signature.bounced_at is None and signature.mail_attempts == 0


class ProviderRefuses(BaseEmailBackend):
    """Stands for a provider's API as anymail presents it."""

    def send_messages(self, email_messages: Any) -> int:
        address = email_messages[0].to[0]
        if address.startswith("gone"):
            raise AnymailRecipientsRefused(f"{address} rejected", email_message=email_messages[0])
        if address.startswith("odd"):
            raise AnymailAPIError(f"{address} is odd", status_code=422)
        raise AnymailAPIError("slow down", status_code=429)


def test_a_providers_exceptions_are_told_apart(petition: Petition, settings: Any, server: Server) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.ProviderRefuses"
    gone, odd, later = (due(petition, f"{name}@mail.example", ago=9 - i) for i, name in enumerate(("gone", "odd", "x")))
    assert deliver_due(lane=0) == Delivered(bounced=1, retried=1)
    for row in (gone, odd, later):
        row.refresh_from_db()
    assert gone.bounced_at is not None and gone.mail_error == "AnymailRecipientsRefused"
    assert odd.mail_attempts == 1 and odd.mail_error == "AnymailAPIError 422"
    assert later.mail_attempts == 0 and later.mail_due_at is not None


# ---------------------------------------------------------------------------------------------- our own troubles
def test_a_missing_key_loses_no_mail(
    petition: Petition, sink: Sink, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    signature = due(petition, mail_attempts=40)
    keys = settings.FIELD_KEYS
    settings.FIELD_KEYS = ["k2:" + "A" * 43 + "="]
    assert deliver_due(lane=0) == Delivered(retried=1)
    signature.refresh_from_db()
    assert signature.bounced_at is None and seconds_until_due(signature) > 0
    assert str(signature.pk) in caplog.text and "ada" not in caplog.text
    settings.FIELD_KEYS = keys
    make_everything_due()
    assert deliver_due(lane=0) == Delivered(sent=1)


# -------------------------------------------------------------------------------------------------- the queue's age
def test_the_oldest_due_mail_of_both_tables_is_known(petition: Petition) -> None:
    assert oldest_due() is None
    signature = due(petition, ago=10)
    assert oldest_due() == signature.mail_due_at
    mail = make_mail(signature, due_at=timezone.now() - timedelta(seconds=20))
    assert oldest_due() == mail.due_at
    claim(limit=10)
    assert oldest_due() is None


def test_the_age_is_read_from_the_indexes_alone(petition: Petition) -> None:
    due(petition)
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        for table, column, index in (
            ("signature", "mail_due_at", "signature_mail_due"),
            ("outgoingmail", "due_at", "outgoing_mail_due"),
        ):
            cursor.execute(f"EXPLAIN SELECT min({column}) FROM signatures_{table} WHERE {column} <= now()")
            plan = "\n".join(row[0] for row in cursor.fetchall())
            assert f"Index Only Scan using {index}" in plan
        cursor.execute("RESET enable_seqscan")


def test_the_times_of_the_newest_mails_are_kept_for_the_limit_of_a_day(petition: Petition, sink: Sink) -> None:
    signature = due(petition)
    for sent in (1, 2, 3, 3):
        Signature.objects.update(mail_due_at=timezone.now() - timedelta(seconds=1))
        deliver_due(lane=0)
        signature.refresh_from_db()
        times = signature.mail_times or []
        assert len(times) == sent and times == sorted(times, reverse=True) and times[0] == signature.mail_sent_at
