"""The desk's first page: figures that lead to their lists, what waits for somebody, nothing of others' petitions."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.utils import timezone

from signatures.desk.home.refresh import refresh_figures
from signatures.desk.jobs.selection import first_id
from signatures.desk.people.roles import ROLES, make_roles
from signatures.desk.search.narrowing import Narrowing
from signatures.desk.tasks import verify_audit
from signatures.models import (
    AuditEntry,
    Check,
    DeskFigures,
    Reach,
    Signature,
    Tally,
    TallyEntry,
    WebhookEndpoint,
)
from signatures.signing.confirm import confirm
from signatures.signing.guard.doubt import Doubt
from signatures.signing.withdraw import withdraw
from signatures.tally.fold import fold
from signatures.tally.tasks import recount
from signatures.webhooks.secrets import new_secret
from tests.factories import make_mail, make_petition, make_signature

pytestmark = pytest.mark.django_db

HOME = "/desk/"
TWENTY = [
    *[{"state": "pending", "mail_sent_at": timezone.now()}] * 5,
    *[{"state": "pending", "mail_due_at": timezone.now(), "mail_attempts": 2, "mail_error": "450 later"}] * 2,
    *[{"state": "held", "held_reason": str(Doubt.TRAP)}] * 3,
    {"state": "held", "held_reason": "they look alike"},
    *[{"state": "withdrawn"}] * 2,
    {"state": "pending", "bounced_at": timezone.now()},
]


@pytest.fixture
def petition():
    """Six confirmed, two of whose names wait; and fourteen that are anything else."""
    petition = make_petition(slug="water")
    for number in range(6):
        row = make_signature(petition, show_name=number < 2, mail_sent_at=timezone.now())
        confirm(signature_id=row.pk, revision=0)
    Signature.objects.update(mail_due_at=None)
    for fields in TWENTY:
        make_signature(petition, **fields)
    fold()
    return petition


def all_links(html):
    """(words, address) of the page's links to lists."""
    found = re.findall(r'<a href="(/desk/signatures/[^"]*)"[^>]*>(.*?)</a>', html, re.DOTALL)
    return [(" ".join(re.sub("<[^>]+>", "", words).split()), unescape(address)) for address, words in found]


def links(html):
    return dict(all_links(html))


def page(browser, query=""):
    answer = browser.get(HOME + query)
    assert answer.status_code == 200
    return answer.content.decode()


def rows_of(browser, address):
    answer = browser.get(address)
    assert answer.status_code == 200, address
    return answer.context["cl"].result_count


# ----------------------------------------------------------------------------------------------------------- figures
@pytest.mark.parametrize("query", ["", "?petition={pk}"], ids=["of all", "of one"])
def test_each_figure_leads_to_a_list_of_so_many(desk, petition, query):
    refresh_figures()
    html = page(desk, query.format(pk=petition.pk))
    found = links(html)
    expected = {
        "6 confirmed": 6,
        "20 received": 20,
        "8 not confirmed yet": 8,
        "4 held for review": 4,
        "1 mail came back": 1,
        "2 confirmation mails waiting": 2,
        "2 mails failed": 2,
        "2 withdrawn by their signers": 2,
        "0 erased": 0,
        "0 other mails waiting": 0,
        "4 signatures are held for review": 4,
        "a hidden field was filled in: 3": 3,
        "held by staff: 1": 1,
        "2 mails failed: tried again by itself": 2,
    }
    for words, number in expected.items():
        addresses = {address for each, address in all_links(html) if each == words}
        assert {rows_of(desk, address) for address in addresses} == {number}, words
    assert len({address for each, address in all_links(html) if each == "6 confirmed"}) == 3
    assert "2 names to read" in found
    names = desk.get(found["2 names to read"])
    assert len(names.context["names"]) == 2


def test_confirmed_today_is_not_signed_today(desk, petition):
    """Whoever signed long ago and confirmed today is in today's figure, and in its list; and the other way round."""
    now = timezone.now()
    late = make_signature(petition, id=first_id(now - timedelta(days=10)), mail_sent_at=now)
    confirm(signature_id=late.pk, revision=0)
    early = make_signature(petition, state="confirmed", confirmed_at=now - timedelta(days=9))
    day = early.confirmed_at.date()
    TallyEntry.objects.create(petition=petition, country="FR", day=day, delta=1)
    refresh_figures()
    found = links(page(desk))
    assert rows_of(desk, found["8 confirmed"]) == 8
    today = [address for words, address in all_links(page(desk)) if words == "7 confirmed"]
    assert len(today) >= 2  # today, and the seven days
    assert {rows_of(desk, address) for address in today} == {7}


def test_a_job_on_the_list_of_a_figure_takes_what_the_list_shows(petition):
    narrowing = Narrowing(petition=petition.pk, confirmed_from=timezone.now().date())
    rows = narrowing.of_rows(Signature.objects.all())
    assert rows.count() == 6
    assert set(narrowing.selection(petition.pk).rows()) == set(rows)


def test_the_figures_of_a_petition_are_its_own(desk, petition):
    other = make_petition(slug="forests")
    make_signature(other, state="held")
    refresh_figures()
    both, one = page(desk), page(desk, f"?petition={other.pk}")
    assert "5 signatures are held for review" in links(both)
    assert links(one)["1 signature is held for review"].endswith(f"petition={other.pk}")
    assert f'<a href="?petition={petition.pk}">water</a>' in both


def test_a_figure_says_whether_it_is_public(desk, petition):
    refresh_figures()
    html = page(desk)
    assert html.count('<span class="public">public</span>') == 1
    assert re.search(r"<b>6</b> confirmed</a> <span class=\"public\">", html)


def test_a_confirmation_is_in_the_next_count_before_it_is_folded(desk, petition):
    confirm(signature_id=Signature.objects.filter(state="pending").first().pk, revision=0)
    refresh_figures()
    assert TallyEntry.objects.filter(folded=False).count() == 1
    assert "7 confirmed" in links(page(desk))


def test_a_day_of_withdrawals_is_taken_back_from_the_day_it_counted(desk, petition):
    withdraw(signature_id=Signature.objects.filter(state="confirmed").first().pk)
    refresh_figures()
    found = links(page(desk))
    assert rows_of(desk, found["5 confirmed"]) == 5
    assert rows_of(desk, found["3 withdrawn by their signers"]) == 3


def test_the_charts_have_their_figures_in_a_table(desk, petition):
    refresh_figures()
    html = page(desk)
    assert html.count('<svg class="plot"') == 2
    assert re.search(r'<td class="number">20</td><td class="number">6</td>', html)
    assert html.count('<rect class="received" x=') == 2
    assert "style=" not in html


def test_the_page_counts_nothing(desk, petition, django_assert_max_num_queries):
    refresh_figures()
    with django_assert_max_num_queries(16) as seen:
        page(desk)
    counts = [each["sql"] for each in seen.captured_queries if "COUNT(" in each["sql"].upper()]
    assert [sql for sql in counts if "signatures_signature" in sql] == []


def test_many_petitions_cost_no_more_queries(desk, django_assert_max_num_queries):
    for _ in range(40):
        make_petition()
    refresh_figures()
    with django_assert_max_num_queries(16):
        html = page(desk)
    assert html.count('<th scope="row"><a href="?petition=') == 30
    assert "All petitions" in html


# -------------------------------------------------------------------------------------------------------- who sees it
def test_a_viewer_sees_figures_and_no_links_to_what_they_may_not_see(client, staff, petition):
    client.force_login(staff("view_petition"))
    refresh_figures()
    html = page(client)
    assert "<b>6</b> confirmed" in html
    assert "4 signatures are held for review" in html
    assert {address.partition("?")[0] for address in links(html).values()} == {"/desk/signatures/petition/"}


def test_whoever_may_see_signatures_gets_their_links_only(client, staff, petition):
    client.force_login(staff("view_signature"))
    refresh_figures()
    found = links(page(client))
    assert {address.partition("?")[0] for address in found.values()} == {"/desk/signatures/signature/"}
    for address in found.values():
        rows_of(client, address)


@pytest.mark.parametrize("role", ROLES)
def test_no_link_of_the_page_leads_a_role_to_a_closed_door(client, petition, role):
    make_roles()
    person = User.objects.create_user("mo", is_staff=True)
    person.groups.add(Group.objects.get(name=role))
    Reach.objects.create(user=person, every_petition=True)
    client.force_login(person)
    refresh_figures()
    recount()
    html = page(client)
    assert "<b>6</b> confirmed" in html
    addresses = {unescape(each) for each in re.findall(r'href="(/desk/(?:signatures|auth|help)/[^"]*)"', html)}
    assert len(addresses) >= 25
    asks_again = {"/desk/auth/user/add/", "/desk/auth/group/add/"}
    for address in sorted(addresses):
        assert client.get(address).status_code == (302 if address in asks_again else 200), address


def test_others_petitions_are_in_no_figure(client, staff, petition):
    mine = make_petition(slug="mine")
    make_signature(mine)
    client.force_login(staff("view_petition", "view_signature", petitions=[mine]))
    refresh_figures()
    html = page(client)
    assert "water" not in html
    assert "<b>0</b> confirmed" in html
    assert client.get(f"{HOME}?petition={petition.pk}").status_code == 404
    assert client.get(f"{HOME}?petition=nonsense").status_code == 404


def test_whoever_may_see_nothing_is_told_so(client, staff, petition):
    client.force_login(staff())
    refresh_figures()
    html = page(client)
    assert "No petition is given to you yet" in html
    assert "confirmed" not in html


# --------------------------------------------------------------------------------------------------- what waits, health
def test_nothing_waits_in_a_quiet_house(desk):
    make_petition()
    refresh_figures()
    recount()
    verify_audit()
    html = page(desk)
    assert "Nothing waits for you." in html
    assert html.count('class="fine"') == 6


def test_the_nightly_checks_are_seen_to_have_passed(desk, petition):
    call_command("recount")
    call_command("verifyaudit")
    html = page(desk)
    assert html.count("It passed at") == 2
    assert set(Check.objects.values_list("problems", flat=True)) == {0}


def test_a_recount_that_failed_stands_at_the_top_with_what_it_found(desk, petition):
    Tally.objects.update(total=99)
    recount()
    found = links(page(desk))
    (words,) = [words for words in found if words.startswith("Recount of the signatures: 1 problem found")]
    assert found[words] == "/desk/signatures/check/"
    assert "expected 6, found 99" in desk.get("/desk/signatures/check/recount/change/").content.decode()


def test_a_broken_audit_is_told(desk, petition):
    AuditEntry.objects.create(action="hold", object_type="signature")
    Check.objects.create(name="audit", ran_at=timezone.now(), problems=2, details="Entry 1 is not what was written.")
    assert "Chain of the audit: 2 problems found" in page(desk)


def test_a_check_that_did_not_run_last_night_is_told(desk, petition):
    Check.objects.create(name="recount", ran_at=timezone.now() - timedelta(hours=30))
    assert re.search(r"Recount of the signatures: It passed at [\d: -]+UTC, and has not run since", page(desk))


def test_figures_that_nobody_counts_any_more_say_so(desk, petition):
    refresh_figures()
    DeskFigures.objects.update(as_of=timezone.now() - timedelta(minutes=20))
    html = page(desk)
    assert "The figures of this page: They were last counted at" in html
    assert '<p class="stale">' in html


def test_before_the_first_count_the_page_asks_for_patience(desk, petition):
    assert "The figures are being counted" in page(desk)


def test_mail_that_is_late_is_told_at_once_without_a_count(desk, petition):
    make_mail(Signature.objects.filter(state="confirmed").first(), due_at=timezone.now() - timedelta(hours=1))
    assert "Mail has waited to be sent since" in page(desk)
    refresh_figures()
    found = links(page(desk))
    (words,) = [words for words in found if words.startswith("1 mail waits since")]
    assert rows_of(desk, found[words]) == 1


def test_webhooks_that_fail_are_told(desk, petition):
    endpoint = WebhookEndpoint(petition=petition, partner="Partner", url="https://partner.example/hook")
    new_secret(endpoint)
    endpoint.save()
    now = timezone.now()
    for key, fields in {
        "a": {"due_at": now, "error": "timed out"},
        "b": {"gave_up_at": now, "error": "timed out"},
        "c": {"gave_up_at": now - timedelta(days=30), "error": "timed out"},
        "d": {"delivered_at": now},
    }.items():
        endpoint.deliveries.create(event="test", key=key, payload={}, **fields)
    refresh_figures()
    found = links(page(desk))
    assert rows_of(desk, found["1 webhook delivery failed: tried again by itself"]) == 1
    assert rows_of(desk, found["1 webhook delivery failed: given up this week"]) == 1


# --------------------------------------------------------------------------------------------------- lists, help, empty
def test_the_lists_stand_in_groups_and_none_is_missing(desk):
    html = page(desk)
    headings = re.findall(r'<section class="module">\s*<h2>(.*?)</h2>', html)
    assert headings == ["Letter", "Signatures", "Names", "Mail", "Partners", "People and records"]
    for name in ("petition", "signature", "waitingname", "outgoingmail", "webhookendpoint", "auditentry", "check"):
        assert f'<a href="/desk/signatures/{name}/">' in html


def test_a_new_house_shows_the_first_steps_until_a_letter_is_open(desk):
    html = page(desk)
    assert "Your first letter" in html
    assert "/desk/signatures/petition/import/" in html
    draft = make_petition(state="draft")
    html = page(desk)
    assert f"/desk/signatures/petition/{draft.pk}/change/" in html
    assert html.count('class="done"') == 1
    draft.state, draft.opened_at = "open", timezone.now()
    draft.save()
    assert "Your first letter" not in page(desk)


def test_the_first_steps_are_for_whoever_may_take_them(client, staff):
    client.force_login(staff("view_petition"))
    assert "Your first letter" not in page(client)


@pytest.mark.parametrize(("language", "words"), [("en", "Your daily round"), ("fr", "Votre tour du jour")])
def test_every_page_leads_to_an_explanation_in_its_language(desk, language, words):
    html = desk.get("/desk/signatures/petition/", headers={"accept-language": language}).content.decode()
    assert '<a href="/desk/help/">' in html
    answer = desk.get("/desk/help/", headers={"accept-language": language})
    assert words in answer.content.decode()


def test_the_explanation_has_the_same_parts_in_each_language():
    from django.template.loader import get_template

    parts = [re.findall(r'<h2 id="(\w+)">', get_template(f"admin/help/{each}.html").render()) for each in ("en", "fr")]
    assert parts[0] == parts[1]
    for each in ("en", "fr"):
        html = get_template(f"admin/help/{each}.html").render()
        assert re.findall(r'href="#(\w+)"', html) == parts[0]


def test_nobody_outside_reads_the_explanation(client):
    assert client.get("/desk/help/").status_code == 302
