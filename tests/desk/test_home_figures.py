"""The home's figures against plain counts of the rows themselves, on signatures of every kind."""

import random
import threading
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection

from signatures.desk.home import counting
from signatures.desk.home.counting import COHORT, count_petitions
from signatures.desk.home.oddities import oddities_of
from signatures.desk.home.reading import counted_petitions, standing_of
from signatures.desk.home.refresh import LOCK, refresh_figures
from signatures.desk.home.unusual import Share
from signatures.desk.jobs.selection import first_id
from signatures.desk.periods import made_at
from signatures.models import DeskFigures, Petition, Signature, TallyEntry
from signatures.privacy.retention import forget_unconfirmed
from signatures.signing.confirm import confirm
from signatures.signing.guard.doubt import Doubt
from signatures.signing.review.hold import hold
from signatures.signing.withdraw import erase, withdraw
from signatures.tally.fold import fold
from tests.factories import make_mail, make_petition, make_signature

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 15, 40, tzinfo=UTC)


def an_id(at, chance):
    """As uuid7 makes it, at a time of our own."""
    return UUID(int=first_id(at).int | chance.getrandbits(62))


def arrived(petition, at, chance, *, state="pending", confirmed=None, **fields):
    """A signature that arrived at `at`, and its step in the ledger if it counts."""
    fields.setdefault("country", chance.choice(["FR", "PE", None]))
    row = make_signature(petition, state=state, at=at, id=an_id(at, chance), **fields)
    if state == "confirmed":
        row.confirmed_at = confirmed or at
        row.save()
        TallyEntry.objects.create(
            petition=petition, country=row.country or "", day=row.confirmed_at.date(), delta=1, folded=False
        )
    return row


def anything(petition, chance, *, number):
    """Signatures of the last forty days in every state, mailed and not, some of them moved on by the real rules."""
    made = []
    for _ in range(number):
        at = NOW - timedelta(seconds=chance.random() ** 2 * 40 * 86_400)
        state = chance.choice(
            ["pending", "pending", "confirmed", "confirmed", "confirmed", "held", "withdrawn", "erased"]
        )
        fields = {}
        if chance.random() < 0.7:
            fields["mail_sent_at"] = at
        elif state != "erased" and chance.random() < 0.7:
            fields |= {"mail_due_at": at + timedelta(minutes=1)}
            if chance.random() < 0.5:
                fields |= {"mail_attempts": 2, "mail_error": "450 later"}
        if state != "erased" and chance.random() < 0.2:
            fields["bounced_at"] = at
        if state == "held" and chance.random() < 0.7:
            fields["held_reason"] = str(chance.choice(list(Doubt)))
        late = min(NOW, at + timedelta(seconds=chance.random() * 5 * 86_400))
        made.append(
            arrived(petition, at, chance, state=state, confirmed=late, show_name=chance.random() < 0.4, **fields)
        )
    fold()
    counted = [row.pk for row in made if row.state == "confirmed"]
    for pk in counted[:3]:
        withdraw(signature_id=pk)
    for pk in counted[3:6]:
        erase(signature_id=pk)
    hold(signature_ids=counted[6:9], reason="who are they", actor=None)


def count(**conditions):
    return Signature.objects.filter(**conditions).count()


@pytest.mark.parametrize("seed", range(3))
def test_every_figure_is_what_a_plain_count_finds(seed):
    chance = random.Random(seed)
    petitions = [make_petition(), make_petition(), make_petition()]
    for petition, number in zip(petitions, (120, 40, 0), strict=True):
        anything(petition, chance, number=number)
    make_mail(Signature.objects.exclude(state="erased").first(), due_at=NOW, error="450 later")

    counted = count_petitions(petition_ids=[each.pk for each in petitions], now=NOW, whole=True)

    for petition in petitions:
        figures, received = counted[petition.pk].figures, counted[petition.pk].received
        here = {"petition": petition}
        assert figures["total"] == count(**here, state="confirmed")
        for state in ("pending", "withdrawn", "erased"):
            assert figures[state] == count(**here, state=state)
        assert sum(figures["held"].values()) == count(**here, state="held")
        assert figures["held"].get("trap", 0) == count(**here, state="held", held_reason=str(Doubt.TRAP))
        assert figures["bounced"] == count(**here, bounced_at__isnull=False)
        assert figures["names"] == count(**here, state="confirmed", show_name=True)
        assert figures["mail"]["waiting"] == count(**here, mail_due_at__isnull=False)
        assert figures["mail"]["failed"] == count(**here, mail_due_at__isnull=False, mail_attempts__gt=0)
        due = Signature.objects.filter(**here, mail_due_at__lte=NOW).order_by("mail_due_at").first()
        assert figures["mail"]["oldest"] == (due and due.mail_due_at.isoformat())
        assert sum(received.values()) == count(**here)
        for number in range(30):
            day = NOW.date() - timedelta(days=number)
            assert figures["days"].get(day.isoformat(), 0) == count(**here, state="confirmed", confirmed_at__date=day)
            rows = [
                pk for pk in Signature.objects.filter(**here).values_list("pk", flat=True) if made_at(pk).date() == day
            ]
            assert received.get(day.isoformat(), 0) == len(rows)
            if number < 7:
                cohort = figures["cohorts"].get(day.isoformat(), dict.fromkeys(COHORT, 0))
                assert cohort["received"] == len(rows)
                assert cohort["mailed"] == count(pk__in=rows, mail_sent_at__isnull=False)
                assert cohort["bounced"] == count(pk__in=rows, bounced_at__isnull=False)
                for state in ("confirmed", "pending", "held", "withdrawn", "erased"):
                    assert cohort[state] == count(pk__in=rows, state=state)
        first = datetime.fromisoformat(figures["hours_from"])
        for hour, (came, confirmed) in enumerate(figures["hours"]):
            since, until = first + timedelta(hours=hour), first + timedelta(hours=hour + 1)
            assert came == sum(
                since <= made_at(pk) < until for pk in Signature.objects.filter(**here).values_list("pk", flat=True)
            )
            assert confirmed == count(**here, state="confirmed", confirmed_at__gte=since, confirmed_at__lt=until)


# ------------------------------------------------------------------------------------------------- kept and added up
def test_what_was_received_stays_received_when_it_is_forgotten(settings):
    petition, chance = make_petition(), random.Random(1)
    for _ in range(5):
        arrived(petition, datetime.now(UTC) - timedelta(days=20), chance)
    arrived(petition, datetime.now(UTC), chance)
    refresh_figures()
    assert forget_unconfirmed() == 5
    refresh_figures(whole=True)
    row = DeskFigures.objects.get()
    assert (row.figures["received"], row.figures["pending"]) == (6, 1)
    day = datetime.now(UTC).date() - timedelta(days=20)
    assert row.received == {day.isoformat(): 5, datetime.now(UTC).date().isoformat(): 1}


def test_figures_of_several_petitions_add_up():
    chance = random.Random(4)
    petitions = [make_petition(), make_petition()]
    for petition in petitions:
        anything(petition, chance, number=30)
    refresh_figures(whole=True, now=NOW)
    one, two = (standing_of([each]) for each in counted_petitions(Petition.objects.all()))
    both = standing_of(counted_petitions(Petition.objects.all()))
    assert both.total == one.total + two.total == count(state="confirmed")
    assert both.held_in_all == count(state="held")
    assert both.week == {name: one.week[name] + two.week[name] for name in COHORT}
    assert [step.received for step in both.days] == [
        a.received + b.received for a, b in zip(one.days, two.days, strict=True)
    ]
    assert both.days[0].at == date(2026, 10, 22)
    assert both.hours[-1].at == NOW.replace(minute=0)
    assert sum(step.confirmed for step in both.hours) == count(
        state="confirmed", confirmed_at__gte=both.hours[0].at, confirmed_at__lte=NOW
    )


def test_a_long_count_is_not_begun_again_at_once():
    make_petition()
    assert refresh_figures() == 1
    DeskFigures.objects.update(took=10_000)  # milliseconds
    assert refresh_figures() == 0
    assert refresh_figures(now=datetime.now(UTC) + timedelta(seconds=201)) == 1


def test_a_new_petition_has_figures_with_the_next_count():
    make_petition()
    refresh_figures()
    newer = make_petition()
    arrived(newer, datetime.now(UTC) - timedelta(days=30), random.Random(2))
    refresh_figures(now=datetime.now(UTC) + timedelta(minutes=1))
    assert DeskFigures.objects.get(pk=newer.pk).figures["received"] == 1


# ---------------------------------------------------------------------------------------------------------- unusual
@pytest.mark.parametrize(
    ("share", "stands_out"),
    [
        (Share("PE", 40, 400, 20, 1000), True),  # 10 % after 2 %
        (Share("PE", 40, 1000, 20, 1000), False),  # 4 % after 2 %: not three times
        (Share("PE", 19, 40, 0, 1000), False),  # too few to speak of
        (Share("PE", 40, 400, 0, 199), False),  # too little to compare with
        (Share("PE", 20, 400, 0, 1000), True),  # never seen before
        (Share("FR", 900, 1000, 850, 1000), False),  # where most come from anyway
    ],
)
def test_a_group_stands_out_by_its_share(share, stands_out):
    assert share.stands_out() is stands_out


@pytest.fixture
def flooded():
    """A week of 210 from France, then in the last hours 25 from Peru with one domain among 35."""
    petition, chance, now = make_petition(slug="water"), random.Random(5), datetime.now(UTC)
    for number in range(210):
        at = now - timedelta(days=1 + number % 5)
        arrived(petition, at, chance, country="FR", email=f"a{number}@mail{number}.example")
    for number in range(25):
        arrived(petition, now - timedelta(hours=1), chance, country="PE", email=f"b{number}@flood.example")
    for number in range(10):
        arrived(petition, now - timedelta(hours=2), chance, country="FR", email=f"c{number}@mail{number}.example")
    refresh_figures()
    return petition


class EveryList:
    """As `Lists`, for whoever may see every list."""

    def of(self, petition):
        return self

    def to(self, model, **filters):
        return str(filters)


def test_a_country_and_a_domain_that_flood_in_are_told(flooded):
    petitions = counted_petitions(Petition.objects.all())
    said = [each.words for each in oddities_of(petitions, EveryList(), may_name_domains=True, language="en")]
    assert said == [
        "water: 25 of the last six hours' 35 came from Peru: 71%, before under 1%",
        "water: 25 of the last six hours' 35 came from flood.example: 71%, before under 1%",
    ]


def test_the_domain_is_named_only_to_whoever_may_search_by_address(flooded):
    petitions = counted_petitions(Petition.objects.all())
    said = [each.words for each in oddities_of(petitions, EveryList(), may_name_domains=False, language="en")]
    assert "flood.example" not in "".join(said)
    assert "came from one mail domain" in said[1]


def test_the_stored_figures_name_nobody(flooded):
    row = DeskFigures.objects.get()
    assert "flood" not in str(row.figures)
    assert "@" not in str(row.figures)


# --------------------------------------------------------------------------------------------------- at its own time
@pytest.mark.django_db(transaction=True)
def test_a_second_count_leaves_it_to_the_first():
    make_petition()
    began, may_end = threading.Event(), threading.Event()

    def hold_the_lock():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
            began.set()
            may_end.wait(20)
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])  # closing frees it too, a moment after we go on
        connection.close()

    other = threading.Thread(target=hold_the_lock)
    other.start()
    assert began.wait(20)
    assert refresh_figures() == 0
    may_end.set()
    other.join(20)
    assert refresh_figures() == 1


@pytest.mark.django_db(transaction=True)
def test_whoever_confirms_while_it_counts_is_in_all_of_the_figures_or_in_none(monkeypatch):
    """The statements of one count see one instant: a confirmation between two of them splits no figure from another."""
    petition = make_petition()
    row = make_signature(petition)
    plain = counting._confirmed

    def confirmed_then_somebody_confirms(*args):
        plain(*args)
        thread = threading.Thread(target=lambda: (confirm(signature_id=row.pk, revision=0), connection.close()))
        thread.start()
        thread.join(20)

    monkeypatch.setattr(counting, "_confirmed", confirmed_then_somebody_confirms)
    refresh_figures()
    figures = DeskFigures.objects.get().figures
    assert Signature.objects.get().state == "confirmed"
    assert (figures["total"], figures["pending"]) == (0, 1)
    assert sum(confirmed for _came, confirmed in figures["hours"]) == 0
    monkeypatch.undo()
    DeskFigures.objects.update(took=0)
    refresh_figures()
    figures = DeskFigures.objects.get().figures
    assert (figures["total"], figures["pending"]) == (1, 0)
    assert sum(confirmed for _came, confirmed in figures["hours"]) == 1
