"""Signatures by source tag: counted as they stand, fast, and apart from the tally."""

import pytest
from django.db import connection

from signatures.models import Signature, SourceTally
from signatures.signing.withdraw import erase, withdraw
from signatures.tally.sources import LOCK, count_sources
from tests.factories import make_petition, make_signature

pytestmark = pytest.mark.django_db


def counted():
    return set(SourceTally.objects.values_list("petition__slug", "source", "total"))


def test_only_confirmed_signatures_with_a_tag_are_counted_each_for_its_petition():
    water, air = make_petition(slug="water"), make_petition(slug="air")
    for petition, source, times in ((water, "news", 3), (water, "radio", 1), (air, "news", 2), (water, "", 4)):
        for _ in range(times):
            make_signature(petition, state="confirmed", source=source)
    make_signature(water, state="pending", source="news")
    make_signature(water, state="held", source="news")
    assert count_sources() == 3
    assert counted() == {("water", "news", 3), ("water", "radio", 1), ("air", "news", 2)}


def test_counting_again_follows_what_was_withdrawn_and_erased():
    petition = make_petition(slug="water")
    first, second = (make_signature(petition, state="confirmed", source="news") for _ in range(2))
    last = make_signature(petition, state="confirmed", source="radio")
    count_sources()
    withdraw(signature_id=first.pk)
    erase(signature_id=last.pk)
    count_sources()
    assert counted() == {("water", "news", 1)}
    assert Signature.objects.get(pk=second.pk).source == "news"


@pytest.mark.django_db(transaction=True)
def test_a_count_that_finds_another_at_it_leaves_it_alone():
    import threading

    make_signature(make_petition(), state="confirmed", source="news")
    taken, done = threading.Event(), threading.Event()

    def hold_the_lock():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
            taken.set()
            done.wait(30)
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])  # a closed connection's goes a moment later
        connection.close()

    holder = threading.Thread(target=hold_the_lock)
    holder.start()
    assert taken.wait(30)
    assert count_sources() == 0
    done.set()
    holder.join()
    assert count_sources() == 1


@pytest.mark.django_db(transaction=True)
def test_it_reads_the_index_of_the_tagged_and_no_signature():
    """Of 20,000 signatures a tenth has a tag; the rows themselves are some hundred bytes each."""
    template = make_signature(make_petition(), state="confirmed")
    kept = ("id", "source", "person_index")
    names = ", ".join(field.column for field in Signature._meta.concrete_fields if field.column not in kept)
    with connection.cursor() as cursor:
        # VACUUM calls no page visible to all whose commit is not on the disk yet; the tests' server does not wait.
        cursor.execute("SET synchronous_commit = on")
        cursor.execute(
            f"INSERT INTO signatures_signature (id, source, person_index, {names}) "
            f"SELECT gen_random_uuid(), CASE WHEN n %% 10 = 0 THEN 'tag-' || n %% 7 ELSE '' END, "
            f"sha256(n::text::bytea), {names} FROM signatures_signature, generate_series(1, 20000) AS n WHERE id = %s",
            [template.pk],
        )
        cursor.execute("VACUUM ANALYZE signatures_signature")
        cursor.execute(
            "EXPLAIN SELECT petition_id, source, count(*) FROM signatures_signature "
            "WHERE state = 'confirmed' AND source <> '' GROUP BY petition_id, source"
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
        cursor.execute("RESET synchronous_commit")
    assert "Index Only Scan using signature_tagged" in plan, plan
    assert count_sources() == 7
