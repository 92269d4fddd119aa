"""Per-petition access: of a petition that somebody does not work on, the desk shows and changes nothing."""

import json

import pytest

from signatures.desk.jobs.selection import Selection
from signatures.desk.people.scope import may_reach, petitions_for
from signatures.models import AuditEntry, NameReview, Petition, Reach, Suppression, TallyEntry, WebhookEndpoint
from signatures.privacy.indexes import person_index
from signatures.signing.review.names import waiting_names
from tests.factories import make_mail, make_petition, make_signature, make_update

pytestmark = pytest.mark.django_db

PERMISSIONS = [
    *("view_petition", "change_petition", "add_petition", "view_letterrevision", "view_campaignupdate"),
    *("view_signature", "change_signature", "view_suppression", "delete_suppression", "view_outgoingmail"),
    *("view_tally", "view_tallyentry", "change_waitingname", "view_namereview"),
    *("view_webhookendpoint", "change_webhookendpoint", "view_webhookdelivery", "find_signature"),
]
STORE = "/desk/signatures/petition/import/store/"
LETTER = {"title": "A letter", "body": "Other words.", "language": "en", "addressee": "All"}
HEAD = "---\ntitle: A letter\nslug: {slug}\n---\n\nOther words.\n"


@pytest.fixture
def ours():
    return make_petition(slug="ours")


@pytest.fixture
def theirs():
    return make_petition(slug="theirs")


@pytest.fixture
def mo(client, staff, ours):
    person = staff(*PERMISSIONS, petitions=[ours])
    client.force_login(person)
    return person


def rows_of(petition):
    """One row of each kind that the desk lists, by the address of its list."""
    row = make_signature(petition, state="confirmed", show_name=True)
    NameReview.objects.create(
        signature=make_signature(petition, state="confirmed"),
        petition=petition,
        name_digest=b"x",
        verdict="refused",
        reason="other",
        reviewed_at=row.created_at,
        place=row.pk,
    )
    return {
        "petition": petition,
        "signature": row,
        "suppression": Suppression.objects.create(petition=petition, person_index=person_index("no@mail.example")),
        "outgoingmail": make_mail(row),
        "tallyentry": TallyEntry.objects.create(petition=petition, country="FR", day=row.created_at.date(), delta=1),
        "namereview": NameReview.objects.get(petition=petition),
        "campaignupdate": make_update(petition),
        "webhookendpoint": WebhookEndpoint.objects.create(
            petition=petition, partner="A partner", url="https://partner.example/hook", secret_sealed=b"x"
        ),
    }


def test_a_list_ends_where_the_petitions_of_a_person_do(client, mo, ours, theirs):
    here, there = rows_of(ours), rows_of(theirs)
    for name in here:
        page = client.get(f"/desk/signatures/{name}/").content.decode()
        assert f"/{name}/{here[name].pk}/change/" in page, name
        assert f"/{name}/{there[name].pk}/change/" not in page, name


def test_a_row_of_another_petition_answers_as_one_that_never_was(client, mo, theirs):
    for name, row in rows_of(theirs).items():
        answer = client.get(f"/desk/signatures/{name}/{row.pk}/change/")
        assert (answer.status_code, answer["Location"]) == (302, "/desk/"), name
    for way in ("open", "close", "sources"):
        assert client.get(f"/desk/signatures/petition/{theirs.pk}/{way}/").status_code == 404


def test_no_choice_names_another_petition(client, mo, ours, theirs):
    assert "theirs" not in client.get("/desk/signatures/signature/").content.decode()
    assert "theirs" not in client.get("/desk/signatures/waitingname/").content.decode()


def test_an_action_leaves_rows_of_other_petitions_alone(client, mo, ours, theirs):
    here, there = make_signature(ours), make_signature(theirs)
    ticked = {"action": "hold_selected", "_selected_action": [str(here.pk), str(there.pk)]}
    page = client.get(client.post("/desk/signatures/signature/", ticked)["Location"])
    given = {"selection": page.context["selection"], "reason": "a wave"}
    client.post("/desk/signatures/signature/bulk/hold/", given)
    selection = json.dumps(Selection.of_ids(theirs.pk, [there.pk]).params())
    assert client.post("/desk/signatures/signature/bulk/hold/", given | {"selection": selection}).status_code == 404
    for row in (here, there):
        row.refresh_from_db()
    assert (here.state, there.state) == ("held", "pending")


def test_a_name_of_another_petition_cannot_be_judged(client, mo, theirs):
    make_signature(theirs, state="confirmed", show_name=True)
    (name,) = waiting_names(most=9, petition_ids=[theirs.pk])
    ticket = f"{name.signature_id.hex}:{name.digest.hex()}"
    client.post("/desk/signatures/waitingname/", {"shown": ticket, "approve": "1"})
    assert len(waiting_names(most=9, petition_ids=[theirs.pk])) == 1


def test_a_search_finds_nobody_of_another_petition(client, mo, theirs):
    row = make_signature(theirs, email="ada@mail.example")
    for text in ("ada@mail.example", str(row.pk)):
        page = client.post("/desk/signatures/signature/find/", {"q": text}, follow=True).content.decode()
        assert str(row.pk) not in page


def test_an_import_changes_no_petition_of_others(client, mo, theirs):
    shown = client.post("/desk/signatures/petition/import/", {"text": HEAD.format(slug="theirs")})
    assert f'value="{theirs.pk}"' not in shown.content.decode()
    for fields in ({"slug": "theirs"}, {"petition": theirs.pk}):
        answer = client.post(STORE, LETTER | fields)
        assert answer.status_code == 422
    assert theirs.letters.get().body.startswith("We ask")
    assert not AuditEntry.objects.exists()


def test_who_begins_a_petition_goes_on_with_it(client, mo):
    client.post(STORE, LETTER | {"slug": "mine"})
    assert may_reach(mo, Petition.objects.get(slug="mine").pk)


def test_whoever_has_no_reach_sees_no_petition(staff, ours):
    person = staff("view_petition")
    assert list(petitions_for(person)) == [ours]
    Reach.objects.all().delete()
    person = type(person).objects.get(pk=person.pk)
    assert not petitions_for(person).exists()
