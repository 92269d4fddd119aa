"""The people of the desk: their roles and petitions are given here, and nobody gives themselves more."""

import time

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command

from signatures.desk.entrance.pages import CONFIRMED
from signatures.desk.people.roles import make_roles
from signatures.desk.people.scope import may_reach, reaches_all
from signatures.models import AuditEntry, Reach
from tests.factories import make_petition

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _roles():
    make_roles()


@pytest.fixture
def administrator(client):
    person = User.objects.create_user("alma", is_staff=True)
    person.groups.add(Group.objects.get(name="administrator"))
    Reach.objects.create(user=person, every_petition=True)
    client.force_login(person)
    session = client.session
    session[CONFIRMED] = time.time()
    session.save()
    return person


def filled(person, **changes):
    """The change form as it is sent for a person."""
    return {
        "username": person.username,
        "is_active": "on",
        "is_staff": "on",
        "reach-TOTAL_FORMS": "1",
        "reach-INITIAL_FORMS": str(int(hasattr(person, "reach"))),
        "reach-0-user": str(person.pk),
    } | changes


def test_an_administrator_gives_a_role_and_petitions(client, administrator):
    petition, other = make_petition(), make_petition()
    person = User.objects.create_user("mo", is_staff=True)
    role = Group.objects.get(name="moderator")
    form = filled(person, groups=[str(role.pk)]) | {"reach-0-petitions": [str(petition.pk)]}
    answer = client.post(f"/desk/auth/user/{person.pk}/change/", form)
    assert answer.status_code == 302, answer.context["errors"]
    person = User.objects.get(pk=person.pk)
    assert list(person.groups.all()) == [role]
    assert may_reach(person, petition.pk)
    assert not may_reach(person, other.pk)
    assert "roles" in AuditEntry.objects.get(object_type="user").reason.lower()
    listed = client.get("/desk/auth/user/").content.decode()
    assert "moderator" in listed
    assert petition.slug in listed


def test_every_petition_means_those_to_come_too(client, administrator):
    person = User.objects.create_user("mo", is_staff=True)
    client.post(f"/desk/auth/user/{person.pk}/change/", filled(person) | {"reach-0-every_petition": "on"})
    assert may_reach(User.objects.get(pk=person.pk), make_petition().pk)


def test_whoever_is_added_works_here_and_reaches_nothing_yet(client, administrator):
    words = {"usable_password": "true", "password1": "a long pass phrase", "password2": "a long pass phrase"}
    client.post("/desk/auth/user/add/", {"username": "new"} | words)
    person = User.objects.get(username="new")
    assert person.is_staff
    assert not may_reach(person, make_petition().pk)


def test_an_administrator_can_neither_make_nor_change_a_superuser(client, administrator, admin_user):
    client.post(f"/desk/auth/user/{administrator.pk}/change/", filled(administrator, is_superuser="on"))
    assert not User.objects.get(pk=administrator.pk).is_superuser
    for page in ("change", "password"):
        answer = client.post(f"/desk/auth/user/{admin_user.pk}/{page}/", {"username": "taken", "password1": "x"})
        assert answer.status_code == 403
    ticked = {"action": "reset_second_factor", "_selected_action": str(admin_user.pk), "reason": "lost"}
    client.post("/desk/auth/user/", ticked)
    assert not AuditEntry.objects.filter(object_id=str(admin_user.pk)).exists()


def test_an_administrator_of_one_petition_gives_nobody_more(client, administrator):
    Reach.objects.filter(user=administrator).update(every_petition=False)
    for page in ("", "add/", f"{administrator.pk}/change/"):
        assert client.get(f"/desk/auth/user/{page}").status_code == 403


def test_the_five_roles_are_looked_at_and_not_changed(client, administrator):
    role = Group.objects.get(name="viewer")
    assert client.get(f"/desk/auth/group/{role.pk}/change/").status_code == 200
    assert client.post(f"/desk/auth/group/{role.pk}/change/", {"name": "viewer"}).status_code == 403


def test_the_first_login_is_an_administrator_of_every_petition(capsys):
    call_command("createstaff", "alma")
    person = User.objects.get(username="alma")
    assert [group.name for group in person.groups.all()] == ["administrator"]
    assert reaches_all(person)
    assert person.check_password(capsys.readouterr().out.strip())


def test_a_new_password_changes_neither_role_nor_petitions():
    petition = make_petition()
    call_command("createstaff", "mo", "--role", "viewer", "--petition", petition.slug)
    call_command("createstaff", "mo")
    person = User.objects.get(username="mo")
    assert [group.name for group in person.groups.all()] == ["viewer"]
    assert may_reach(person, petition.pk)
    assert not reaches_all(person)


def test_an_unknown_petition_is_said_and_nobody_is_made():
    with pytest.raises(CommandError, match="nowhere"):
        call_command("createstaff", "mo", "--petition", "nowhere")
    assert not User.objects.exists()
