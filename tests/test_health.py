from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from signatures.models import TallyEntry
from signatures.signing.confirm import confirm
from signatures.tally.fold import fold
from tests.factories import make_petition, make_signature


def test_alive_touches_no_database():
    assert Client().get("/healthz").status_code == 200


@pytest.mark.django_db
def test_ready_tells_how_long_things_have_waited():
    row = make_signature(make_petition(), mail_due_at=timezone.now() - timedelta(minutes=5))
    confirm(signature_id=make_signature(row.petition).pk, revision=0)
    TallyEntry.objects.update(waiting_since=timezone.now() - timedelta(minutes=3))
    report = Client().get("/readyz").json()
    assert report["database"] == report["redis"] == "ok"
    assert 299 < report["oldest_due_mail_seconds"] < 320
    assert 179 < report["oldest_unfolded_entry_seconds"] < 200
    fold()
    assert Client().get("/readyz").json()["oldest_unfolded_entry_seconds"] == 0
