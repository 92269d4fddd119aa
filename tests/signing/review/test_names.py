import pytest

from signatures.models import AuditEntry, NameReview, Signature
from signatures.privacy.retention import forget_unconfirmed
from signatures.signing.review.names import (
    approve_names,
    name_standing,
    publish_names,
    refuse_names,
    review_again,
    waiting_names,
)
from signatures.signing.sign import sign
from signatures.signing.withdraw import erase, withdraw
from tests.factories import make_consent, make_petition, make_signature

pytestmark = pytest.mark.django_db


def tickets(petition, most=100):
    return [(each.signature_id, each.digest) for each in waiting_names(most=most, petition_ids=[petition.pk])]


def some(petition, number=10):
    return [make_signature(petition, state="confirmed", show_name=True) for _ in range(number)]


def test_counted_names_that_want_to_be_shown_wait_the_oldest_first():
    petition = make_petition()
    first, second = some(petition, 2)
    make_signature(petition, state="confirmed")
    for state in ("pending", "held", "withdrawn"):
        make_signature(petition, state=state, show_name=True)
    assert [each.signature_id for each in waiting_names(most=10, petition_ids=[petition.pk])] == [first.pk, second.pk]
    assert waiting_names(most=10, petition_ids=[petition.pk])[0].name == "Ada Example"
    assert "Ada" not in repr(waiting_names(most=10, petition_ids=[petition.pk]))


def test_a_name_is_judged_once():
    petition = make_petition()
    some(petition, 3)
    (yes, no, later) = tickets(petition)
    assert approve_names([yes], actor=None) == 1
    assert refuse_names([no], reason="insult", actor=None) == 1
    assert approve_names([yes, no], actor=None) == 0
    assert tickets(petition) == [later]


def test_a_refusal_says_why():
    with pytest.raises(ValueError, match="why"):
        refuse_names([], reason="", actor=None)


def test_both_are_recorded_with_who_and_why_and_without_the_name(admin_user):
    petition = make_petition()
    some(petition, 3)
    yes, other, no = tickets(petition)
    approve_names([yes, other], actor=admin_user)
    refuse_names([no], reason="advert", actor=admin_user)
    entries = AuditEntry.objects.order_by("id").values_list(
        "actor", "action", "object_type", "object_id", "count", "reason"
    )
    assert list(entries) == [
        (admin_user.pk, "approve", "name", "", 2, ""),
        (admin_user.pk, "refuse", "name", str(no[0]), 1, "advert"),
    ]
    assert NameReview.objects.get(pk=no[0]).reviewed_by == admin_user


def test_a_name_that_changed_since_it_was_shown_to_staff_stays_in_the_queue():
    petition = make_petition()
    (row,) = some(petition, 1)
    seen = tickets(petition)
    row.name_sealed = make_signature(make_petition(), name="Ruder Name").name_sealed
    row.save()
    assert approve_names(seen, actor=None) == 0
    assert len(tickets(petition)) == 1


def test_a_name_that_changes_waits_again():
    petition = make_petition()
    (row,) = some(petition, 1)
    approve_names(tickets(petition), actor=None)
    Signature.objects.filter(pk=row.pk).update(
        name_sealed=make_signature(make_petition(), name="Another Name").name_sealed
    )
    assert len(tickets(petition)) == 1


def test_approved_names_wait_until_a_threshold_of_them_can_be_published_together():
    petition = make_petition()
    some(petition, 9)
    approve_names(tickets(petition), actor=None)
    assert publish_names() == 0
    some(petition, 1)
    approve_names(tickets(petition), actor=None)
    assert publish_names() == 10
    assert publish_names() == 0
    some(petition, 9)
    approve_names(tickets(petition), actor=None)
    assert publish_names() == 0


def test_who_left_before_the_batch_does_not_make_up_its_number():
    petition = make_petition()
    rows = some(petition, 10)
    approve_names(tickets(petition), actor=None)
    withdraw(signature_id=rows[0].pk)
    assert publish_names() == 0


def test_places_have_nothing_to_do_with_the_order_of_signing():
    petition = make_petition()
    some(petition, 25)
    approve_names(tickets(petition), actor=None)
    by_place = list(NameReview.objects.order_by("place").values_list("pk", flat=True))
    assert by_place != sorted(by_place)


def test_review_again_takes_the_verdict_back_and_gives_another_place(admin_user):
    petition = make_petition()
    some(petition, 10)
    approve_names(tickets(petition), actor=None)
    publish_names()
    before = NameReview.objects.first()
    assert review_again(signature_ids=[before.pk], reason="a complaint", actor=admin_user) == 1
    (again,) = tickets(petition)
    approve_names([again], actor=None)
    after = NameReview.objects.get(pk=before.pk)
    assert after.place != before.place
    assert not after.public


def test_erasure_leaves_no_trace_of_the_review():
    petition = make_petition()
    (row,) = some(petition, 1)
    approve_names(tickets(petition), actor=None)
    erase(signature_id=row.pk)
    row.refresh_from_db()
    assert row.name_reviewed is None
    assert NameReview.objects.count() == 0


def test_retention_deletes_a_reviewed_signature_that_was_withdrawn_and_signed_again(settings):
    petition = make_petition()
    row = make_signature(petition, state="confirmed", show_name=True, email="ada@mail.example")
    approve_names(tickets(petition), actor=None)
    withdraw(signature_id=row.pk)
    row.outgoingmail_set.all().delete()
    sign(
        petition_id=petition.pk,
        name="Ada Example",
        email="ada@mail.example",
        country="FR",
        language="en",
        show_name=True,
        consent_id=make_consent().pk,
    )
    settings.LINK_DAYS = -1
    assert forget_unconfirmed() == 1
    assert NameReview.objects.count() == 0


def test_the_signer_is_told_what_became_of_the_wish():
    petition = make_petition()
    rows = some(petition, 12)
    assert name_standing(make_signature(petition, state="confirmed")) == ""
    assert name_standing(rows[0]) == "not read by the campaign yet"
    *yes, no = tickets(petition)
    refuse_names([no], reason="insult", actor=None)
    approve_names(yes, actor=None)
    assert name_standing(rows[-1]) == "refused by the campaign: insult or hate"
    assert name_standing(rows[0]) == "approved, shown with the next group"
    publish_names()
    assert name_standing(rows[0]) == "shown"
