"""Names at the desk: read, approved, refused, reviewed again."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from signatures.models import AuditEntry, NameReview
from tests.factories import make_petition, make_signature

pytestmark = pytest.mark.django_db
QUEUE = "/desk/signatures/waitingname/"
REVIEWED = "/desk/signatures/namereview/"


def wanting(petition=None, *names):
    petition = petition or make_petition()
    return [make_signature(petition, name=name, state="confirmed", show_name=True) for name in names]


def shown(page):
    return re.findall(r'name="shown" value="([^"]+)"', page.content.decode())


def test_the_queue_shows_whole_names_of_those_who_want_to_be_seen(desk):
    wanting(None, "Ada <b>Example</b>", "Grace Hopper")
    make_signature(make_petition(), name="Wants Silence", state="confirmed")
    page = desk.get(QUEUE).content.decode()
    assert "<bdi>Ada &lt;b&gt;Example&lt;/b&gt;</bdi>" in page
    assert "Grace Hopper" in page
    assert "Wants Silence" not in page


def test_one_button_refuses_the_ticked_and_approves_the_rest(desk, admin_user):
    wanting(None, "Ada Example", "Buy Cheap Shoes", "Grace Hopper")
    tickets = shown(desk.get(QUEUE))
    answer = desk.post(
        QUEUE, {"shown": tickets, "refused": tickets[1], "reason": "advert", "approve": "1"}, follow=True
    )
    assert "1 name is refused" in answer.content.decode()
    assert "2 names are approved" in answer.content.decode()
    assert sorted(NameReview.objects.values_list("verdict", "reason")) == [
        ("refused", "advert"),
        ("shown", ""),
        ("shown", ""),
    ]
    assert {entry.actor for entry in AuditEntry.objects.all()} == {admin_user}
    assert "No name waits" in desk.get(QUEUE).content.decode()


def test_refusing_alone_leaves_the_rest_waiting(desk):
    wanting(None, "Ada Example", "Buy Cheap Shoes")
    tickets = shown(desk.get(QUEUE))
    desk.post(QUEUE, {"shown": tickets, "refused": tickets[1], "reason": "advert", "refuse": "1"})
    assert shown(desk.get(QUEUE)) == tickets[:1]


def test_a_refusal_without_a_reason_is_asked_for_one_and_keeps_the_ticks(desk):
    wanting(None, "Ada Example", "Buy Cheap Shoes")
    tickets = shown(desk.get(QUEUE))
    answer = desk.post(QUEUE, {"shown": tickets, "refused": tickets[1], "approve": "1"})
    assert answer.status_code == 422
    assert "Choose why" in answer.content.decode()
    assert re.search(rf'value="{tickets[1]}" id="name-2" checked', answer.content.decode())
    assert NameReview.objects.count() == 0


def test_the_queue_can_be_narrowed_to_a_petition(desk):
    wanting(make_petition(slug="water"), "Ada Example")
    wanting(make_petition(slug="air"), "Grace Hopper")
    page = desk.get(QUEUE, {"petition": "water"}).content.decode()
    assert "Ada Example" in page
    assert "Grace Hopper" not in page
    assert desk.get(QUEUE, {"petition": "nothing"}).status_code == 200


@pytest.mark.parametrize("ticket", ["x", "x:y", "", "a" * 32, f"{'0' * 32}:zz", "\0"])
def test_a_list_made_by_hand_is_refused(desk, ticket):
    wanting(None, "Ada Example")
    answer = desk.post(QUEUE, {"shown": ticket, "approve": "1"})
    assert answer.status_code == 422
    assert NameReview.objects.count() == 0


@pytest.mark.parametrize("may", [[], ["view_signature", "change_signature"]])
def test_the_queue_is_for_those_who_review_names(client, staff, may):
    client.force_login(staff(*may))
    (row,) = wanting(None, "Ada Example")
    assert client.get(QUEUE).status_code == 403
    assert client.post(QUEUE, {"shown": "x", "approve": "1"}).status_code == 403
    assert client.get(f"{QUEUE}{row.pk}/change/").status_code in (302, 403)


def test_a_reviewer_needs_no_other_permission(client, staff):
    client.force_login(staff("change_waitingname"))
    (row,) = wanting(None, "Ada Example")
    assert "Ada Example" in client.get(QUEUE).content.decode()
    assert client.get(f"/desk/signatures/signature/{row.pk}/change/").status_code == 403


def test_the_queue_asks_the_database_the_same_whatever_the_number_of_names(desk):
    def queries():
        with CaptureQueriesContext(connection) as asked:
            assert desk.get(QUEUE).status_code == 200
        return len(asked)

    petition = make_petition()
    wanting(petition, "Ada Example")
    few = queries()
    wanting(petition, *["Grace Hopper"] * 20)
    assert queries() == few <= 9, "two of them keep the session's idle time"


def test_a_verdict_is_taken_back_with_a_reason(desk):
    (row,) = wanting(None, "Ada Example")
    desk.post(QUEUE, {"shown": shown(desk.get(QUEUE)), "approve": "1"})
    fields = {"action": "again_selected", "_selected_action": [str(row.pk)]}
    assert "Reason" in desk.post(REVIEWED, fields).content.decode()
    assert NameReview.objects.count() == 1
    desk.post(REVIEWED, fields | {"reason": "a complaint"})
    assert NameReview.objects.count() == 0
    assert len(shown(desk.get(QUEUE))) == 1
    assert "Ada" not in desk.get(REVIEWED).content.decode()
