from datetime import timedelta

import pytest
from django.utils import timezone

from signatures.models import Signature, SpentProof
from signatures.privacy.retention import forget_spent_proofs, forget_unconfirmed
from tests.factories import make_petition, make_signature

pytestmark = pytest.mark.django_db


def aged(days, **fields):
    at = timezone.now() - timedelta(days=days)
    return make_signature(make_petition(), at=at, **fields)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"state": "held", "held_from": "pending"},
        {"state": "withdrawn"},  # taken back for another address, before anybody confirmed it
    ],
)
def test_what_nobody_confirmed_goes_after_fourteen_days(fields):
    aged(15, **fields)
    kept = aged(13, **fields)
    assert forget_unconfirmed() == 1
    assert Signature.objects.get() == kept


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "confirmed"},
        {"state": "held", "held_from": "confirmed", "confirmed_at": timezone.now()},
        {"state": "withdrawn", "confirmed_at": timezone.now()},
        {"state": "held", "held_from": "pending", "held_at": timezone.now()},  # its review has only begun
        {"state": "erased"},
    ],
)
def test_what_somebody_confirmed_or_reviews_stays(fields):
    aged(100, **fields)
    assert forget_unconfirmed() == 0
    assert Signature.objects.exists()


def test_a_spent_proof_goes_when_it_is_of_no_use_any_more():
    now = timezone.now()
    for nonce, at in ((b"old", now - timedelta(seconds=1)), (b"new", now + timedelta(hours=1))):
        SpentProof.objects.create(nonce=nonce, used_for=b"", expires_at=at)
    assert forget_spent_proofs() == 1
    assert bytes(SpentProof.objects.get().nonce) == b"new"
