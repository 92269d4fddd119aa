from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from signatures.models import Signature, Suppression
from signatures.privacy.indexes import person_index
from signatures.privacy.personal import signer_of
from tests.factories import make_consent, make_petition, make_signature

pytestmark = pytest.mark.django_db


def age_mail(row, **ago):
    """As if its mail had gone out a while ago."""
    Signature.objects.filter(pk=row.pk).update(mail_due_at=None, mail_sent_at=timezone.now() - timedelta(**ago))


def test_signing_stores_a_pending_row_whose_mail_is_due(sign_as):
    signed, row = sign_as(make_petition(), name="Ngô Thị Ánh", show_name=True)
    assert signed.created == row.pk
    assert (row.state, row.country, row.show_name, row.wants_updates) == ("pending", "FR", True, False)
    assert row.mail_due_at <= timezone.now()
    assert signer_of(row).name == "Ngô Thị Ánh"
    assert signer_of(row).email == "ada@mail.example.org"


def test_nothing_that_was_typed_is_readable_in_the_table(sign_as):
    sign_as(make_petition(), name="Shireen Example", email="shireen@mail.example.org")
    with connection.cursor() as cursor:
        cursor.execute("SELECT s::text FROM signatures_signature s")
        text = cursor.fetchone()[0].lower()
    for secret in (b"Shireen", b"shireen@", b"mail.example"):
        assert secret.decode().lower() not in text
        assert secret.hex() not in text


def test_not_saying_the_country_is_stored_as_null(sign_as):
    assert sign_as(make_petition(), country=None)[1].country is None


def test_the_same_person_spelled_otherwise_is_one_row(sign_as):
    petition = make_petition()
    sign_as(petition, email="ada.example@gmail.com")
    signed, _ = sign_as(petition, email="AdaExample+x@googlemail.com")
    assert signed.created is None
    assert Signature.objects.count() == 1


def test_one_person_may_sign_two_petitions(sign_as):
    sign_as(make_petition())
    assert sign_as(make_petition())[0].created


def test_a_form_sent_again_before_the_confirmation_replaces_the_details(sign_as):
    petition = make_petition()
    sign_as(petition, name="Adda Example", country="FR")
    _, row = sign_as(petition, name="Ada Example", country="DE")
    assert (signer_of(row).name, row.country, row.revision) == ("Ada Example", "DE", 1)


@pytest.mark.parametrize("state", ["confirmed", "held"])
def test_a_form_sent_again_changes_nothing_of_a_counted_or_held_signature(sign_as, state):
    petition = make_petition()
    before = make_signature(petition, email="ada@mail.example.org", name="Ada Example", state=state, country="FR")
    _, row = sign_as(petition, name="Someone Else", country="DE", show_name=True)
    assert row.pk == before.pk
    assert (signer_of(row).name, row.country, row.state, row.show_name) == ("Ada Example", "FR", state, False)
    assert row.mail_due_at  # its owner hears of it by mail


def test_a_withdrawn_signature_can_be_made_again(sign_as):
    petition = make_petition()
    make_signature(petition, email="ada@mail.example.org", state="withdrawn", country="FR")
    _, row = sign_as(petition, country="DE")
    assert (row.state, row.country, row.withdrawn_at, row.confirmed_at) == ("pending", "DE", None, None)
    assert row.mail_due_at


def test_a_suppressed_address_is_stored_nowhere(sign_as):
    petition = make_petition()
    Suppression.objects.create(petition=petition, person_index=person_index("ada@mail.example.org"))
    signed, row = sign_as(petition)
    assert signed.created is None
    assert row is None


def test_every_outcome_is_one_statement(sign_as, monkeypatch):
    from signatures.signing import sign as module

    petition = make_petition()
    Suppression.objects.create(petition=petition, person_index=person_index("stop@mail.example.org"))
    make_signature(petition, email="done@mail.example.org", state="confirmed")
    make_signature(petition, email="held@mail.example.org", state="held")
    ran = []
    real = module.run_prepared
    monkeypatch.setattr(module, "run_prepared", lambda *args: ran.append(args) or real(*args))
    consent = make_consent().pk
    for who in ("new", "new", "done", "held", "stop"):
        with CaptureQueriesContext(connection) as others:
            module.sign(
                petition_id=petition.pk,
                name="Ada",
                email=f"{who}@mail.example.org",
                country=None,
                language="en",
                consent_id=consent,
            )
        assert len(others) == 0
    assert len(ran) == 5


def test_a_second_mail_waits_a_quarter_of_an_hour_and_the_sixth_never_goes(sign_as):
    petition = make_petition()
    _, row = sign_as(petition)
    age_mail(row, minutes=14)
    assert sign_as(petition)[1].mail_due_at is None
    age_mail(row, minutes=16)
    assert sign_as(petition)[1].mail_due_at
    age_mail(row, minutes=16)
    Signature.objects.filter(pk=row.pk).update(mail_count=5)
    assert sign_as(petition)[1].mail_due_at is None


def test_a_fourth_mail_within_a_day_never_goes(sign_as):
    petition = make_petition()
    _, row = sign_as(petition)
    now = timezone.now()
    hours = [now - timedelta(hours=hours) for hours in (1, 20, 23.9)]
    age_mail(row, hours=1)
    Signature.objects.filter(pk=row.pk).update(mail_count=3, mail_times=hours)
    assert sign_as(petition)[1].mail_due_at is None
    Signature.objects.filter(pk=row.pk).update(mail_times=[*hours[:2], now - timedelta(hours=24.1)])
    assert sign_as(petition)[1].mail_due_at


def test_a_bounced_address_gets_another_chance_when_it_is_typed_again(sign_as):
    petition = make_petition()
    _, row = sign_as(petition)
    Signature.objects.filter(pk=row.pk).update(mail_due_at=None, bounced_at=timezone.now())
    row = sign_as(petition)[1]
    assert row.bounced_at is None
    assert row.mail_due_at


@pytest.mark.django_db(transaction=True)
def test_twenty_parallel_forms_of_one_person_are_one_row_and_one_mail(sign_as, all_at_once):
    petition = make_petition()
    results = all_at_once(lambda number: sign_as(petition, name=f"Ada {number}", email="ada@mail.example.org")[0])
    assert sum(1 for signed in results if signed.created) == 1
    row = Signature.objects.get()
    assert row.revision == 19
    assert row.mail_due_at
    assert row.mail_count == 0
