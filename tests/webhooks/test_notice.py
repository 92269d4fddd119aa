"""Each event becomes due once for each endpoint, whoever looks and however often."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils import timezone

from signatures.letters.lifecycle import close_petition, open_petition, reopen_petition
from signatures.models import Petition, WebhookDelivery
from signatures.tally.snapshot import read
from signatures.webhooks.notice import notice, send_test
from tests.factories import make_petition

from .conftest import count, make_hook

pytestmark = pytest.mark.django_db


def told() -> list[tuple[str, str]]:
    return list(WebhookDelivery.objects.order_by("id").values_list("event", "key"))


def test_a_milestone_is_told_when_it_is_passed_and_not_again_when_the_count_falls_and_rises() -> None:
    petition = make_petition(goal=100_000)
    make_hook(petition, step=100)
    count(petition, 99)
    assert notice() == 0
    for total in (100, 101, 99, 100, 150):
        count(petition, total)
        notice()
    assert told() == [("petition.milestone", "milestone:100")]


def test_milestones_passed_at_once_are_one_event_of_the_highest() -> None:
    petition = make_petition(goal=100_000)
    make_hook(petition, step=100)
    count(petition, 1234)
    assert notice() == 1
    count(petition, 450)
    assert notice() == 0
    assert told() == [("petition.milestone", "milestone:1200")]


def test_a_new_endpoint_hears_nothing_of_what_was_before_it() -> None:
    petition = make_petition(goal=1000)
    count(petition, 1500)
    make_hook(petition, step=100)
    assert notice() == 0
    count(petition, 1600)
    assert notice() == 1


def test_the_goal_is_told_once_and_a_raised_one_again() -> None:
    petition = make_petition(goal=1000)
    make_hook(petition, step=None)
    count(petition, 1000)
    assert (notice(), notice()) == (1, 0)
    Petition.objects.update(goal=2000)
    assert notice() == 0
    count(petition, 2000)
    notice()
    assert told() == [("petition.goal", "goal:1000"), ("petition.goal", "goal:2000")]


def test_opening_closing_reopening_and_delivery_are_told_each_time(admin_user) -> None:
    petition = make_petition(state="draft")
    make_hook(petition)
    assert notice() == 0
    for step in (open_petition, close_petition, reopen_petition, close_petition):
        step(petition_id=petition.pk, actor=admin_user, reason="a test")
        assert (notice(), notice()) == (1, 0)
    Petition.objects.update(state="delivered", delivered_at=timezone.now())
    notice()
    assert [event for event, _key in told()] == [
        *("petition.opened", "petition.closed", "petition.opened", "petition.closed", "petition.delivered")
    ]


def test_an_endpoint_that_is_switched_off_hears_nothing_until_it_is_on_again() -> None:
    petition = make_petition(goal=100_000)
    hook = make_hook(petition, active=False)
    count(petition, 500)
    assert notice() == 0
    hook.endpoint.active = True
    hook.endpoint.save()
    assert notice() == 1


def test_what_is_told_are_the_public_figures_and_nothing_else() -> None:
    petition = make_petition(slug="water", goal=100_000)
    hook = make_hook(petition, step=100)
    count(petition, 250)
    notice()
    send_test(hook.endpoint)
    milestone, test = WebhookDelivery.objects.order_by("id")
    public = read(petition, fresh=True).as_json()
    del public["poll_after"]  # whoever is told need not ask
    del public["paper"]  # milestones are of the live count, which paper is not in
    assert milestone.payload["data"] == public | {"milestone": 200}
    assert test.payload["data"] == public
    assert (milestone.payload["type"], test.payload["type"]) == ("petition.milestone", "test")
    assert milestone.payload.keys() == {"type", "timestamp", "data"}


def test_looking_costs_one_query_however_many_petitions(django_assert_num_queries) -> None:
    for _ in range(5):
        count(make_hook(make_petition(goal=100_000)).endpoint.petition, 300)
    with django_assert_num_queries(1):
        assert notice() == 5


@pytest.mark.django_db(transaction=True)
def test_eight_workers_that_look_at_once_make_every_event_due_once() -> None:
    petitions = [make_petition(goal=200) for _ in range(3)]
    for petition in petitions:
        for _ in range(5):
            make_hook(petition, step=10)
    for round_ in range(1, 6):
        for petition in petitions:
            count(petition, 100 * round_)
        start = threading.Barrier(8)

        def look(start: threading.Barrier = start) -> int:
            try:
                connection.ensure_connection()
                start.wait(20)
                return notice()
            finally:
                connection.close()

        with ThreadPoolExecutor(8) as workers:
            found = [each.result() for each in [workers.submit(look) for _ in range(8)]]
        assert sum(found) + notice() == 15 + (15 if round_ == 2 else 0)
    events = told()
    assert len(events) == 15 * 5 + 15
    assert set(events) == {("petition.milestone", f"milestone:{n}00") for n in range(1, 6)} | {
        ("petition.goal", "goal:200")
    }
