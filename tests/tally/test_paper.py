"""Paper is counted apart: another figure, folded, published and recounted by itself, and in no other."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from signatures.models import CountryTally, DayTally, Petition, PublishedFigures, Signature, Tally, TallyEntry
from signatures.signing.confirm import confirm
from signatures.tally import snapshot
from signatures.tally.fold import fold
from signatures.tally.goal import raise_goals
from signatures.tally.place import total_with_you
from signatures.tally.published import country_figures, publish_due
from signatures.tally.recount import recount
from signatures.tally.sources import count_sources
from tests.factories import make_paper, make_petition, make_signature

pytestmark = pytest.mark.django_db


def confirmed(petition, count, country="FR"):
    for _each in range(count):
        confirm(signature_id=make_signature(petition, country=country).pk, revision=0)


def hours_later(hours=2):
    """As if the last publications were that long ago."""
    then = timezone.now() - timedelta(hours=hours)
    Tally.objects.filter(paper_shown_at__isnull=False).update(paper_shown_at=then)
    PublishedFigures.objects.update(as_of=then)


def shown(petition):
    snapshot.forget()
    return snapshot.read(petition)


def test_the_fold_adds_paper_to_a_figure_of_its_own():
    petition = make_petition()
    confirmed(petition, 2)
    make_paper(petition, 3, country="FR")
    make_paper(petition, 1, country=None)
    assert fold() == [petition.pk]
    tally = Tally.objects.get()
    assert (tally.total, tally.paper) == (2, 4)
    assert list(CountryTally.objects.order_by("country").values_list("country", "total", "paper")) == [
        ("", 0, 1),
        ("FR", 2, 3),
    ]
    assert sum(DayTally.objects.values_list("total", flat=True)) == 2
    assert recount() == []


def test_a_petition_with_paper_alone_has_a_total_of_nought():
    petition = make_petition()
    make_paper(petition, 12)
    assert fold() == [petition.pk]
    assert shown(petition).total == 0
    assert recount() == []


def test_paper_reaches_no_goal_no_place_no_country_and_no_source():
    petition = make_petition(goal=10, goal_raising="automatic")
    make_paper(petition, 50, country="PE")
    assert total_with_you(petition.pk) is None
    fold()
    confirmed(petition, 1)
    assert total_with_you(petition.pk) == 1
    raise_goals()
    publish_due()
    count_sources()
    assert Petition.objects.get().goal == 10
    assert not PublishedFigures.objects.exists()
    assert country_figures(petition).rows == ()


@pytest.mark.parametrize(
    ("where", "wrong"),
    [
        ("paper", lambda: Tally.objects.update(paper=3)),
        ("paper country PE", lambda: CountryTally.objects.filter(country="PE").update(paper=1)),
        ("paper", lambda: Signature.objects.filter(country="PE", paper_import__isnull=False).first().delete()),
        ("total", lambda: TallyEntry.objects.filter(paper=True).update(paper=False)),
    ],
)
def test_the_recount_finds_what_is_wrong_with_paper(where, wrong):
    petition = make_petition()
    confirmed(petition, 1, country="PE")
    make_paper(petition, 2, country="PE")
    fold()
    assert recount() == []
    wrong()
    assert where in {each.where for each in recount()}


def test_the_public_is_told_a_rounded_number_from_the_threshold_up():
    petition = make_petition()
    make_paper(petition, 9)
    fold()
    assert publish_due() == []
    assert shown(petition).paper is None
    make_paper(petition, 14)
    fold()
    assert publish_due() == [petition.pk]
    assert shown(petition).paper == 20


def test_the_number_on_paper_moves_once_an_hour_and_when_ten_have_come_or_gone(settings):
    petition = make_petition()
    make_paper(petition, 10)
    fold()
    publish_due()
    make_paper(petition, 10)
    fold()
    assert publish_due() == [], "the hour is not over"
    hours_later()
    assert publish_due() == [petition.pk]
    assert shown(petition).paper == 20
    hours_later()
    make_paper(petition, 9)
    fold()
    assert publish_due() == [], "fewer than ten have come"


def test_a_file_that_comes_in_does_not_bring_the_other_figures_up_to_date():
    petition = make_petition()
    confirmed(petition, 20)
    fold()
    publish_due()
    hours_later()
    before = PublishedFigures.objects.get().version
    confirmed(petition, 1, country="PE")
    make_paper(petition, 100)
    fold()
    publish_due()
    assert PublishedFigures.objects.get().version == before
    assert shown(petition).paper == 100


def test_a_raised_threshold_holds_at_once():
    petition = make_petition()
    make_paper(petition, 30)
    fold()
    publish_due()
    petition.country_threshold = 25
    assert shown(petition).paper == 25
    petition.country_threshold = 40
    assert shown(petition).paper is None


def test_all_that_is_taken_back_is_no_longer_told():
    petition = make_petition()
    rows = make_paper(petition, 12)
    fold()
    publish_due()
    for row in rows:
        TallyEntry.objects.create(petition=petition, country="FR", day=row.confirmed_at.date(), delta=-1, paper=True)
        row.delete()
    hours_later()
    fold()
    publish_due()
    assert shown(petition).paper is None
    assert recount() == []
