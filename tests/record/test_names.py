import pytest

from signatures.models import Petition
from signatures.record.names import names_page
from signatures.signing.review.hold import hold, release
from signatures.signing.withdraw import erase, withdraw
from tests.factories import make_petition, make_signature

pytestmark = pytest.mark.django_db
TEN = [f"Ada Example {letter}" for letter in "abcdefghij"]


def listed(petition, **how):
    return names_page(petition_id=petition.pk, **how).names


def test_approved_names_are_listed_and_no_others(shown):
    petition = make_petition()
    shown(petition, *TEN)
    make_signature(petition, name="Nobody Asked", state="confirmed", show_name=True)
    make_signature(petition, name="Wants Silence", state="confirmed")
    assert sorted(listed(petition)) == TEN


@pytest.mark.parametrize("leave", [withdraw, erase])
def test_who_withdraws_or_erases_is_off_the_list_at_once(shown, leave):
    petition = make_petition()
    rows = shown(petition, *TEN)
    leave(signature_id=rows[0].pk)
    assert sorted(listed(petition)) == TEN[1:]


def test_a_held_signature_is_off_the_list_until_it_is_released(shown):
    petition = make_petition()
    rows = shown(petition, *TEN)
    hold(signature_ids=[rows[0].pk], reason="doubtful", actor=None)
    assert len(listed(petition)) == 9
    release(signature_ids=[rows[0].pk], reason="fine", actor=None)
    assert len(listed(petition)) == 10


def test_who_no_longer_wants_to_be_shown_is_not(shown):
    petition = make_petition()
    rows = shown(petition, *TEN)
    rows[3].show_name = False
    rows[3].save()
    assert len(listed(petition)) == 9


def test_a_changed_name_is_not_shown_on_the_old_verdict(shown):
    petition = make_petition()
    rows = shown(petition, *TEN)
    other = make_signature(make_petition(), name="Ruder Name")
    rows[0].name_sealed = other.name_sealed
    rows[0].save()
    assert sorted(listed(petition)) == TEN[1:]


def test_pages_follow_each_other_without_a_gap_or_a_repetition(shown, django_assert_num_queries):
    petition = make_petition()
    names = [f"Ada Example {number:02d}" for number in range(25)]
    shown(petition, *names)
    seen, after = [], None
    while True:
        with django_assert_num_queries(1):
            page = names_page(petition_id=petition.pk, after=after, most=10)
        seen += page.names
        after = page.next_after
        if after is None:
            break
    assert sorted(seen) == names


def test_the_order_is_not_that_of_signing(shown):
    """By chance it could be, once in 15 trillion trillion."""
    petition = make_petition()
    names = [f"Ada Example {number:02d}" for number in range(25)]
    shown(petition, *names)
    assert listed(petition) != names


def test_names_belong_to_their_petition(shown):
    shown(make_petition(), *TEN)
    assert listed(make_petition()) == []
    assert Petition.objects.count() == 2
