from datetime import UTC, date, datetime, timedelta

import pytest

from signatures.models import Correction
from signatures.record.corrections import corrections
from signatures.signing.confirm import confirm
from signatures.signing.review.hold import hold, release
from tests.factories import make_petition, make_signature

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 3)


def correct(petition, delta, *, day=DAY, kind="held"):
    Correction.objects.create(petition=petition, day=day, kind=kind, delta=delta)


def log(petition, today=DAY + timedelta(days=1)):
    return corrections(petition_id=petition.pk, threshold=10, today=today)


def lines(petition, **how):
    return [(line.day, line.kind, line.number) for line in log(petition, **how).lines]


def test_a_day_adds_up_by_kind_and_the_newest_stands_first():
    petition = make_petition()
    correct(petition, -40)
    correct(petition, -60)
    correct(petition, 70, kind="released")
    correct(petition, -12, day=DAY - timedelta(days=5))
    assert lines(petition) == [
        (DAY, "held", 100),
        (DAY, "released", 70),
        (DAY - timedelta(days=5), "held", 12),
    ]


def test_a_handful_is_named_without_a_number():
    petition = make_petition()
    correct(petition, -9)
    assert lines(petition) == [(DAY, "held", None)]


def test_a_day_is_told_only_once_it_is_over():
    petition = make_petition()
    correct(petition, -100)
    assert lines(petition, today=DAY) == []


def test_what_is_under_review_is_rounded_down_and_hidden_below_the_threshold():
    petition = make_petition()
    for _ in range(9):
        make_signature(petition, state="held")
    assert log(petition).under_review is None
    for _ in range(6):
        make_signature(petition, state="held")
    assert log(petition).under_review == 10


@pytest.mark.django_db(transaction=True)  # each step has a time of its own
def test_holding_and_releasing_counted_signatures_is_logged_and_nothing_else():
    petition = make_petition()
    rows = [make_signature(petition) for _ in range(15)]
    for row in rows[:12]:
        confirm(signature_id=row.pk, revision=0)
    ids = [row.pk for row in rows]
    hold(signature_ids=ids, reason="one network", actor=None)
    confirm(signature_id=rows[12].pk, revision=0)  # for the first time, while it is held
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    assert [(kind, number) for _day, kind, number in lines(petition, today=tomorrow)] == [("held", 12)]
    release(signature_ids=ids, reason="a school", actor=None)
    assert [(kind, number) for _day, kind, number in lines(petition, today=tomorrow)] == [
        ("held", 12),
        ("released", 12),
    ]


def test_a_hold_that_takes_nothing_off_the_count_is_no_correction():
    petition = make_petition()
    hold(signature_ids=[make_signature(petition).pk], reason="doubtful", actor=None)
    assert Correction.objects.count() == 0
