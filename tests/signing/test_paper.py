"""Whoever signed on paper is never written to, is never shown, and is somebody else than the same person online."""

from __future__ import annotations

import pytest
from django.utils import timezone

from signatures.mail.claim import OTHERS, Claimed
from signatures.mail.compose import occasion_of
from signatures.mail.deliver import kind_to_send
from signatures.mail.relink import answer_link_requests, request_link
from signatures.mail.remind import remind_unconfirmed
from signatures.models import OutgoingMail, Signature
from signatures.privacy.indexes import person_index
from signatures.sending.supporters import count_supporters
from signatures.signing.confirm import Confirmation, confirm
from signatures.signing.review.hold import hold, release
from signatures.signing.review.names import waiting_names
from signatures.signing.sign import sign
from signatures.signing.withdraw import erase, refuse, withdraw
from signatures.tally.fold import fold
from signatures.tally.recount import recount
from tests.factories import make_consent, make_paper, make_petition

pytestmark = pytest.mark.django_db

ADA = "ada@mail.example"


@pytest.fixture
def on_paper():
    (row,) = make_paper(make_petition(), 1, name="Ada Example", email=ADA, reference="3/7")
    return row


def sign_online(petition):
    return sign(
        petition_id=petition.pk, name="Ada", email=ADA, country="FR", language="en", consent_id=make_consent().pk
    )


def nothing_is_due():
    return (
        not Signature.objects.filter(paper_import__isnull=False, mail_due_at__isnull=False).exists()
        and not OutgoingMail.objects.filter(signature__paper_import__isnull=False).exists()
    )


def test_a_lost_link_to_an_address_on_paper_leads_to_no_mail(on_paper):
    request_link(petition_id=on_paper.petition_id, email=ADA)
    assert answer_link_requests() == 0
    assert nothing_is_due()


def test_a_lost_link_reaches_the_signature_online_alone(on_paper):
    online = Signature.objects.get(pk=sign_online(on_paper.petition).created)
    Signature.objects.filter(pk=online.pk).update(mail_due_at=None)
    request_link(petition_id=on_paper.petition_id, email=ADA)
    assert answer_link_requests() == 1
    online.refresh_from_db()
    assert online.mail_asked == "link"
    assert nothing_is_due()


def test_signing_online_after_paper_is_a_signature_of_its_own(on_paper):
    signed = sign_online(on_paper.petition)
    assert signed.created is not None
    assert confirm(signature_id=signed.created, revision=0) is Confirmation.COUNTED
    on_paper.refresh_from_db()
    assert (on_paper.state, bytes(on_paper.person_index) == person_index(ADA)) == ("confirmed", False)
    fold()
    tally = on_paper.petition.tally
    assert (tally.total, tally.paper) == (1, 1)
    assert nothing_is_due()


def test_nobody_is_reminded_shown_or_sent_updates(on_paper):
    assert remind_unconfirmed() == 0
    assert count_supporters(on_paper.petition_id) == {}
    assert waiting_names(most=10, petition_ids=[on_paper.petition_id]) == []
    assert nothing_is_due()


def test_hold_and_release_write_to_nobody_and_keep_it_apart(on_paper):
    hold(signature_ids=[on_paper.pk], reason="one hand", actor=None)
    assert release(signature_ids=[on_paper.pk], reason="two sisters", actor=None) == 1
    assert nothing_is_due()
    fold()
    assert (on_paper.petition.tally.total, on_paper.petition.tally.paper) == (0, 1)
    assert recount() == []


@pytest.mark.parametrize("take", [withdraw, erase])
def test_taking_one_back_moves_the_figure_on_paper_and_writes_to_nobody(on_paper, take):
    take(signature_id=on_paper.pk)
    assert nothing_is_due()
    fold()
    assert (on_paper.petition.tally.total, on_paper.petition.tally.paper) == (0, 0)
    assert recount() == []


def test_nobody_can_refuse_what_they_were_sent_no_link_for(on_paper):
    assert refuse(signature_id=on_paper.pk) is False
    on_paper.refresh_from_db()
    assert on_paper.state == "confirmed"


def test_a_mail_that_is_queued_by_mistake_is_not_sent(on_paper):
    mail = OutgoingMail.objects.create(signature=on_paper, kind="released", due_at=timezone.now())
    claimed = Claimed(OTHERS, mail.pk, on_paper.pk, "released", 1, mail.due_at, mail.due_at)
    assert kind_to_send(claimed, on_paper, occasion_of(on_paper.petition_id)) is None
