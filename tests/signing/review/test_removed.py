"""What a signer meets whose signature staff removed as not genuine."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from signatures.mail.claim import claim, read_claimed
from signatures.mail.compose import occasion_of
from signatures.mail.deliver import kind_to_send
from signatures.models import Signature
from signatures.privacy.links import make_link
from signatures.privacy.retention import forget_unconfirmed
from signatures.signing.confirm import Confirmation, confirm
from signatures.signing.review.moves import INVALIDATE, move
from signatures.signing.withdraw import erase, refuse, withdraw
from tests.factories import make_petition, make_signature

pytestmark = pytest.mark.django_db


@pytest.fixture
def removed(sign_as):
    """A confirmed signature that was removed; returns (petition, row)."""
    petition = make_petition()
    _signed, row = sign_as(petition)
    confirm(signature_id=row.pk, revision=0)
    assert move(INVALIDATE, signature_ids=[row.pk], reason="a list of names") == 1
    row.refresh_from_db()
    return petition, row


def path_of(purpose, petition, row):
    link = make_link(purpose, slug=petition.slug, signature_id=row.pk, language="en")
    return "/" + link.split("/", 3)[3]


def test_it_leaves_the_count_and_nobody_is_written_to(removed, counted):
    petition, row = removed
    assert counted(petition) == 0
    assert row.mail_due_at is None


def test_signing_again_changes_nothing_but_that_a_mail_says_so(removed, sign_as):
    petition, row = removed
    Signature.objects.filter(pk=row.pk).update(mail_sent_at=None, mail_times=None)
    signed, again = sign_as(petition, name="Somebody Else")
    assert signed.created is None
    assert (again.pk, again.state, bytes(again.name_sealed)) == (row.pk, "invalid", bytes(row.name_sealed))
    assert again.mail_due_at


@pytest.mark.django_db(transaction=True)
def test_the_mail_says_that_it_is_not_counted(removed, sign_as):
    petition, _row = removed
    sign_as(petition)
    (due,) = claim(limit=5)
    assert kind_to_send(due, read_claimed(due), occasion_of(petition.pk)) == "removed"


def test_confirming_and_withdrawing_do_not_bring_it_back(removed, sign_as, counted):
    petition, row = removed
    assert confirm(signature_id=row.pk, revision=row.revision) is Confirmation.REMOVED
    assert not withdraw(signature_id=row.pk)
    sign_as(petition)
    row.refresh_from_db()
    assert row.state == "invalid"
    assert counted(petition) == 0


def test_its_pages_say_so_and_its_owner_can_still_erase(removed, client):
    petition, row = removed
    page = client.get(path_of("confirm", petition, row)).content.decode()
    assert "Your signature is not counted" in page
    assert "a list of names" not in page
    mine = client.get(path_of("mine", petition, row)).content.decode()
    assert "Your signature is not counted" in mine
    assert "Withdraw my signature" not in mine
    assert "Erase everything" in mine
    assert erase(signature_id=row.pk)


def test_its_owner_can_still_say_it_was_not_they(removed):
    _petition, row = removed
    assert refuse(signature_id=row.pk)
    row.refresh_from_db()
    assert row.state == "erased"


def test_one_that_nobody_confirmed_is_forgotten_as_others_are(settings):
    old = timezone.now() - timedelta(days=settings.LINK_DAYS + 1)
    petition = make_petition()
    why = {"state": "invalid", "invalid_reason": "x", "at": old}
    forgotten = make_signature(petition, invalid_at=old, **why)
    lately = make_signature(petition, invalid_at=timezone.now(), **why)
    confirmed = make_signature(petition, invalid_at=old, confirmed_at=old, **why)
    assert forget_unconfirmed() == 1
    assert set(petition.signatures.values_list("pk", flat=True)) == {lately.pk, confirmed.pk}
    assert forgotten.pk
