from uuid import uuid4

import pytest

from signatures.models import Petition, Signature, TallyEntry
from signatures.signing.confirm import Confirmation, confirm
from signatures.signing.review.hold import hold, release
from tests.factories import make_petition, make_signature

pytestmark = pytest.mark.django_db


def test_confirming_counts_once_in_its_country_on_its_day(counted):
    petition = make_petition()
    row = make_signature(petition, country="PE")
    assert confirm(signature_id=row.pk, revision=0) is Confirmation.COUNTED
    row.refresh_from_db()
    entry = TallyEntry.objects.get()
    assert (entry.country, entry.day, entry.delta, entry.folded) == ("PE", row.confirmed_at.date(), 1, False)
    assert counted(petition) == 1


def test_confirming_twice_is_a_success_and_counts_once(counted):
    petition = make_petition()
    row = make_signature(petition)
    confirm(signature_id=row.pk, revision=0)
    assert confirm(signature_id=row.pk, revision=0) is Confirmation.ALREADY
    assert counted(petition) == 1


def test_no_country_counts_in_the_total_alone(counted):
    petition = make_petition()
    confirm(signature_id=make_signature(petition, country=None).pk, revision=0)
    assert TallyEntry.objects.get().country == ""
    assert counted(petition) == 1


def test_details_changed_since_they_were_shown_are_not_confirmed(counted, sign_as):
    petition = make_petition()
    sign_as(petition, name="Ada")
    row = sign_as(petition, name="Eve")[1]
    assert confirm(signature_id=row.pk, revision=0) is Confirmation.CHANGED
    assert counted(petition) == 0
    assert confirm(signature_id=row.pk, revision=1) is Confirmation.COUNTED


def test_a_held_signature_is_told_so_and_counts_from_its_release(counted):
    petition = make_petition()
    row = make_signature(petition)
    hold(signature_ids=[row.pk], reason="many from one network", actor=None)
    assert confirm(signature_id=row.pk, revision=0) is Confirmation.UNDER_REVIEW
    assert counted(petition) == 0
    release(signature_ids=[row.pk], reason="all real", actor=None)
    assert counted(petition) == 1
    assert row.outgoingmail_set.get().kind == "released"


@pytest.mark.parametrize("state", ["withdrawn", "erased"])
def test_what_was_taken_back_is_gone(state, counted):
    petition = make_petition()
    row = make_signature(petition, state=state)
    assert confirm(signature_id=row.pk, revision=0) is Confirmation.GONE
    assert counted(petition) == 0


def test_a_deleted_row_is_gone():
    assert confirm(signature_id=uuid4(), revision=0) is Confirmation.GONE


@pytest.mark.parametrize(
    ("state", "met"),
    [("closed", Confirmation.COUNTED), ("delivered", Confirmation.OVER), ("draft", Confirmation.OVER)],
)
def test_a_signature_made_in_time_counts_until_the_hand_over(state, met, counted):
    petition = make_petition()
    row = make_signature(petition)
    Petition.objects.filter(pk=petition.pk).update(state=state)
    assert confirm(signature_id=row.pk, revision=0) is met
    assert counted(petition) == (met is Confirmation.COUNTED)


@pytest.mark.django_db(transaction=True)
def test_twenty_parallel_confirms_count_once(all_at_once, counted):
    petition = make_petition()
    row = make_signature(petition)
    met = all_at_once(lambda _: confirm(signature_id=row.pk, revision=0))
    assert sorted(each.name for each in met) == ["ALREADY"] * 19 + ["COUNTED"]
    assert counted(petition) == 1
    assert Signature.objects.get().state == "confirmed"
