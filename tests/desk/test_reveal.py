"""Revealing a signer: to one person, once, for a recorded reason, and only so often."""

from datetime import timedelta

import pytest
from django.utils import timezone

from signatures.desk.search.revealing import TooManyRevealsError, reveal, reveals_left
from signatures.models import AuditEntry
from tests.factories import make_petition, make_signature

pytestmark = pytest.mark.django_db

LIST = "/desk/signatures/signature/"


@pytest.fixture
def signed():
    return make_signature(make_petition(), name="Grace Murray Hopper", email="grace.hopper@mail.example")


def address(row):
    return f"{LIST}{row.pk}/reveal/"


def test_the_page_of_a_signature_leads_to_reveal(desk, signed):
    assert address(signed) in desk.get(f"{LIST}{signed.pk}/change/").content.decode()


def test_revealing_asks_why_before_it_shows_anything(desk, signed):
    for answer in (desk.get(address(signed)), desk.post(address(signed), {"reason": "  "})):
        assert "Grace" not in answer.content.decode()
    assert answer.status_code == 422
    assert AuditEntry.objects.count() == 0


def test_revealing_shows_name_and_address_once_and_is_recorded_without_them(desk, signed, admin_user):
    answer = desk.post(address(signed), {"reason": "she wrote to us"})
    page = answer.content.decode()
    assert "Grace Murray Hopper" in page
    assert "grace.hopper@mail.example" in page
    assert "no-store" in answer["Cache-Control"]
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.object_type) == (admin_user, "reveal", "signature")
    assert (entry.object_id, entry.reason, entry.count) == (str(signed.pk), "she wrote to us", 1)
    assert "Grace" not in str(dict(desk.session))
    assert "Grace" not in desk.get(f"{LIST}{signed.pk}/change/").content.decode()


def test_an_address_in_the_reason_is_refused(desk, signed):
    answer = desk.post(address(signed), {"reason": "asked by grace.hopper@mail.example"})
    assert answer.status_code == 422
    assert AuditEntry.objects.count() == 0


def test_revealing_asks_again_who_you_are(client, staff, signed):
    client.force_login(staff("view_signature", "reveal_signature"))
    answer = client.get(address(signed))
    assert answer.status_code == 302
    assert "/confirm-identity/" in answer["Location"]


def test_revealing_needs_its_permission(client, staff, signed):
    mo = staff("view_signature", "change_signature", "find_signature")
    client.force_login(mo)
    _confirmed_identity(client)
    assert client.get(address(signed)).status_code == 403
    assert client.post(address(signed), {"reason": "curious"}).status_code == 403
    assert "reveal/" not in client.get(f"{LIST}{signed.pk}/change/").content.decode()


def test_a_signature_out_of_reach_is_not_revealed(client, staff, signed):
    client.force_login(staff("view_signature", "reveal_signature", petitions=[make_petition()]))
    _confirmed_identity(client)
    assert client.post(address(signed), {"reason": "curious"}).status_code == 404
    assert AuditEntry.objects.count() == 0


def test_nobody_reads_out_the_whole_list(desk, signed, settings):
    settings.DESK_REVEALS_A_DAY = 2
    for _ in range(2):
        assert desk.post(address(signed), {"reason": "a check"}).status_code == 200
    answer = desk.post(address(signed), {"reason": "a check"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "You have revealed 2 signatures within 24 hours" in page
    assert "Grace" not in page
    assert AuditEntry.objects.count() == 2


def test_the_allowance_comes_back_after_a_day_and_is_everybodys_own(staff, admin_user, signed, settings, monkeypatch):
    settings.DESK_REVEALS_A_DAY = 1
    mo = staff("reveal_signature")
    reveal(signature=signed, actor_id=mo.pk, reason="a check")
    with pytest.raises(TooManyRevealsError):
        reveal(signature=signed, actor_id=mo.pk, reason="a check")
    assert reveals_left(admin_user.pk) == 1
    later = timezone.now() + timedelta(hours=24, seconds=1)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert reveals_left(mo.pk) == 1


def test_an_erased_signature_has_nothing_to_reveal(desk):
    row = make_signature(make_petition(), state="erased")
    assert "reveal/" not in desk.get(f"{LIST}{row.pk}/change/").content.decode()
    assert desk.post(address(row), {"reason": "a check"}).status_code == 422
    assert AuditEntry.objects.count() == 0


@pytest.mark.parametrize("wrong", ["x", "019a3b5c-7d00-7000-8000-000000000001"])
def test_a_signature_that_is_none_is_not_found(desk, wrong):
    assert desk.get(f"{LIST}{wrong}/reveal/").status_code == 404


def _confirmed_identity(client):
    import time

    from signatures.desk.entrance.pages import CONFIRMED

    session = client.session
    session[CONFIRMED] = time.time()
    session.save()
