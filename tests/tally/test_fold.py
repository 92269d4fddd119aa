import threading
import time

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Sum

from signatures.models import CountryTally, DayTally, Signature, Tally, TallyEntry
from signatures.signing.confirm import confirm
from signatures.signing.withdraw import withdraw
from signatures.tally.fold import LOCK, fold
from signatures.tally.recount import recount
from tests.factories import make_petition, make_signature

# What folded + unfolded and the signatures say, by country, in one statement and so at one instant.
AT_THIS_INSTANT = """
SELECT
    (SELECT COALESCE(sum(total), 0) FROM signatures_tally)
        + (SELECT COALESCE(sum(delta), 0) FROM signatures_tallyentry WHERE NOT folded),
    (SELECT COALESCE(sum(total), 0) FROM signatures_countrytally)
        + (SELECT COALESCE(sum(delta), 0) FROM signatures_tallyentry WHERE NOT folded),
    (SELECT count(*) FROM signatures_signature WHERE state = 'confirmed')
"""


def sums():
    countries = CountryTally.objects.aggregate(total=Sum("total"))["total"]
    days = DayTally.objects.aggregate(total=Sum("total"))["total"]
    return Tally.objects.get().total, countries, days


@pytest.mark.django_db
def test_countries_and_days_sum_to_the_total():
    petition = make_petition()
    for country in ("PE", "PE", "FR", None):
        confirm(signature_id=make_signature(petition, country=country).pk, revision=0)
    assert fold() == [petition.pk]
    assert sums() == (4, 4, 4)
    assert Tally.objects.get().countries == 0, "the published figures set it"
    assert dict(CountryTally.objects.values_list("country", "total")) == {"PE": 2, "FR": 1, "": 1}


@pytest.mark.django_db
def test_folding_twice_changes_nothing():
    confirm(signature_id=make_signature(make_petition()).pk, revision=0)
    fold()
    version = Tally.objects.get().version
    assert fold() == []
    assert Tally.objects.get().version == version
    assert sums() == (1, 1, 1)


@pytest.mark.django_db
def test_a_withdrawal_after_the_fold_takes_its_country_and_day_back():
    row = make_signature(make_petition(), country="PE")
    confirm(signature_id=row.pk, revision=0)
    fold()
    withdraw(signature_id=row.pk)
    fold()
    assert sums() == (0, 0, 0)
    assert Tally.objects.get().countries == 0
    assert recount() == []


@pytest.mark.django_db
def test_a_folded_row_forgets_its_exact_time():
    confirm(signature_id=make_signature(make_petition()).pk, revision=0)
    assert TallyEntry.objects.get().waiting_since
    fold()
    assert TallyEntry.objects.get().waiting_since is None


@pytest.mark.django_db(transaction=True)
def test_a_fold_that_finds_another_at_work_leaves_it_alone():
    confirm(signature_id=make_signature(make_petition()).pk, revision=0)
    taken, done = threading.Event(), threading.Event()

    def hold_the_lock():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
            taken.set()
            done.wait(30)
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
        connection.close()

    holder = threading.Thread(target=hold_the_lock)
    holder.start()
    assert taken.wait(30)
    assert fold() == []
    done.set()
    holder.join()
    assert len(fold()) == 1


@pytest.mark.django_db(transaction=True)
def test_at_every_instant_folded_and_unfolded_are_the_confirmed():
    """Confirms, withdrawals and folds run against each other while another connection keeps adding up."""
    petition = make_petition()
    rows = [make_signature(petition, country=("FR", "PE", None)[n % 3]) for n in range(120)]
    over = threading.Event()
    seen, wrong, failed = [], [], []

    def guarded(work):
        def run():
            try:
                work()
            except Exception as error:
                failed.append(error)
            finally:
                connection.close()

        return threading.Thread(target=run)

    def confirm_some(part):
        for row in rows[part::3]:
            confirm(signature_id=row.pk, revision=0)
            if int(row.pk) % 2:
                withdraw(signature_id=row.pk)

    def fold_on():
        while not over.is_set():
            fold()

    def add_up():
        with connection.cursor() as cursor:
            while not over.is_set():
                cursor.execute(AT_THIS_INSTANT)
                figures = cursor.fetchone()
                seen.append(figures)
                if len(set(figures)) != 1:
                    wrong.append(figures)

    others = [guarded(fold_on), guarded(fold_on), guarded(add_up)]
    writers = [guarded(lambda part=part: confirm_some(part)) for part in range(3)]
    for thread in others + writers:
        thread.start()
    for thread in writers:
        thread.join(60)
    over.set()
    for thread in others:
        thread.join(60)
    assert not failed
    assert len(seen) > 20
    assert not wrong
    fold()
    assert sums()[0] == Signature.objects.filter(state="confirmed").count()
    assert recount() == []


WAITING_FOR_THE_FOLD = (
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'advisory' "
    "AND query LIKE '%pg_advisory_xact_lock%'"
)


def wait_for_one(statement):
    """The first column of the first row that another connection's state shows."""
    deadline = time.monotonic() + 30
    with connection.cursor() as cursor:
        while True:
            # A transaction keeps the first picture it took of the others' states, until it is told to look again.
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(statement)
            if row := cursor.fetchone():
                return row[0]
            assert time.monotonic() < deadline, "nobody waits"
            time.sleep(0.01)


@pytest.mark.django_db(transaction=True)
def test_a_fold_killed_in_the_middle_folds_nothing_and_the_next_one_all():
    petition = make_petition()
    confirm(signature_id=make_signature(petition).pk, revision=0)
    fold()
    confirm(signature_id=make_signature(petition).pk, revision=0)
    failed = []

    def fold_and_die():
        try:
            fold()
        except DatabaseError as error:
            failed.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=fold_and_die)
    with transaction.atomic():
        Tally.objects.select_for_update().get()  # the fold gets as far as its last statement
        thread.start()
        pid = wait_for_one(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' "
            "AND query LIKE '%UPDATE signatures_tally %'"
        )
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
        thread.join(30)
    assert failed
    assert TallyEntry.objects.filter(folded=False).count() == 1
    assert sums() == (1, 1, 1)
    fold()
    assert sums() == (2, 2, 2)
    assert recount() == []


@pytest.mark.django_db(transaction=True)
def test_a_fold_that_waits_finishes_what_another_was_at():
    confirm(signature_id=make_signature(make_petition()).pk, revision=0)

    def fold_patiently():
        fold(wait=True)
        connection.close()

    thread = threading.Thread(target=fold_patiently)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        thread.start()
        assert wait_for_one(WAITING_FOR_THE_FOLD)
    thread.join(30)
    assert sums() == (1, 1, 1)


@pytest.mark.django_db(transaction=True)
def test_a_burst_that_no_statistics_know_of_is_folded_without_comparing_each_with_each():
    """Planned for one unfolded row, 50,000 of them took hours."""
    petition = make_petition()
    entries = (
        "INSERT INTO signatures_tallyentry (petition_id, country, day, delta, folded, waiting_since) "
        "SELECT %s, 'FR', '2026-01-01', 1, false, now() FROM generate_series(1, %s)"
    )
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE signatures_tallyentry SET (autovacuum_enabled = off)")
        try:
            cursor.execute(entries, [petition.pk, 2000])
            fold()
            cursor.execute("ANALYZE signatures_tallyentry")
            cursor.execute(entries, [petition.pk, 60_000])
            cursor.execute("SET statement_timeout = '60s'")
            fold()
        finally:
            cursor.execute("RESET statement_timeout")
            cursor.execute("ALTER TABLE signatures_tallyentry RESET (autovacuum_enabled)")
    assert sums() == (62_000, 62_000, 62_000)
