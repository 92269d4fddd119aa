"""Who gets in, and what nobody can do."""

import pytest

from signatures.models import AuditEntry, Petition, Signature, Tally
from tests.factories import make_mail, make_petition, make_signature

pytestmark = pytest.mark.django_db

LISTS = [
    *("petition", "signature", "outgoingmail", "tally", "tallyentry"),
    *("suppression", "auditentry", "consenttext"),
]
READ_ONLY = LISTS[1:]


@pytest.mark.parametrize("name", LISTS)
def test_the_desk_asks_for_a_login(client, name):
    answer = client.get(f"/desk/signatures/{name}/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/desk/login/")


@pytest.mark.parametrize("name", LISTS)
def test_staff_without_permission_are_refused(client, staff, name):
    client.force_login(staff())
    assert client.get(f"/desk/signatures/{name}/").status_code == 403


@pytest.mark.parametrize("name", LISTS)
def test_staff_with_permission_see_the_list(client, staff, name):
    client.force_login(staff(f"view_{name}"))
    assert client.get(f"/desk/signatures/{name}/").status_code == 200


@pytest.mark.parametrize("name", READ_ONLY)
def test_nothing_can_be_added_even_by_a_superuser(desk, name):
    assert desk.get(f"/desk/signatures/{name}/add/").status_code == 403


def test_a_signature_and_its_mail_cannot_be_changed_or_deleted(desk):
    row = make_signature(make_petition())
    mail = make_mail(row)
    for page in (f"signature/{row.pk}", f"outgoingmail/{mail.pk}"):
        assert desk.post(f"/desk/signatures/{page}/change/", {"state": "confirmed"}).status_code == 403
        assert desk.post(f"/desk/signatures/{page}/delete/", {"post": "yes"}).status_code == 403
    desk.post(
        "/desk/signatures/signature/", {"action": "delete_selected", "_selected_action": str(row.pk), "post": "yes"}
    )
    assert Signature.objects.get().state == "pending"


def test_a_tally_and_the_audit_cannot_be_changed_or_deleted(desk):
    petition = make_petition()
    Tally.objects.create(petition=petition, total=7, as_of=petition.created_at)
    entry = AuditEntry.objects.create(action="open", object_type="petition")
    for page in (f"tally/{petition.pk}", f"auditentry/{entry.pk}"):
        assert desk.post(f"/desk/signatures/{page}/change/", {"total": 9, "action": "x"}).status_code == 403
        assert desk.post(f"/desk/signatures/{page}/delete/", {"post": "yes"}).status_code == 403
    assert Tally.objects.get().total == 7
    assert AuditEntry.objects.get().action == "open"


def test_a_petition_cannot_be_deleted(desk):
    petition = make_petition()
    assert desk.post(f"/desk/signatures/petition/{petition.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Petition.objects.filter(pk=petition.pk).exists()


def test_a_change_of_staff_is_recorded(desk, staff, admin_user):
    somebody = staff()
    fields = {
        "username": "mo",
        "first_name": "Mo",
        "is_active": "on",
        "reach-TOTAL_FORMS": "1",
        "reach-INITIAL_FORMS": "1",
        "reach-0-user": str(somebody.pk),
    }
    assert desk.post(f"/desk/auth/user/{somebody.pk}/change/", fields).status_code == 302
    entry = AuditEntry.objects.get(object_type="user")
    assert (entry.actor, entry.action, entry.object_id) == (admin_user, "change", str(somebody.pk))
    assert "Staff status" in entry.reason
