"""The figures by country and by day that the public gets, and what cannot be worked out from them."""

from collections import defaultdict
from datetime import date, timedelta

import pytest
from django.utils import timezone

from signatures.letters import read
from signatures.models import Petition, PublishedFigures, Tally
from signatures.signing.confirm import confirm
from signatures.signing.withdraw import withdraw
from signatures.tally import published, snapshot
from signatures.tally.fold import fold
from signatures.tally.ledger import append
from signatures.tally.published import country_figures, day_figures, disclose, publish_due
from signatures.tally.recount import recount
from signatures.tally.tasks import fold as fold_task
from tests.factories import make_petition, make_signature


@pytest.fixture
def water(db):
    return make_petition(slug="water")


def count(petition, **countries):
    """Confirm so many from each country; `NONE` did not say. The signatures."""
    rows = []
    for country, number in countries.items():
        for _ in range(number):
            row = make_signature(petition, country=None if country == "NONE" else country)
            confirm(signature_id=row.pk, revision=0)
            rows.append(row)
    fold()
    return rows


def an_hour_passes():
    for row in PublishedFigures.objects.all():
        PublishedFigures.objects.update(as_of=row.as_of - timedelta(seconds=3601))


def shown(petition):
    published.forget()
    return {row.code: row.number for row in country_figures(petition).rows}


def test_a_country_has_a_number_from_the_threshold_on_and_below_it_a_name(water):
    count(water, FR=27, PE=12, BE=10, TV=9, NONE=3)
    publish_due()
    figures = country_figures(water)
    assert [(row.code, row.number) for row in figures.rows] == [("FR", 20), ("BE", 10), ("PE", 10), ("TV", None)]
    assert (figures.not_said, figures.total, figures.threshold, figures.version) == (None, 60, 10, 1)


def test_who_did_not_say_is_a_group_like_any_other(water):
    count(water, FR=27, NONE=14)
    publish_due()
    assert country_figures(water).not_said == 10


def test_a_petition_with_fewer_signers_than_the_threshold_names_no_country(water):
    count(water, FR=5, PE=4)
    assert publish_due() == []
    assert country_figures(water).rows == day_figures(water).rows == ()
    assert snapshot.read(read.published("water")).countries == 0


def test_the_first_snapshot_comes_with_the_tenth_signature(water):
    count(water, FR=5, PE=5)
    fold_task()
    assert shown(water) == {"FR": None, "PE": None}
    snapshot.forget()
    assert snapshot.read(read.published("water")).countries == 2


def test_nothing_moves_before_the_hour_is_over(water):
    count(water, FR=30)
    publish_due()
    count(water, FR=30, TV=1)
    assert publish_due() == []
    assert shown(water) == {"FR": 30}
    assert Tally.objects.get().countries == 1, "a live number of countries would tell when the first of them signed"
    an_hour_passes()
    assert publish_due() == [water.pk]
    assert shown(water) == {"FR": 50, "TV": None}
    assert country_figures(water).version == 2


def test_nothing_moves_before_ten_have_signed_however_long_it_takes(water):
    count(water, FR=30)
    publish_due()
    count(water, TV=1, FR=8)
    an_hour_passes()
    assert publish_due() == []
    count(water, FR=1)
    assert publish_due() == [water.pk]
    assert "TV" in shown(water)


def test_publishing_twice_changes_nothing(water):
    count(water, FR=30)
    assert publish_due() == [water.pk]
    before = PublishedFigures.objects.values().get()
    assert publish_due() == []
    assert PublishedFigures.objects.values().get() == before


def test_withdrawals_leave_with_a_later_snapshot(water):
    rows = count(water, FR=31, PE=11)
    publish_due()
    an_hour_passes()
    withdraw(signature_id=rows[-1].pk)
    withdraw(signature_id=rows[-2].pk)
    fold()
    assert publish_due() == []
    assert shown(water) == {"FR": 30, "PE": 10}
    for row in rows[:8]:
        withdraw(signature_id=row.pk)
    fold()
    assert publish_due() == [water.pk]
    assert shown(water) == {"FR": 20, "PE": None}
    assert recount() == []


def test_a_raised_threshold_holds_at_once_and_a_lowered_one_waits(water):
    count(water, FR=67, PE=24)
    publish_due()
    Petition.objects.update(country_threshold=25)
    water.refresh_from_db()
    assert shown(water) == {"FR": 50, "PE": None}
    assert country_figures(water).total == 75
    Petition.objects.update(country_threshold=100)
    water.refresh_from_db()
    assert shown(water) == {}


def test_days_are_utc_without_a_gap_and_small_ones_have_no_number(water):
    for day, number in ((1, 25), (3, 3)):
        for _ in range(number):
            append(petition_id=water.pk, country="FR", day=date(2026, 3, day), delta=1)
    fold()
    publish_due()
    rows = day_figures(water).rows
    assert [(row.day, row.number) for row in rows[:3]] == [
        (date(2026, 3, 1), 10),  # 20 less one step: the rest would have been 8, and 3 of them on one day
        (date(2026, 3, 2), None),
        (date(2026, 3, 3), None),
    ]
    assert rows[-1].day == timezone.now().date()


def test_reading_costs_one_query_and_then_none(water, django_assert_num_queries):
    count(water, FR=30)
    publish_due()
    with django_assert_num_queries(1):
        country_figures(water)
        day_figures(water)
    with django_assert_num_queries(0):
        country_figures(water)
        day_figures(water)


def test_looking_whether_something_is_due_is_one_query(water, django_assert_num_queries):
    count(water, FR=30)
    publish_due()
    with django_assert_num_queries(1):
        publish_due()


def test_what_is_hidden_cannot_be_worked_out_from_the_total():
    """One country with a number, one without, and the exact total: any number below the threshold stays possible."""
    possible = defaultdict(set)
    for large in range(10, 200):
        for small in range(1, 10):
            said = disclose({"FR": large, "TV": small}, step=10)
            if said:
                assert said["TV"] is None
                possible[large + small, said["FR"]].add(small)
    edge = {key: found for key, found in possible.items() if key[0] > 180}  # larger ones than we tried belong there
    assert all(found == set(range(1, 10)) for key, found in possible.items() if key not in edge)


def test_the_rest_is_a_threshold_or_more_while_anybody_is_hidden():
    for first in range(45):
        for second in range(45):
            for third in range(12):
                groups = {"FR": first, "PE": second, "TV": third}
                said = disclose(groups, step=10)
                for code, number in said.items():
                    assert groups[code] < 10 if number is None else 10 <= number <= groups[code]
                rest = sum(groups.values()) - sum(number or 0 for number in said.values())
                if any(0 < number < 10 for number in groups.values()) and sum(groups.values()) >= 10:
                    assert rest >= 10, groups


def test_while_the_largest_group_has_no_step_to_spare_no_group_is_named(water):
    count(water, FR=13, TV=1)
    publish_due()
    assert shown(water) == {}
    assert day_figures(water).rows[-1].number == 10, "all of them on one day are no small group"
    count(water, FR=12)
    an_hour_passes()
    publish_due()
    assert shown(water) == {"FR": 10, "TV": None}
