"""The list of signatures: what narrows it, in what order, how it is counted, and who sees what."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from uuid_utils import uuid7

from signatures.desk.jobs.selection import first_id
from signatures.desk.search import newest
from signatures.models import AuditEntry, Petition, Signature
from signatures.privacy.indexes import domain_index
from tests.factories import make_petition, make_signature

pytestmark = pytest.mark.django_db

LIST = "/desk/signatures/signature/"


def shown(desk, query):
    answer = desk.get(f"{LIST}?{query}")
    assert answer.status_code == 200
    return [row.pk for row in answer.context["cl"].result_list]


def found(desk, text):
    return desk.post(f"{LIST}find/", {"q": text}, follow=True)


def signed_at(petition, at, **fields):
    """A signature whose id says when it was signed, as those of `sign()` do."""
    return make_signature(petition, at=at, id=UUID(bytes=uuid7(nanoseconds=int(at.timestamp() * 1e9)).bytes), **fields)


@pytest.fixture
def two_petitions():
    return make_petition(slug="clean-water"), make_petition(slug="clean-air")


def test_every_combination_shows_what_matches_newest_first(desk, two_petitions):
    rows = []
    for number in range(3):
        for petition in two_petitions:
            for state in Signature.State.values:
                extra = {"invalid_at": petition.created_at, "invalid_reason": "fake"} if state == "invalid" else {}
                for country in (None, "FR", "DE"):
                    rows.append(
                        make_signature(
                            petition,
                            state=state,
                            country=country,
                            email=f"{state}-{country}-{number}@{'flood' if country == 'FR' else 'mail'}.example",
                            source="post" if number == 1 and state != "erased" else "",
                            **extra,
                        )
                    )
    rows = list(Signature.objects.order_by("-id"))
    flood = domain_index("flood.example")

    def matches(row, query):
        if row.state == "erased" and query.keys() <= {"country", "petition"} and "country" in query:
            return False  # it says nothing of its country any more, not even that none was said
        return all(
            {
                "state": row.state == value,
                "country": row.country == (None if value == "-" else value),
                "petition": row.petition.slug == value,
                "source": row.source == value,
                "domain": row.domain_index is not None and bytes(row.domain_index) == flood,
            }[name]
            for name, value in query.items()
        )

    some = [("state", each) for each in ("pending", "confirmed", "held", "withdrawn", "invalid", "erased")]
    some += [("country", "FR"), ("country", "-"), ("petition", "clean-air"), ("source", "post"), ("domain", "x")]
    for first in some:
        for second in some:
            query = dict([first, second])
            if first[0] == second[0] and first != second:
                continue
            address = "&".join(
                f"{name}={two_petitions[1].pk if name == 'petition' else flood.hex() if name == 'domain' else value}"
                for name, value in query.items()
            )
            expected = [row.pk for row in rows if matches(row, query)]
            assert shown(desk, address) == expected, query


def test_pages_follow_each_other_whatever_the_petitions_and_states(desk, two_petitions, monkeypatch):
    from signatures.desk.signatures import SignatureAdmin

    monkeypatch.setattr(SignatureAdmin, "list_per_page", 4)
    rows = [
        make_signature(petition, state=state)
        for _ in range(3)
        for petition in two_petitions
        for state in ("pending", "held", "confirmed")
    ]
    seen, query = [], "?country=FR"
    while query:
        changelist = desk.get(LIST + query).context["cl"]
        seen += [row.pk for row in changelist.result_list]
        query = changelist.older
    assert seen == [row.pk for row in reversed(rows)]


def test_a_day_is_the_utc_day_on_which_the_form_was_first_sent(desk):
    petition = make_petition()
    midnight = datetime(2026, 11, 24, tzinfo=UTC)
    before = signed_at(petition, midnight - timedelta(seconds=1))
    first = signed_at(petition, midnight)
    last = signed_at(petition, midnight + timedelta(hours=23, minutes=59, seconds=59))
    after = signed_at(petition, midnight + timedelta(days=1))
    assert shown(desk, "signed_from=2026-11-24&signed_until=2026-11-24") == [last.pk, first.pk]
    assert shown(desk, "signed_from=2026-11-24") == [after.pk, last.pk, first.pk]
    assert shown(desk, "signed_until=2026-11-24&state=pending") == [last.pk, first.pk, before.pk]
    assert first_id(midnight) <= first.pk


def test_the_first_digits_of_an_id_find_what_begins_so(desk):
    petition = make_petition()
    one = make_signature(petition, id=UUID("019a3b5c-7d00-7000-8000-000000000001"))
    two = make_signature(petition, id=UUID("019a3b5c-8e00-7000-8000-000000000002"))
    other = make_signature(petition, id=UUID("019a3b5d-0000-7000-8000-000000000003"))
    assert shown(desk, "id=019a3b5c") == [two.pk, one.pk]
    page = found(desk, "019a3b5c-7d").content.decode()
    assert str(one.pk) in page
    assert str(two.pk) not in page
    assert "No signature matches" in found(desk, "019a3b5e").content.decode()
    assert str(other.pk) in found(desk, str(other.pk)).content.decode()
    assert AuditEntry.objects.count() == 0, "an id is nobody"


def test_a_search_that_names_nobody_becomes_the_filters_and_says_so(desk):
    petition = make_petition()
    at = datetime(2026, 11, 24, 12, tzinfo=UTC)
    row = signed_at(petition, at, state="held", country="FR")
    signed_at(petition, at, state="held", country="DE")
    answer = found(desk, "held France 2026-11-24")
    [(address, _status)] = answer.redirect_chain
    assert address == f"{LIST}?state=held&country=FR&signed_from=2026-11-24&signed_until=2026-11-24"
    page = answer.content.decode()
    assert "Held signatures from France signed on 24 November 2026 (UTC)" in page
    assert [each.pk for each in answer.context["cl"].result_list] == [row.pk]
    assert '<option value="FR" selected>' in page
    assert AuditEntry.objects.count() == 0


def test_a_domain_finds_a_flood_and_is_recorded_without_itself(desk, admin_user):
    petition = make_petition()
    flood = [make_signature(petition, email=f"{number}@flood.example") for number in range(3)]
    make_signature(petition, email="ada@sub.flood.example")
    answer = found(desk, "pending @Flood.Example")
    assert [row.pk for row in answer.context["cl"].result_list] == [row.pk for row in reversed(flood)]
    assert "Unconfirmed signatures with an address at @flood.example" in answer.content.decode()
    [(address, _status)] = answer.redirect_chain
    assert "flood" not in address
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.object_type, entry.object_id) == (admin_user, "search", "mail domain", "")


def test_a_list_of_a_domain_needs_the_permission_to_find(client, staff):
    row = make_signature(make_petition(), email="ada@flood.example")
    other = make_signature(row.petition, email="bob@mail.example")
    client.force_login(staff("view_signature"))
    assert shown(client, f"domain={domain_index('flood.example').hex()}") == [other.pk, row.pk], "not narrowed by it"


def test_an_address_and_a_state_narrow_each_other(desk):
    held, pending = (
        make_signature(make_petition(), email="ada@mail.example", state=state) for state in ("held", "pending")
    )
    found_both = found(desk, "ada@mail.example").context["cl"].result_list
    assert {row.pk for row in found_both} == {held.pk, pending.pk}
    assert [row.pk for row in found(desk, "held ada@mail.example").context["cl"].result_list] == [held.pk]


def test_what_was_not_understood_is_said_and_kept_nowhere(desk):
    make_signature(make_petition())
    answer = desk.post(f"{LIST}find/", {"q": "held Grace Hopper"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "<q>Grace</q>, <q>Hopper</q>" in page
    assert "Held signatures" in page
    assert f"{LIST}?state=held" in page
    assert "Grace" not in str(dict(desk.session))
    assert "messages" not in desk.cookies


def test_numbers_beside_the_filters_are_of_the_reached_petitions(client, staff, two_petitions):
    for petition, number in zip(two_petitions, (2, 5), strict=True):
        for _ in range(number):
            make_signature(petition, state="held")
    client.force_login(staff("view_signature", petitions=[two_petitions[0]]))
    page = client.get(LIST).content.decode()
    assert "held for review (2)" in page
    assert "clean-air" not in page


def test_a_count_ends_at_a_bound(desk, monkeypatch):
    monkeypatch.setattr(newest, "MOST", 3)
    monkeypatch.setattr("signatures.desk.search.form.MOST", 3)
    petition = make_petition()
    for _ in range(5):
        make_signature(petition, state="held")
    page = desk.get(f"{LIST}?state=held").content.decode()
    assert "held for review (3+)" in page
    assert '<span class="number">3+</span>' in page


def test_confirmed_signatures_are_counted_by_the_fold(desk):
    from signatures.signing.confirm import confirm
    from signatures.tally.fold import fold

    petition = make_petition()
    row = make_signature(petition, country="FR")
    confirm(signature_id=row.pk, revision=0)
    fold()
    page = desk.get(LIST).content.decode()
    assert "confirmed (1)" in page
    assert "France (1)" in page


@pytest.mark.parametrize(
    ("query", "complaint"),
    [
        ("signed_from=yesterday", "Enter a valid date"),
        ("signed_from=2026-11-24&signed_until=2026-11-23", "This day is before the first"),
        ("source=UPPER", "A tag has small letters"),
        ("country=nowhere", "Select a valid choice"),
    ],
)
def test_what_is_no_value_narrows_nothing_and_says_so(desk, query, complaint):
    row = make_signature(make_petition())
    assert str(row.pk) in desk.get(f"{LIST}?{query}").content.decode()
    assert complaint in desk.get(f"{LIST}?{query}").content.decode()


@pytest.mark.parametrize(
    "query", ["domain=x", "id=x", "id=%00", "domain=%00", "signed_from=%00", "petition=9999999999"]
)
def test_an_address_made_by_hand_narrows_nothing(desk, query):
    row = make_signature(make_petition())
    assert shown(desk, query) == [row.pk]


def test_an_empty_list_says_what_to_do(desk, client, staff):
    assert "Nobody has signed yet" not in desk.get(LIST).content.decode()
    assert "You work on no petition yet" in desk.get(LIST).content.decode()
    make_petition()
    assert "Nobody has signed yet" in desk.get(LIST).content.decode()
    assert "No signature matches" in desk.get(f"{LIST}?state=held").content.decode()


def test_no_list_counts_all_rows_or_depends_on_their_number(desk):
    petition = make_petition()

    def asked(query):
        with CaptureQueriesContext(connection) as queries:
            shown(desk, query)
        assert not any("COUNT(" in query["sql"].upper() for query in queries)
        return len(queries)

    address = f"petition={petition.pk}&state=held&country=FR&mail=due"
    make_signature(petition, state="held", mail_due_at=petition.created_at)
    asked(address)
    few = asked(address)
    for _ in range(20):
        make_signature(petition, state="held", mail_due_at=petition.created_at)
    assert asked(address) == few == 11


def test_a_held_signature_says_why_in_the_list(desk):
    make_signature(make_petition(), state="held", held_reason="one class, one network")
    page = desk.get(LIST).content.decode()
    assert '<span class="state held">held for review</span>' in page
    assert "one class, one network" in page


def test_a_petition_out_of_reach_is_no_choice_and_no_filter(client, staff, two_petitions):
    mine, theirs = (make_signature(petition) for petition in two_petitions)
    client.force_login(staff("view_signature", petitions=[two_petitions[0]]))
    assert shown(client, f"petition={two_petitions[1].pk}") == [mine.pk]
    assert shown(client, f"id={theirs.pk.hex}") == []
    assert Petition.objects.count() == 2
