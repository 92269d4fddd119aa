"""Updates mailed from the desk: tried out, sent, watched, paused, and by whom."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from signatures.models import AuditEntry, CampaignUpdate, UpdateRecipient, UpdateSending, UpdateTest
from signatures.sending.deliver import send_updates
from signatures.signing.choices import unsubscribe
from tests.factories import make_petition, make_signature, make_update
from tests.mail.conftest import server, sink  # noqa: F401  fixtures

pytestmark = pytest.mark.django_db
LIST = "/desk/signatures/campaignupdate/"
ACTS = ("test", "send", "pause", "resume", "stop")


@pytest.fixture
def petition():
    return make_petition(slug="water", languages=("fr",))


@pytest.fixture
def update(petition):
    return make_update(petition, languages=("fr",), title="The ministers answered")


def supporters(petition, number=3, language="en"):
    who = {"state": "confirmed", "wants_updates": True, "language": language}
    return [make_signature(petition, email=f"{language}{each}@mail.example", **who) for each in range(number)]


def page(update, name):
    return f"{LIST}{update.pk}/{name}/"


# ------------------------------------------------------------------------------------------------------- try it out
@pytest.mark.django_db(transaction=True)
def test_a_test_goes_to_ones_own_address_alone_and_is_recorded(desk, admin_user, update, sink):  # noqa: F811
    supporters(update.petition)
    CampaignUpdate.objects.update(published_at=None)  # a draft can be tried out
    assert "French" in desk.get(page(update, "test")).text
    assert desk.post(page(update, "test"), {"language": "fr"}).status_code == 302
    assert "waiting to be sent" in desk.get(page(update, "test")).text
    send_updates(lane=0)
    (mail,) = sink.mails
    assert mail["To"] == admin_user.email and mail["Subject"].startswith("Essai")
    assert "The ministers answered (fr)" in mail.get_body(("plain",)).get_content()
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "sent" in desk.get(page(update, "test")).text
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor, entry.object_id, entry.reason) == ("send test", admin_user, str(update.pk), "fr")


def test_the_links_of_a_test_lead_to_pages_and_change_nothing(desk, client, update):
    from signatures.privacy.personal import Signer
    from signatures.sending.compose import compose_test, edition_of

    row = supporters(update.petition, 1)[0]
    mail = compose_test(edition=edition_of(update.pk), language="en", signer=Signer("", "mo@mail.example"), serial="1")
    link = mail.extra_headers["List-Unsubscribe"].strip("<>").partition("/en/")[2]
    assert client.get(f"/en/{link}").status_code == 200
    form = "application/x-www-form-urlencoded"
    assert client.post(f"/en/{link}", "List-Unsubscribe=One-Click", content_type=form).status_code == 200
    row.refresh_from_db()
    assert row.wants_updates


def test_too_many_tests_in_an_hour_are_refused(desk, update, settings):
    settings.UPDATE_TESTS_PER_HOUR = 2
    for _ in range(2):
        assert desk.post(page(update, "test"), {"language": "en"}).status_code == 302
    answer = desk.post(page(update, "test"), {"language": "en"})
    assert answer.status_code == 422 and "many tests" in answer.text
    UpdateTest.objects.update(asked_at=timezone.now() - timedelta(hours=2))
    assert desk.post(page(update, "test"), {"language": "en"}).status_code == 302


def test_an_account_without_an_address_is_told_so(desk, admin_user, update):
    admin_user.email = ""
    admin_user.save()
    answer = desk.post(page(update, "test"), {"language": "en"})
    assert answer.status_code == 422 and "no e-mail address" in answer.text
    assert desk.post(page(update, "test"), {"language": "xx"}).status_code == 422
    assert not UpdateTest.objects.exists()


# ------------------------------------------------------------------------------------------------------------- send
def test_the_page_says_how_many_get_it_in_which_language_before_it_is_done(desk, admin_user, petition, update):
    supporters(petition, 3)
    supporters(petition, 2, "fr")
    supporters(petition, 1, "ug")
    assert "Send to supporters…" in desk.get(page(update, "change")).text
    words = " ".join(desk.get(page(update, "send")).text.replace("<", " <").split())
    assert '<th scope="row">English </th> <td>3 </td> <td>English' in words
    assert '<th scope="row">French </th> <td>2 </td> <td>French' in words
    assert '<th scope="row">Uyghur </th> <td>1 </td> <td>English' in words
    assert '<th scope="row">All </th> <td>6 </td>' in words
    assert not UpdateSending.objects.exists()
    answer = desk.post(page(update, "send"), {"reason": "they answered"})
    assert answer.status_code == 302 and answer["Location"] == page(update, "sending")
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor, entry.count, entry.reason) == ("send", admin_user, 6, "they answered")
    assert "Send to supporters…" not in desk.get(page(update, "change")).text


def test_sending_asks_who_you_are(client, admin_user, update):
    supporters(update.petition)
    client.force_login(admin_user)
    for answer in (client.get(page(update, "send")), client.post(page(update, "send"), {"reason": "they answered"})):
        assert answer.status_code == 302 and "/confirm-identity/" in answer["Location"]
    assert not UpdateSending.objects.exists()


def test_sending_twice_leads_to_the_one_that_is_under_way(desk, update):
    supporters(update.petition)
    for _ in range(2):
        assert desk.post(page(update, "send"), {"reason": "they answered"}).status_code == 302
    assert UpdateSending.objects.count() == 1 and AuditEntry.objects.count() == 1


def test_no_reason_an_address_as_reason_and_a_draft_are_refused(desk, update):
    supporters(update.petition)
    for reason in ("", "for ada@mail.example"):
        assert desk.post(page(update, "send"), {"reason": reason}).status_code == 422
    CampaignUpdate.objects.update(published_at=None)
    assert "not published" in desk.get(page(update, "send")).text
    assert desk.post(page(update, "send"), {"reason": "they answered"}).status_code == 422
    assert not UpdateSending.objects.exists()


def test_a_second_one_on_the_same_day_is_said_and_has_no_button(desk, petition, update):
    supporters(petition)
    desk.post(page(update, "send"), {"reason": "they answered"})
    answer = desk.get(page(make_update(petition), "send"))
    assert "at most 1 update in a day" in answer.text and "Send it now" not in answer.text


# --------------------------------------------------------------------------------------------- watch, pause, resume
@pytest.mark.django_db(transaction=True)
def test_its_progress_is_seen_and_it_is_paused_resumed_and_stopped_each_recorded(
    desk,
    admin_user,
    update,
    sink,  # noqa: F811
    settings,
):
    settings.UPDATE_MAILS_PER_MINUTE = 0
    rows = supporters(update.petition, 12)
    desk.post(page(update, "send"), {"reason": "they answered"})
    sink.rcpt = lambda address: {"en1@": "550 5.1.1 gone", "en2@": "450 4.2.2 full"}.get(address[:4])
    send_updates(lane=0)
    unsubscribe(signature_id=rows[0].pk)
    UpdateRecipient.objects.filter(signature_id=rows[3].pk).update(state="unknown")
    UpdateSending.objects.update(unknown=1, sent=9)
    figures = read_figures(desk.get(page(update, "sending")).text)
    assert figures == [9, 1, 1, 0, 0, 1, 1, 0, 1]
    for name, state in (("pause", "paused"), ("resume", "running"), ("stop", "stopped")):
        assert "Reason" in desk.get(page(update, name)).text
        assert desk.post(page(update, name), {"reason": "a look at it"}).status_code == 302
        assert UpdateSending.objects.get().state == state
        assert state in desk.get(page(update, "sending")).text.lower()
        assert desk.post(page(update, name), {"reason": "again"}).status_code == 422
    assert read_figures(desk.get(page(update, "sending")).text)[1] == 0
    told = AuditEntry.objects.order_by("id").values_list("action", "actor", "object_id")
    assert list(told) == [(each, admin_user.pk, str(update.pk)) for each in ("send", "pause", "resume", "stop")]


def read_figures(html):
    import re

    table = html.partition('id="progress"')[2].partition("</table>")[0]
    return [int(each) for each in re.findall(r"<td>(\d+)</td>", table)]


def test_an_update_that_was_never_sent_has_no_progress(desk, update):
    assert "has not been sent" in desk.get(page(update, "sending")).text
    assert desk.post(page(update, "pause"), {"reason": "x"}).status_code == 422


def test_the_list_says_what_was_mailed(desk, update, django_assert_max_num_queries):
    supporters(update.petition)
    desk.post(page(update, "send"), {"reason": "they answered"})
    for _ in range(12):
        make_update(update.petition)
    with django_assert_max_num_queries(8):
        assert "running" in desk.get(LIST).text


# ----------------------------------------------------------------------------------------------------- who may do it
def test_writing_and_publishing_are_not_sending(client, staff, update):
    supporters(update.petition)
    client.force_login(staff("view_campaignupdate", "change_campaignupdate", "publish_campaignupdate"))
    session = client.session
    session["identity_confirmed_at"] = timezone.now().timestamp()
    session.save()
    assert "Send to supporters…" not in client.get(page(update, "change")).text
    for name in ACTS:
        assert client.get(page(update, name)).status_code == 403, name
        assert client.post(page(update, name), {"reason": "x", "language": "en"}).status_code == 403, name
    assert not UpdateSending.objects.exists() and not UpdateTest.objects.exists()


def test_who_may_look_sees_the_progress_and_no_button(client, staff, update):
    supporters(update.petition)
    UpdateSending.objects.create(update=update, started_at=timezone.now(), until=update.pk, expected=3)
    client.force_login(staff("view_campaignupdate"))
    answer = client.get(page(update, "sending"))
    assert answer.status_code == 200 and "Pause…" not in answer.text


def test_the_update_of_a_petition_out_of_reach_does_not_exist(client, staff, update):
    supporters(update.petition)
    client.force_login(staff("view_campaignupdate", "send_campaignupdate", petitions=[make_petition()]))
    session = client.session
    session["identity_confirmed_at"] = timezone.now().timestamp()
    session.save()
    for name in (*ACTS, "sending"):
        assert client.get(page(update, name)).status_code == 404, name
        assert client.post(page(update, name), {"reason": "x", "language": "en"}).status_code == 404, name


def test_publishing_has_a_permission_of_its_own(client, staff, update):
    CampaignUpdate.objects.update(published_at=None)
    client.force_login(staff("view_campaignupdate", "change_campaignupdate"))
    assert client.post(page(update, "publish"), {"reason": "news"}).status_code == 403
    client.force_login(staff("view_campaignupdate", "publish_campaignupdate", username="publisher"))
    assert client.post(page(update, "publish"), {"reason": "news"}).status_code == 302


def test_no_page_of_a_sending_holds_an_address_or_an_inline_style(desk, update):
    supporters(update.petition)
    desk.post(page(update, "send"), {"reason": "they answered"})
    for name in ("test", "sending"):
        text = desk.get(page(update, name)).text
        assert "mail.example" not in text and "style=" not in text
    assert "style=" not in Path("templates/admin/signatures/campaignupdate/send.html").read_text()
