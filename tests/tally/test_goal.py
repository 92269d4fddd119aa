"""A goal that raises itself."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from signatures.letters.read import forget, published
from signatures.models import AuditEntry, Petition, Tally
from signatures.signing.confirm import confirm
from signatures.tally import snapshot
from signatures.tally.fold import fold
from signatures.tally.goal import next_goal, raise_goals, read_steps
from signatures.tally.tasks import fold as fold_task
from tests.factories import make_petition, make_signature

pytestmark = pytest.mark.django_db


def counted(total, **fields):
    petition = make_petition(**{"goal": 1000, "goal_raising": "automatic"} | fields)
    Tally.objects.create(petition=petition, total=total, version=7, as_of=timezone.now())
    return petition


def goal_of(petition):
    return Petition.objects.values_list("goal", flat=True).get(pk=petition.pk)


@pytest.mark.parametrize(
    ("goal", "total", "steps", "following"),
    [
        (1000, 900, None, 2500),
        (2500, 2300, None, 5000),
        (5000, 4600, None, 10_000),
        (400_000, 380_000, None, 500_000),
        (1000, 4800, None, 10_000),  # a burst: past 90 % of several
        (1000, 900, [1000, 5000, 10_000], 5000),
        (1000, 4600, [5000, 10_000], 10_000),
        (1000, 20_000, [5000, 10_000], 10_000),  # all passed: the end that the campaign wanted
        (10_000, 9500, [5000, 10_000], None),
        (1_999_999_999, 1_999_999_999, None, None),
    ],
)
def test_the_next_goal_is_the_first_that_is_not_as_good_as_reached(goal, total, steps, following):
    assert next_goal(goal=goal, total=total, percent=90, steps=steps) == following


@pytest.mark.parametrize("text", ["1000, 500", "5, 5", "0, 5", "-1", "many", "1.5", "3000000000", "1 " * 20])
def test_steps_that_are_none_are_refused(text):
    with pytest.raises(ValidationError):
        read_steps(text)


def test_a_goal_rises_at_its_percentage_once_and_says_so():
    petition, early = counted(900), counted(899)
    assert (raise_goals(), raise_goals()) == ([petition.pk], [])
    assert (goal_of(petition), goal_of(early)) == (2500, 1000)
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.object_id) == (None, "raise goal", petition.slug)
    assert entry.reason == "900 have signed; the goal was 1000 and is 2500"


@pytest.mark.parametrize(
    "fields",
    [
        {"goal_raising": "never"},
        {"goal_raising": "steps", "goal_steps": "500, 1000"},
        {"state": "closed"},
        {"state": "paused", "paused_at": timezone.now()},
        {"goal_raise_percent": 99},
    ],
)
def test_a_goal_stays_when_it_should(fields):
    petition = counted(950, **fields)
    assert raise_goals() == []
    assert goal_of(petition) == 1000


def test_a_goal_never_falls_by_itself():
    petition = counted(900, goal_raising="steps", goal_steps="2000, 8000")
    raise_goals()
    Tally.objects.update(total=3)
    raise_goals()
    assert goal_of(petition) == 2000


def test_readers_see_the_goal_with_a_higher_version():
    petition = counted(900)
    before = snapshot.read(published(petition.slug))
    raise_goals()
    forget(petition.slug)
    snapshot.forget()
    after = snapshot.read(published(petition.slug))
    assert (before.goal, after.goal) == (1000, 2500)
    assert after.version > before.version


def test_it_comes_with_the_fold_that_passes_the_mark():
    petition = make_petition(goal=10, goal_raising="steps", goal_steps="20", goal_raise_percent=90)
    for number in range(9):
        confirm(signature_id=make_signature(petition).pk, revision=0)
        if number == 7:
            fold_task()
            assert goal_of(petition) == 10
    fold_task()
    assert goal_of(petition) == 20


@pytest.mark.django_db(transaction=True)
def test_many_workers_raise_it_once_while_others_fold():
    petition = counted(900)
    signatures = [make_signature(petition).pk for _number in range(40)]

    def work(number):
        try:
            confirm(signature_id=signatures[number], revision=0)
            fold(wait=True)
            return raise_goals()
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        raised = [each for each in pool.map(work, range(40)) if each]
    fold(wait=True)
    assert raised == [[petition.pk]]
    assert (goal_of(petition), AuditEntry.objects.count()) == (2500, 1)
    assert Tally.objects.get().total == 940
