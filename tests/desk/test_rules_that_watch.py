"""Rules that watch, at the desk: begun and stopped for a reason, ended by a change, and what they held found again."""

from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from signatures.desk.home.counting import count_petitions
from signatures.desk.jobs.bulk import bulk_address
from signatures.desk.jobs.selection import Selection, by_held_reason
from signatures.desk.rules.held import held_address
from signatures.desk.rules.matching import selection_of
from signatures.models import AuditEntry, Job, Rule, Signature
from signatures.signing.guard.doubt import Doubt
from signatures.signing.guard.watching import _of_all, reason_of
from tests.factories import make_petition, make_signature

from .jobs.test_rules import FORM

pytestmark = pytest.mark.django_db
LIST = "/desk/signatures/signature/"
RULES = "/desk/signatures/rule/"


@pytest.fixture
def petition():
    return make_petition(slug="water")


@pytest.fixture
def rule(petition):
    return Rule.objects.create(petition=petition, name="the wave", country="KZ")


def page_of(rule, page):
    return reverse(f"admin:signatures_rule_{page}", args=[rule.pk])


def begin(client, rule, **fields):
    form = {"days": "7", "reason": "a wave", "edition": rule.edition} | fields
    return client.post(page_of(rule, "watch"), form)


def edit(client, rule, **fields):
    form = FORM | {"name": rule.name, "country": rule.country, "network": rule.network} | fields
    answer = client.post(page_of(rule, "change"), form, follow=True)
    rule.refresh_from_db()
    return answer


def said():
    return list(AuditEntry.objects.order_by("id").values_list("actor__username", "action", "object_id", "reason"))


def held_by(rule, **fields):
    return make_signature(rule.petition, state="held", held_reason=reason_of(rule.pk), **fields)


# -------------------------------------------------------------------------------------------- begin, stop, end
def test_a_watch_is_looked_at_begun_for_a_reason_and_recorded(desk, rule, django_capture_on_commit_callbacks):
    make_signature(rule.petition, country="KZ")
    _of_all()  # remembered: nothing watches
    page = desk.get(page_of(rule, "watch")).content.decode()
    assert "1 signature matches" in page
    rule.refresh_from_db()
    assert rule.watches_until is None, "nobody has said go"
    assert begin(desk, rule, reason="").status_code == 422
    assert begin(desk, rule, days="365").status_code == 422
    assert said() == []
    with django_capture_on_commit_callbacks(execute=True):
        answer = begin(desk, rule)
    assert answer["Location"] == page_of(rule, "change")
    rule.refresh_from_db()
    assert timedelta(days=6.99) < rule.watches_until - timezone.now() <= timedelta(days=7)
    assert said() == [("admin", "watch", str(rule.pk), "7 days: a wave")]
    assert rule.petition_id in _of_all(), "this process knows at once"
    shown = desk.get(page_of(rule, "change")).content.decode()
    assert "Stop watching…" in shown
    assert "It watches already" in desk.get(page_of(rule, "watch")).content.decode()


def test_a_watch_is_stopped_for_a_reason_and_recorded_once(desk, rule):
    begin(desk, rule)
    assert desk.get(page_of(rule, "stop")).status_code == 200
    assert desk.post(page_of(rule, "stop"), {"reason": ""}).status_code == 422
    assert desk.post(page_of(rule, "stop"), {"reason": "it is over"}).status_code == 302
    desk.post(page_of(rule, "stop"), {"reason": "again"})
    rule.refresh_from_db()
    assert not rule.watches
    assert [each[1:] for each in said()][1:] == [("stop watching", str(rule.pk), "it is over")]
    assert "Stop watching…" not in desk.get(page_of(rule, "change")).content.decode()


def test_changing_the_conditions_ends_the_watch_and_says_so(desk, rule):
    begin(desk, rule)
    answer = edit(desk, rule, country="FR")
    assert "It does not watch any more" in answer.content.decode()
    assert not rule.watches
    assert ("admin", "stop watching", str(rule.pk), "its conditions were changed") in said()


def test_another_name_changes_nothing(desk, rule):
    begin(desk, rule)
    edit(desk, rule, name="another name")
    assert (rule.name, rule.watches) == ("another name", True)


def test_a_rule_changed_since_it_was_looked_at_does_not_begin(desk, rule):
    seen = rule.edition
    edit(desk, rule, country="FR")
    answer = begin(desk, rule, edition=seen)
    assert answer.status_code == 422
    assert "changed meanwhile" in answer.content.decode()
    rule.refresh_from_db()
    assert rule.watches_until is None
    assert "watch" not in [each[1] for each in said()]


@pytest.mark.parametrize("edition", ["", "x", "00000000-0000-0000-0000-000000000001"])
def test_an_edition_made_by_hand_begins_nothing(desk, rule, edition):
    assert begin(desk, rule, edition=edition).status_code == 422
    rule.refresh_from_db()
    assert rule.watches_until is None


def test_a_time_of_signing_that_is_over_is_nothing_to_watch_for(desk, rule):
    Rule.objects.update(signed_before=timezone.now() - timedelta(days=1))
    answer = begin(desk, rule)
    assert answer.status_code == 422
    assert "is over" in answer.content.decode()
    rule.refresh_from_db()
    assert rule.watches_until is None


@pytest.mark.parametrize("action", ["release", "invalidate"])
def test_only_a_rule_that_holds_can_watch(desk, petition, action):
    rule = Rule.objects.create(petition=petition, name="x", country="KZ", action=action)
    assert desk.get(page_of(rule, "watch")).status_code == begin(desk, rule).status_code == 404
    assert "Only a rule that holds can watch" in desk.get(page_of(rule, "change")).content.decode()


def test_it_needs_the_permission_to_hold(client, staff, rule):
    rules = "view_rule", "add_rule", "change_rule"
    client.force_login(staff(*rules, username="jo"))
    assert client.get(page_of(rule, "watch")).status_code == begin(client, rule).status_code == 403
    assert client.post(page_of(rule, "stop"), {"reason": "x"}).status_code == 403
    client.force_login(staff(*rules, "change_signature"))
    assert begin(client, rule).status_code == 302
    client.force_login(staff("view_rule", "change_signature", username="al"))
    assert client.post(page_of(rule, "stop"), {"reason": "x"}).status_code == 403
    rule.refresh_from_db()
    assert rule.watches


def test_a_rule_of_another_petition_does_not_exist(client, staff, rule):
    client.force_login(staff("view_rule", "change_rule", "change_signature", petitions=[make_petition()]))
    assert begin(client, rule).status_code == client.post(page_of(rule, "stop"), {"reason": "x"}).status_code == 404
    rule.refresh_from_db()
    assert rule.watches_until is None


# ------------------------------------------------------------------------------------------------ the network
def test_a_rule_with_a_network_watches_and_is_not_run(desk, petition):
    make_signature(petition, country="FR")
    added = desk.post(f"{RULES}add/", FORM | {"petition": petition.pk, "network": "::ffff:203.0.113.7/120"})
    assert added.status_code == 302
    rule = Rule.objects.get()
    assert rule.network == "203.0.113.0/24"
    page = desk.get(page_of(rule, "run")).content.decode()
    assert "This rule cannot be run" in page
    assert 'name="reason"' not in page
    assert "matches" not in page
    answer = desk.post(page_of(rule, "run"), {"reason": "a wave", "edition": rule.edition})
    assert (answer.status_code, Job.objects.count()) == (422, 0)
    with pytest.raises(ValueError, match="network"):
        selection_of(rule)
    page = desk.get(page_of(rule, "watch")).content.decode()
    assert "203.0.113.0/24" in page
    assert "a school" in page
    assert begin(desk, rule, days="1").status_code == 302
    assert "203.0.113.0/24" in desk.get(RULES).content.decode()
    assert not AuditEntry.objects.filter(reason__contains="203").exists()


@pytest.mark.parametrize(
    ("network", "why"),
    [
        ("203.0.113.7", "too narrow: /24 at most, so that no rule is aimed at one person"),
        ("203.0.113.0/25", "too narrow: /24"),
        ("2001:db8::/49", "too narrow: /48"),
        ("::ffff:203.0.113.0/121", "too narrow: /24"),
        ("10.0.0.0/7", "too wide: /8"),
        ("0.0.0.0/0", "too wide: /8"),
        ("2000::/15", "too wide: /16"),
        ("mail.example", "no network"),
        ("203.0.113.0/24, 198.51.100.0/24", "no network"),
    ],
)
def test_a_network_that_is_none_or_too_narrow_or_too_wide_is_refused_and_says_why(desk, petition, network, why):
    answer = desk.post(f"{RULES}add/", FORM | {"petition": petition.pk, "network": network})
    assert why in unescape(answer.content.decode())
    assert not Rule.objects.exists()


@pytest.mark.parametrize("network", ["10.0.0.0/8", "203.0.113.0/24", "2000::/16", "2001:db8:7::/48"])
def test_the_widest_and_the_narrowest_are_taken(desk, petition, network):
    desk.post(f"{RULES}add/", FORM | {"petition": petition.pk, "network": network})
    assert Rule.objects.get().network == network


@pytest.mark.parametrize("action", ["release", "invalidate"])
def test_with_a_network_a_rule_can_only_hold(desk, petition, action):
    form = FORM | {"petition": petition.pk, "network": "203.0.113.0/24", "action": action}
    assert "can only hold" in desk.post(f"{RULES}add/", form).content.decode()
    assert not Rule.objects.exists()


# ----------------------------------------------------------------------------------------------- what it held
def test_what_a_rule_held_is_said_counted_and_found(desk, rule):
    other = Rule.objects.create(petition=rule.petition, name="second", source="x", watches_until=timezone.now())
    Rule.objects.filter(pk=rule.pk).update(watches_until=timezone.now() + timedelta(days=1))
    rule.refresh_from_db()
    rows = [held_by(rule), held_by(rule)]
    theirs, by_hand = held_by(other), make_signature(rule.petition, state="held", held_reason="rule: of thumb")
    by_guard = make_signature(rule.petition, state="held", held_reason=str(Doubt.TRAP))

    def listed(address):
        return {row.pk for row in desk.get(address).context["cl"].result_list}

    assert listed(held_address(rule)) == {row.pk for row in rows}
    assert listed(f"{LIST}?reason=rule") == {*(row.pk for row in rows), theirs.pk}
    assert listed(f"{LIST}?reason=staff") == {by_hand.pk}
    assert listed(f"{LIST}?reason=trap") == {by_guard.pk}
    page = desk.get(f"{LIST}?state=held").content.decode()
    assert page.count("held by the rule “the wave”") == 3  # two rows and a choice of the filter
    assert "held by the rule “second”" in page
    assert "held by the rule “the wave”" in desk.get(f"{LIST}{rows[0].pk}/change/").content.decode()
    assert "(reason: held by the rule “the wave”)" in desk.get(held_address(rule)).content.decode()
    for page in (desk.get(RULES).content.decode(), desk.get(page_of(rule, "change")).content.decode()):
        assert f'<a href="{held_address(rule).replace("&", "&amp;")}">2</a>' in page
    figures = count_petitions(petition_ids=[rule.petition_id], now=timezone.now(), whole=False)
    assert figures[rule.petition_id].figures["held"] == {"rule": 3, "staff": 1, "trap": 1}


def test_a_renamed_rule_is_said_by_its_new_name_and_a_deleted_one_as_such(desk, rule):
    row = held_by(rule)
    Rule.objects.update(name="the second name", watches_until=timezone.now())
    assert "held by the rule “the second name”" in desk.get(f"{LIST}?state=held").content.decode()
    desk.post(page_of(rule, "delete"), {"post": "yes"})
    assert not Rule.objects.exists()
    for address in (f"{LIST}?reason=rule", f"{LIST}{row.pk}/change/"):
        assert "held by a rule that was deleted" in desk.get(address).content.decode()


def test_what_a_rule_held_is_released_together(desk, rule):
    rows = [held_by(rule) for _ in range(3)]
    kept = make_signature(rule.petition, state="held")
    selection = Selection(petition_id=rule.petition_id, states=("held",), held_reason=reason_of(rule.pk))
    address = bulk_address("release", selection)
    page = desk.get(address)
    assert "held by the rule “the wave”" in page.content.decode()
    desk.post(address, {"selection": page.context["selection"], "reason": "people", "back": page.context["back"]})
    assert set(Signature.objects.filter(pk__in=[row.pk for row in rows]).values_list("state", "held_reason")) == {
        ("pending", "")
    }
    kept.refresh_from_db()
    assert kept.state == "held"
    assert (
        "held by the rule “the wave”"
        in desk.get(f"/desk/signatures/job/{Job.objects.get().pk}/change/").content.decode()
    )


def test_a_rule_out_of_reach_is_named_nowhere(client, staff, rule):
    Rule.objects.update(name="their secret", watches_until=timezone.now())
    mine = make_petition()
    client.force_login(staff("view_signature", "change_signature", petitions=[mine]))
    assert "their secret" not in client.get(LIST).content.decode()
    assert "their secret" not in client.get(f"{LIST}?reason={reason_of(rule.pk)}").content.decode()
    crafted = Selection(petition_id=mine.pk, held_reason=reason_of(rule.pk))
    answer = client.get(bulk_address("release", crafted))
    assert answer.status_code == 200
    assert "their secret" not in answer.content.decode()


@pytest.mark.parametrize("reason", ["rule:", "rule:xyz", "rule:" + "0" * 32, "\0"])
def test_a_reason_made_by_hand_is_no_error(desk, petition, reason):
    assert desk.get(LIST, {"reason": reason}).status_code == 200


def test_a_reason_that_is_none_is_refused():
    with pytest.raises(ValueError, match="no reason"):
        by_held_reason(Signature.objects.all(), "rule:xyz")


def test_lists_ask_the_same_whatever_the_number_of_rules_and_rows(desk, petition):
    def asked(address):
        with CaptureQueriesContext(connection) as queries:
            assert desk.get(address).status_code == 200
        return len(queries)

    def more(number):
        for _ in range(number):
            made = Rule.objects.create(petition=petition, name="x", country="KZ", watches_until=timezone.now())
            held_by(made)

    more(1)
    first = [asked(RULES), asked(f"{LIST}?state=held&petition={petition.pk}")]
    few = [asked(RULES), asked(f"{LIST}?state=held&petition={petition.pk}")]
    more(12)
    assert [asked(RULES), asked(f"{LIST}?state=held&petition={petition.pk}")] == few
    assert all(now <= before for now, before in zip(few, first, strict=True))
