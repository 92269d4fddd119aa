import threading
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from signatures.models import CountryTally, DayTally, Signature
from signatures.privacy.personal import signer_of
from signatures.tally.fold import LOCK
from signatures.tally.recount import recount
from tests.factories import make_consent, make_petition
from tests.tally.test_fold import WAITING_FOR_THE_FOLD, wait_for_one

pytestmark = pytest.mark.django_db


def simulate(**options):
    out = StringIO()
    call_command("simulate", stdout=out, **({"slug": "water"} | options))
    return out.getvalue().strip()


@pytest.fixture(autouse=True)
def _petition():
    make_consent()
    make_petition(slug="water")


def test_it_adds_exactly_as_many_from_exactly_as_many_countries():
    assert simulate(signatures=500, countries=40) == "500 people from 40 countries and territories"
    assert Signature.objects.filter(state="confirmed").count() == 500
    assert Signature.objects.values("country").distinct().count() == 40
    assert recount() == []


def test_again_adds_more():
    simulate(signatures=10, countries=2, seed=1)
    simulate(signatures=10, countries=2, seed=2)
    assert Signature.objects.count() == 20
    assert recount() == []


def test_the_same_people_cannot_sign_again():
    simulate(signatures=10, countries=2, seed=1)
    with pytest.raises(CommandError, match="another seed"):
        simulate(signatures=10, countries=2, seed=1)
    assert Signature.objects.count() == 10
    assert recount() == []


@pytest.mark.django_db(transaction=True)
def test_while_a_worker_folds_it_still_says_how_many_there_are():
    said = []

    def simulate_elsewhere():
        said.append(simulate(signatures=30, countries=3))
        connection.close()

    thread = threading.Thread(target=simulate_elsewhere)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        thread.start()
        assert wait_for_one(WAITING_FOR_THE_FOLD)
    thread.join(30)
    assert said == ["30 people from 3 countries and territories"]


def test_countries_and_days_are_as_uneven_as_in_life():
    simulate(signatures=2000, countries=30, days=30, seed=4)
    countries = sorted(CountryTally.objects.values_list("total", flat=True))
    days = sorted(DayTally.objects.values_list("total", flat=True))
    assert countries[-1] > 10 * countries[0]
    assert days[-1] > 5 * days[0]


def test_invented_signers_are_sealed_like_real_ones_and_get_no_mail():
    simulate(signatures=20, countries=3)
    for row in Signature.objects.all():
        assert signer_of(row).email.endswith("@signers.example.org")
        assert row.mail_due_at is None
        assert row.created_at == row.confirmed_at


@pytest.mark.parametrize(
    "options",
    [
        {"signatures": 10, "countries": 900},
        {"signatures": 10, "countries": 0},
        {"signatures": 3, "countries": 4},
        {"signatures": -1, "countries": 1},
        {"signatures": 10, "countries": 1, "days": 0},
        {"signatures": 10, "countries": 1, "slug": "nowhere"},
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_stored(options):
    with pytest.raises(CommandError):
        simulate(**options)
    assert not Signature.objects.exists()
