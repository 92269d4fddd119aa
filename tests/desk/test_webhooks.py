"""Webhooks at the desk: set up, tried, looked at and sent again, every step recorded."""

import pytest
from django.utils import timezone
from django.utils.translation import override

from signatures.desk.webhooks import in_words
from signatures.models import AuditEntry, WebhookDelivery, WebhookEndpoint
from signatures.webhooks.deliver import deliver_due
from signatures.webhooks.notice import notice, send_test
from signatures.webhooks.secrets import secrets_of
from tests.factories import make_petition
from tests.webhooks.conftest import Partner, count, make_hook, partner  # noqa: F401

pytestmark = pytest.mark.django_db

LIST = "/desk/signatures/webhookendpoint/"
DELIVERIES = "/desk/signatures/webhookdelivery/"


def form_of(petition, **fields):
    return {
        "petition": petition.pk,
        "partner": "A Partner",
        "url": "https://hooks.partner.example/in",
        "step": "100",
        "active": "on",
        **fields,
    }


def page_of(hook, step="change"):
    return f"{LIST}{hook.endpoint.pk}/{step}/"


def actions():
    return list(AuditEntry.objects.order_by("id").values_list("action", "object_id", "reason"))


def test_a_new_webhook_has_a_secret_and_hears_of_what_happens_from_now_on(desk):
    petition = make_petition(goal=100_000)
    count(petition, 555)
    assert desk.post(f"{LIST}add/", form_of(petition)).status_code == 302
    endpoint = WebhookEndpoint.objects.get()
    assert secrets_of(endpoint)[0].startswith("whsec_")
    assert notice() == 0
    count(petition, 600)
    assert notice() == 1
    assert [action for action, *_rest in actions()] == ["add"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"url": "http://hooks.partner.example/"}, "begins with https"),
        ({"url": "https://127.0.0.1/"}, "full name"),
        ({"url": "https://localhost/"}, "full name"),
        ({"url": "https://hooks.partner.example:8000/"}, "Port 8000"),
        ({"url": "https://mo:pass@hooks.partner.example/"}, "No name and no password"),
        ({"url": "https://hooks.partner.example/a b"}, "without spaces"),
        ({"step": "1"}, "greater than or equal to 10"),
        ({"step": "99999999999"}, "less than or equal to"),
        ({"url": "https://hooks.partner.example/\x00"}, "Null characters"),
    ],
)
def test_what_cannot_be_sent_to_is_told_in_words(desk, fields, said):
    answer = desk.post(f"{LIST}add/", form_of(make_petition(), **fields))
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert not WebhookEndpoint.objects.exists()


def test_an_edit_writes_only_what_was_edited_and_keeps_what_was_told(desk):
    hook = make_hook(make_petition(goal=100_000))
    count(hook.endpoint.petition, 500)
    notice()
    answer = desk.post(page_of(hook), form_of(hook.endpoint.petition, step="50", partner="Another"))
    assert answer.status_code == 302
    endpoint = WebhookEndpoint.objects.get()
    assert (endpoint.partner, endpoint.step, endpoint.milestone_told) == ("Another", 50, 500)
    assert secrets_of(endpoint) == [hook.secret]


def test_switching_off_and_on_says_when(desk):
    hook = make_hook()
    desk.post(
        page_of(hook), {name: value for name, value in form_of(hook.endpoint.petition).items() if name != "active"}
    )
    endpoint = WebhookEndpoint.objects.get()
    assert (endpoint.active, bool(endpoint.disabled_at), bool(endpoint.disabled_why)) == (False, True, True)
    desk.post(page_of(hook), form_of(hook.endpoint.petition))
    endpoint.refresh_from_db()
    assert (endpoint.active, endpoint.disabled_at, endpoint.disabled_why) == (True, None, "")


def test_a_secret_is_shown_for_a_reason_and_stands_nowhere_else(desk):
    hook = make_hook()
    for page in (LIST, page_of(hook), page_of(hook, "secret")):
        assert hook.secret not in desk.get(page).content.decode()
    assert desk.post(page_of(hook, "secret"), {"reason": ""}).status_code == 422
    shown = desk.post(page_of(hook, "secret"), {"reason": "the partner has lost it"})
    assert hook.secret in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    assert not shown.cookies or hook.secret not in str(shown.cookies)
    assert actions() == [("show secret", str(hook.endpoint.pk), "the partner has lost it")]


def test_a_replaced_secret_is_shown_beside_the_one_that_still_signs(desk):
    hook = make_hook()
    page = desk.post(page_of(hook, "replace"), {"reason": "it leaked"}).content.decode()
    new, old = secrets_of(WebhookEndpoint.objects.get())
    assert old == hook.secret != new
    assert new in page and old in page
    assert [action for action, *_rest in actions()] == ["replace secret"]


def test_a_secret_whose_key_is_gone_is_a_problem_in_words_and_nothing_is_recorded(desk, settings):
    hook = make_hook()
    settings.FIELD_KEYS = ["k9:" + "A" * 43 + "="]
    answer = desk.post(page_of(hook, "secret"), {"reason": "a test"})
    assert answer.status_code == 422
    assert "a key is missing" in answer.content.decode()
    assert not AuditEntry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_test_event_goes_out_and_its_fate_is_seen(desk, partner: Partner):  # noqa: F811
    hook = make_hook(url=partner.url())
    partner.answer = lambda request: 503
    assert desk.post(page_of(hook, "test"), {"reason": "to try it"}).status_code == 302
    assert not partner.received, "nothing is sent in a request"
    deliver_due()
    page = desk.get(page_of(hook)).content.decode()
    assert "failed, will be tried again" in page
    assert "It answered 503." in page
    partner.answer = lambda request: 204
    delivery = WebhookDelivery.objects.get()
    again = {"action": "send_again_selected", "_selected_action": [delivery.pk], "reason": "it is up again"}
    assert "Send again" in desk.post(DELIVERIES, again | {"reason": ""}).content.decode()
    desk.post(DELIVERIES, again)
    deliver_due()
    assert "delivered" in desk.get(page_of(hook)).content.decode()
    assert actions() == [
        ("send test", str(hook.endpoint.pk), "to try it"),
        ("send again", str(delivery.pk), "it is up again"),
    ]


def test_the_deliveries_can_be_narrowed_to_each_fate(desk):
    endpoint = make_hook().endpoint
    waiting, failed, over, taken = (send_test(endpoint) for _ in range(4))
    rows = WebhookDelivery.objects
    rows.filter(pk=failed.pk).update(error="It answered 500.")
    rows.filter(pk=over.pk).update(due_at=None, gave_up_at=timezone.now())
    rows.filter(pk=taken.pk).update(due_at=None, delivered_at=timezone.now())
    for fate, expected in (
        ("waiting", {waiting, failed}),
        ("failed", {failed}),
        ("over", {over}),
        ("delivered", {taken}),
    ):
        assert set(desk.get(DELIVERIES, {"fate": fate}).context["cl"].result_list) == expected, fate
    assert desk.get(f"{DELIVERIES}{taken.pk}/change/").status_code == 200


def test_a_switched_off_webhook_takes_no_test_and_no_second_sending(desk):
    hook = make_hook(active=False)
    assert desk.post(page_of(hook, "test"), {"reason": "to try it"}).status_code == 422
    delivery = send_test(hook.endpoint)
    desk.post(DELIVERIES, {"action": "send_again_selected", "_selected_action": [delivery.pk], "reason": "again"})
    assert not AuditEntry.objects.exists()


def test_who_may_only_look_sees_no_secret_and_sends_nothing(client, staff):
    hook = make_hook()
    delivery = send_test(hook.endpoint)
    client.force_login(staff("view_webhookendpoint", "view_webhookdelivery"))
    page = client.get(page_of(hook))
    assert page.status_code == 200
    assert "secret" not in page.content.decode()
    for step in ("secret", "replace", "test"):
        assert client.post(page_of(hook, step), {"reason": "curious"}).status_code == 403
    client.post(DELIVERIES, {"action": "send_again_selected", "_selected_action": [delivery.pk], "reason": "again"})
    assert not AuditEntry.objects.exists()


def test_nothing_is_deleted_and_an_unknown_one_is_not_there(desk):
    hook = make_hook()
    assert desk.post(page_of(hook, "delete"), {"post": "yes"}).status_code == 403
    assert desk.get(f"{LIST}00000000-0000-0000-0000-000000000000/secret/").status_code == 404


def test_the_list_asks_the_same_few_queries_however_many_there_are(desk, django_assert_max_num_queries):
    for _ in range(20):
        make_hook()
    with django_assert_max_num_queries(8):
        desk.get(LIST)


@pytest.mark.parametrize(
    ("noted", "said"),
    [
        ("", ""),
        ("It answered 500.", "Il a répondu 500."),
        ("No answer in time.", "Pas de réponse à temps."),
        ("The connection broke: Connection refused.", "La connexion s’est interrompue : Connection refused."),
        ("It answered 410: it wants nothing more.", "Il a répondu 410 : il ne veut plus rien."),
        ("something older: kept as it is", "something older: kept as it is"),
    ],
)
def test_what_a_worker_noted_is_read_in_the_language_of_staff(noted, said):
    with override("fr"):
        assert in_words(noted) == said
