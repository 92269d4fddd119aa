"""A lost link is asked for with the address alone, and mailed to whoever has a signature under it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from signatures.mail.deliver import deliver_due
from signatures.mail.relink import answer_link_requests, request_link
from signatures.models import LinkRequest, Petition, Signature
from tests.factories import make_petition, make_signature

from .conftest import Sink

pytestmark = pytest.mark.django_db(transaction=True)
ADA = "ada@mail.example"


@pytest.fixture
def petition() -> Petition:
    return make_petition(slug="water")


def ask(petition: Petition, email: str = ADA) -> int:
    request_link(petition_id=petition.pk, email=email)
    return answer_link_requests()


@pytest.mark.parametrize("state", ["pending", "confirmed", "held", "withdrawn"])
def test_a_signature_in_any_state_gets_its_link(petition: Petition, sink: Sink, state: str) -> None:
    signature = make_signature(petition, email=ADA, state=state)
    assert ask(petition, "ADA@mail.example") == 1
    deliver_due(lane=0)
    (mail,) = sink.mails
    assert mail["Subject"] == "The link you asked for"
    assert "/en/water/mine/" in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    signature.refresh_from_db()
    assert (signature.mail_count, signature.mail_asked, signature.mail_due_at) == (1, "", None)
    assert not LinkRequest.objects.exists()


def test_an_unknown_or_erased_address_and_another_petitions_get_nothing(petition: Petition, sink: Sink) -> None:
    make_signature(petition, state="erased")
    make_signature(make_petition(), email=ADA)
    assert ask(petition) == 0
    assert ask(petition, "nobody@mail.example") == 0
    assert not LinkRequest.objects.exists()


@pytest.mark.parametrize(
    ("fields", "due"),
    [
        ({"mail_count": 5}, 0),
        ({"mail_count": 4}, 1),
        ({"mail_sent_at": timedelta(minutes=10)}, 0),
        ({"mail_sent_at": timedelta(minutes=16)}, 1),
        ({"mail_sent_at": timedelta(hours=1), "mail_times": [timedelta(hours=each) for each in (1, 9, 23)]}, 0),
        ({"mail_sent_at": timedelta(hours=1), "mail_times": [timedelta(hours=each) for each in (1, 9, 25)]}, 1),
        ({"mail_due_at": timedelta()}, 0),  # one is on its way
    ],
)
def test_the_limits_are_those_of_the_signing_form(petition: Petition, fields: dict[str, Any], due: int) -> None:
    now = timezone.now()  # not that of when the tests were gathered

    def ago(value: Any) -> Any:
        if isinstance(value, list):
            return [ago(each) for each in value]
        return now - value if isinstance(value, timedelta) else value

    since = {name: ago(value) for name, value in fields.items()}
    make_signature(petition, email=ADA, state="confirmed", confirmed_at=now, **since)
    assert ask(petition) == due


def test_twenty_requests_and_twenty_workers_make_one_mail(petition: Petition, sink: Sink) -> None:
    make_signature(petition, email=ADA, state="confirmed")
    start = threading.Barrier(20)

    def work(_number: int) -> int:
        try:
            connection.ensure_connection()
            start.wait(timeout=20)
            return ask(petition)
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as workers:
        assert sum(workers.map(work, range(20))) == 1
    answer_link_requests()
    deliver_due(lane=0)
    assert sink.recipients == {ADA: 1}


def test_a_form_sent_after_a_link_mail_is_answered_in_the_usual_words(petition: Petition, sink: Sink) -> None:
    """Why a mail was due is forgotten when it has gone."""
    make_signature(petition, email=ADA)
    ask(petition)
    deliver_due(lane=0)
    Signature.objects.update(mail_due_at=timezone.now())
    deliver_due(lane=0)
    assert [mail["Subject"] for mail in sink.mails] == ["The link you asked for", "Please confirm"]


def test_the_request_holds_no_address(petition: Petition) -> None:
    request_link(petition_id=petition.pk, email=ADA)
    request_link(petition_id=petition.pk, email=ADA)
    (row,) = LinkRequest.objects.all()
    assert b"ada" not in bytes(row.person_index) and len(bytes(row.person_index)) == 32
