"""Signing by its function, and the count as the ledger tells it."""

from __future__ import annotations

import threading

import pytest
from django.db import connection
from django.db.models import Sum

from signatures.models import Signature, TallyEntry
from signatures.signing.sign import sign
from tests.factories import make_consent


@pytest.fixture
def sign_as():
    """Sign a petition as somebody; returns (what sign returned, the person's row or None)."""

    def signing(petition, email="ada@mail.example.org", **fields):
        values = {"name": "Ada Example", "country": "FR", "language": "en", "consent_id": make_consent().pk} | fields
        signed = sign(petition_id=petition.pk, email=email, **values)
        from signatures.privacy.indexes import person_index

        row = Signature.objects.filter(petition=petition, person_index=person_index(email)).first()
        return signed, row

    return signing


@pytest.fixture
def counted():
    """The count by the ledger, which must always be the count by the signatures."""

    def count(petition):
        ledger = TallyEntry.objects.filter(petition=petition).aggregate(total=Sum("delta"))["total"] or 0
        rows = Signature.objects.filter(petition=petition, state="confirmed").count()
        assert ledger == rows
        return rows

    return count


@pytest.fixture
def all_at_once():
    """Run a function in n threads that start together, each on its own connection; returns their results."""

    def run(function, times=20):
        barrier = threading.Barrier(times)
        results, errors = [], []

        def one(number):
            try:
                barrier.wait(timeout=30)
                results.append(function(number))
            except Exception as error:
                errors.append(error)
            finally:
                connection.close()

        threads = [threading.Thread(target=one, args=(number,)) for number in range(times)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
        assert not errors, errors
        assert len(results) == times
        return results

    return run
