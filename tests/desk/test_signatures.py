"""Signatures at the desk: masked, found, held and released."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from signatures.models import AuditEntry, Suppression
from signatures.privacy.indexes import person_index
from signatures.signing.confirm import confirm
from signatures.signing.guard.doubt import Doubt
from tests.factories import make_petition, make_signature
from tests.signing.conftest import counted  # noqa: F401

pytestmark = pytest.mark.django_db

LIST = "/desk/signatures/signature/"


def find(desk, text):
    return desk.post(f"{LIST}find/", {"q": text}, follow=True)


def act(desk, action, *rows, reason=None, **fields):
    """Tick rows and choose an action; with a reason, also give it on the page that asks."""
    asked = desk.post(LIST, {"action": action, "_selected_action": [str(row.pk) for row in rows], **fields})
    if asked.status_code != 302 or reason is None:
        return desk.get(asked["Location"]) if asked.status_code == 302 else asked
    page = desk.get(asked["Location"])
    if page.status_code != 200 or "selection" not in (page.context or {}):
        return page
    return desk.post(asked["Location"], {"selection": page.context["selection"], "reason": reason}, follow=True)


def test_neither_list_nor_page_shows_a_full_name_or_address(desk):
    row = make_signature(make_petition(), name="Grace Murray Hopper", email="grace.hopper@mail.example")
    for address in (LIST, f"{LIST}{row.pk}/change/"):
        page = desk.get(address).content.decode()
        assert "G… H…" in page
        assert "g…@mail.example" in page
        for part in ("Grace", "Murray", "Hopper", "grace", "hopper"):
            assert part not in page


def test_an_erased_signature_says_so(desk):
    make_signature(make_petition(), state="erased")
    assert "erased" in desk.get(LIST).content.decode()


def test_an_exact_address_finds_its_signatures_in_every_petition(desk):
    mine = [make_signature(make_petition(), email="ada@mail.example") for _ in range(2)]
    other = make_signature(make_petition(), email="bob@mail.example")
    answer = find(desk, " ada@MAIL.example ")
    page = answer.content.decode()
    assert "2 signatures match exactly" in page
    assert all(str(row.pk) in page for row in mine)
    assert str(other.pk) not in page
    assert "ada@" not in page
    assert "ada@" not in str(answer.redirect_chain)
    assert "mail.example" not in str(answer.redirect_chain)


def test_another_spelling_of_the_address_finds_the_same_person_and_says_so(desk):
    row = make_signature(make_petition(), email="a.d.a@gmail.com")
    page = find(desk, "ada+letters@googlemail.com").content.decode()
    assert str(row.pk) in page
    assert "spelled the address otherwise" in page
    assert "exactly" not in page


def test_an_id_finds_its_signature(desk):
    row, other = make_signature(make_petition()), make_signature(make_petition())
    page = find(desk, str(row.pk)).content.decode()
    assert f"{LIST}{row.pk}/" in page
    assert str(other.pk) not in page


@pytest.mark.parametrize("text", ["ada", "ada@", "Ada Example", "mail.example", "", "@", "@@", "a\0b", "é" * 400])
def test_a_name_or_a_part_of_an_address_finds_nothing_and_says_why(desk, text):
    make_signature(make_petition(), email="ada@mail.example")
    answer = find(desk, text)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Names and parts of addresses cannot be searched" in page
    assert "24 Nov 2026" in page, "an example"
    assert AuditEntry.objects.count() == 0


def test_an_unknown_address_says_so(desk):
    make_signature(make_petition())
    assert "No signature with this address" in find(desk, "nobody@mail.example").content.decode()


def test_a_search_is_recorded_without_the_address(desk, admin_user):
    make_signature(make_petition(), email="ada@mail.example")
    find(desk, "ada@mail.example")
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.count, entry.object_id, entry.reason) == (admin_user, "search", 1, "", "")


def test_a_search_needs_the_permission_to_see_signatures(client, staff):
    client.force_login(staff("view_petition"))
    assert client.post(f"{LIST}find/", {"q": "held"}).status_code == 403


@pytest.mark.parametrize("text", ["ada@mail.example", "@mail.example", "held @mail.example"])
def test_a_search_for_somebody_needs_the_permission_to_find(client, staff, text):
    client.force_login(staff("view_signature"))
    assert client.post(f"{LIST}find/", {"q": text}).status_code == 403
    assert client.post(f"{LIST}find/", {"q": "held"}).status_code == 302


def test_holding_asks_why_before_it_does_anything(desk, counted):  # noqa: F811
    petition = make_petition()
    row = make_signature(petition)
    confirm(signature_id=row.pk, revision=0)
    assert "Reason" in act(desk, "hold_selected", row).content.decode()
    assert act(desk, "hold_selected", row, reason="  ").status_code == 422
    assert counted(petition) == 1


def test_holding_and_releasing_move_the_count_and_are_recorded(desk, admin_user, counted):  # noqa: F811
    petition = make_petition()
    rows = [make_signature(petition) for _ in range(3)]
    for row in rows:
        confirm(signature_id=row.pk, revision=0)
    assert (
        "Hold for review: 2 signatures" in act(desk, "hold_selected", *rows[:2], reason="one network").content.decode()
    )
    assert counted(petition) == 1
    assert (
        "Release from review: 2 signatures"
        in act(desk, "release_selected", *rows[:2], reason="a class").content.decode()
    )
    assert counted(petition) == 3
    entries = AuditEntry.objects.order_by("id").values_list("actor", "action", "count", "reason")
    assert list(entries) == [
        (admin_user.pk, "hold", 2, "one network"),
        (admin_user.pk, "job done", 2, "one network"),
        (admin_user.pk, "release", 2, "a class"),
        (admin_user.pk, "job done", 2, "a class"),
    ]


def test_choosing_across_pages_holds_only_what_was_ticked(desk):
    petition = make_petition()
    ticked, left = make_signature(petition), make_signature(petition)
    act(desk, "hold_selected", ticked, reason="doubtful", select_across="1")
    ticked.refresh_from_db()
    left.refresh_from_db()
    assert (ticked.state, left.state) == ("held", "pending")


def test_staff_who_may_only_look_cannot_hold(client, staff):
    client.force_login(staff("view_signature"))
    row = make_signature(make_petition())
    assert "hold_selected" not in client.get(LIST).content.decode()
    act(client, "hold_selected", row, reason="doubtful")
    row.refresh_from_db()
    assert row.state == "pending"


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("state=held", {"held"}),
        ("state=pending", {"due", "bounced", "sent", "abroad"}),
        ("mail=due", {"due"}),
        ("mail=bounced", {"bounced"}),
        ("mail=sent", {"sent"}),
        ("country=DE", {"abroad"}),
        ("country=nowhere", {"due", "held", "bounced", "sent", "abroad"}),
    ],
)
def test_filters_narrow_the_list(desk, query, shown):
    petition = make_petition()
    now = petition.created_at
    rows = {
        "held": make_signature(petition, state="held"),
        "due": make_signature(petition, mail_due_at=now),
        "bounced": make_signature(petition, bounced_at=now),
        "sent": make_signature(petition, mail_sent_at=now),
        "abroad": make_signature(petition, country="DE"),
    }
    page = desk.get(f"{LIST}?{query}").content.decode()
    assert {name for name, row in rows.items() if str(row.pk) in page} == shown


@pytest.mark.parametrize("reason", ["trap", "patience", "domain", "staff"])
def test_held_signatures_are_listed_by_their_reason(desk, reason):
    petition = make_petition()
    rows = {doubt.name.lower(): make_signature(petition, state="held", held_reason=str(doubt)) for doubt in Doubt} | {
        "staff": make_signature(petition, state="held", held_reason="one class, one network")
    }
    make_signature(petition)
    page = desk.get(f"{LIST}?reason={reason}").content.decode()
    assert {name for name, row in rows.items() if str(row.pk) in page} == {reason}


def test_a_petition_is_a_filter_too(desk):
    one, other = make_signature(make_petition()), make_signature(make_petition())
    page = desk.get(f"{LIST}?petition={one.petition_id}").content.decode()
    assert str(one.pk) in page
    assert str(other.pk) not in page


def test_older_rows_are_one_link_away(desk, monkeypatch):
    from signatures.desk.signatures import SignatureAdmin

    monkeypatch.setattr(SignatureAdmin, "list_per_page", 2)
    petition = make_petition()
    rows = [make_signature(petition) for _ in range(5)]
    seen, page = [], desk.get(f"{LIST}?state=pending")
    while True:
        changelist = page.context["cl"]
        seen += [row.pk for row in changelist.result_list]
        if not changelist.older:
            break
        page = desk.get(LIST + changelist.older)
    assert seen == [row.pk for row in reversed(rows)]


@pytest.mark.parametrize(
    "query", ["before=x", "found=x", "before=%00", "p=9999", "o=1.-2", "petition=x", "state=%00", "q=ada"]
)
def test_an_address_made_by_hand_is_no_error(desk, query):
    make_signature(make_petition())
    assert desk.get(f"{LIST}?{query}", follow=True).status_code == 200


def test_the_list_asks_the_database_the_same_whatever_the_number_of_rows(desk):
    def queries():
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert desk.get(LIST).status_code == 200
        assert not any("COUNT(" in query["sql"].upper() for query in asked)
        return len(asked)

    petition = make_petition()
    make_signature(petition)
    first = queries()
    few = queries()
    for _ in range(30):
        make_signature(petition)
    assert queries() == few < first, "the numbers beside the filters are kept for a moment"
    assert (few, first) == (11, 15), "two of them keep the session's idle time"


def test_lifting_a_suppression_asks_why_and_is_recorded(desk, admin_user):
    row = Suppression.objects.create(petition=make_petition(), person_index=person_index("ada@mail.example"))
    assert f"found={row.pk}" in find(desk, "ada@mail.example").content.decode()
    fields = {"action": "lift_selected", "_selected_action": [str(row.pk)]}
    assert "Reason" in desk.post("/desk/signatures/suppression/", fields).content.decode()
    assert Suppression.objects.count() == 1
    desk.post("/desk/signatures/suppression/", fields | {"reason": "she asked us to"})
    assert Suppression.objects.count() == 0
    entry = AuditEntry.objects.get(action="lift")
    assert (entry.actor, entry.object_id, entry.reason) == (admin_user, str(row.pk), "she asked us to")
