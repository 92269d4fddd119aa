import pytest

from signatures.models import AuditEntry
from signatures.signing.confirm import confirm
from signatures.signing.review.hold import hold, release
from tests.factories import make_petition, make_signature

pytestmark = pytest.mark.django_db


def test_holding_a_wave_takes_it_off_the_count_and_releasing_brings_it_back(counted):
    petition = make_petition()
    wave = [make_signature(petition) for _ in range(5)]
    for row in wave[:3]:
        confirm(signature_id=row.pk, revision=0)
    ids = [row.pk for row in wave]
    assert hold(signature_ids=ids, reason="one network, one minute", actor=None) == 5
    assert counted(petition) == 0
    assert release(signature_ids=ids, reason="a school class", actor=None) == 5
    assert counted(petition) == 3
    assert [row.state for row in petition.signatures.order_by("id")] == ["confirmed"] * 3 + ["pending"] * 2


def test_holding_twice_moves_each_signature_once(counted):
    petition = make_petition()
    row = make_signature(petition)
    confirm(signature_id=row.pk, revision=0)
    assert hold(signature_ids=[row.pk], reason="doubtful", actor=None) == 1
    assert hold(signature_ids=[row.pk], reason="doubtful", actor=None) == 0
    assert counted(petition) == 0


def test_both_are_recorded_with_who_and_why(admin_user):
    row = make_signature(make_petition())
    hold(signature_ids=[row.pk], reason="doubtful", actor=admin_user)
    release(signature_ids=[row.pk], reason="fine", actor=admin_user)
    entries = AuditEntry.objects.order_by("id")
    assert [(entry.actor, entry.action, entry.reason, entry.object_id) for entry in entries] == [
        (admin_user, "hold", "doubtful", str(row.pk)),
        (admin_user, "release", "fine", str(row.pk)),
    ]


def test_a_hold_without_a_reason_is_refused():
    with pytest.raises(ValueError, match="why"):
        hold(signature_ids=[make_signature(make_petition()).pk], reason="  ", actor=None)
