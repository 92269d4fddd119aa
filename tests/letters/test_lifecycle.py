import pytest

from signatures.letters.lifecycle import LifecycleProblem, close_petition, open_petition
from signatures.models import AuditEntry, Letter
from tests.factories import make_petition

pytestmark = pytest.mark.django_db


def test_opening_and_closing_are_recorded_with_who_and_why(admin_user):
    petition = make_petition(state="draft")
    opened = open_petition(petition_id=petition.pk, actor=admin_user, reason="launch day")
    assert (opened.state, bool(opened.opened_at)) == ("open", True)
    closed = close_petition(petition_id=petition.pk, actor=admin_user, reason="handing over")
    assert (closed.state, bool(closed.closed_at)) == ("closed", True)
    entries = AuditEntry.objects.order_by("id")
    assert [(entry.action, entry.actor, entry.reason, entry.object_id) for entry in entries] == [
        ("open", admin_user, "launch day", petition.slug),
        ("close", admin_user, "handing over", petition.slug),
    ]


def test_a_closed_petition_can_open_again_and_keeps_its_first_day():
    petition = make_petition(state="closed")
    opened = open_petition(petition_id=petition.pk, actor=None, reason="mistake")
    assert (opened.opened_at, opened.closed_at) == (petition.opened_at, None)


@pytest.mark.parametrize(
    ("state", "step"),
    [("open", open_petition), ("delivered", open_petition), ("draft", close_petition), ("closed", close_petition)],
)
def test_a_step_that_is_none_is_refused_and_recorded_nowhere(state, step):
    with pytest.raises(LifecycleProblem):
        step(petition_id=make_petition(state=state).pk, actor=None, reason="x")
    assert not AuditEntry.objects.exists()


def test_a_petition_without_its_letter_does_not_open():
    petition = make_petition(state="draft")
    Letter.objects.all().delete()
    with pytest.raises(LifecycleProblem, match="letter"):
        open_petition(petition_id=petition.pk, actor=None, reason="x")


def test_a_step_needs_a_reason():
    with pytest.raises(LifecycleProblem):
        open_petition(petition_id=make_petition(state="draft").pk, actor=None, reason=" ")
