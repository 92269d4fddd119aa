"""What signers and partners meet in each state of a petition."""

import json
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
from django.utils import timezone

from signatures.letters.lifecycle import pause_petition, resume_petition
from signatures.models import Petition, Signature, WebhookDelivery, WebhookEndpoint
from signatures.privacy.links import link_token
from signatures.signing.confirm import Confirmation, confirm, standing
from signatures.signing.form.forms import FormToken
from signatures.webhooks.notice import notice, start_from_now
from tests.factories import make_consent, make_petition, make_signature

pytestmark = pytest.mark.django_db

PUBLIC = [
    *("/en/water/", "/en/water/record/", "/en/water/names/", "/en/water/updates/", "/en/water/embed/"),
    *("/en/water/my-signature/", "/en/water/picture.png", "/en/water/qr.svg"),
    *("/api/v1/petitions/water", "/api/v1/petitions/water/tally", "/api/v1/petitions/water/countries"),
    *("/api/v1/petitions/water/days", "/api/v1/petitions/water/updates"),
    *("/embed/v1/en/water/", "/embed/v1/en/water/badge.svg", "/embed/v1/en/water/badge.png"),
    "/oembed?url=http://testserver/en/water/",
]


def make(state, **fields):
    now = timezone.now()
    times = {"scheduled": {"opens_at": now}, "paused": {"paused_at": now}}.get(state, {})
    return make_petition(slug="water", state=state, **times | fields)


def text(client, path="/en/water/"):
    return client.get(path).content.decode()


def post(client, path, fields):
    return client.post(path, urlencode(fields), content_type="application/x-www-form-urlencoded")


def form_of(petition):
    consent = make_consent()
    token = FormToken(petition_id=petition.pk, consent_id=consent.pk).sign()
    return {"name": "Ada", "email": "ada@mail.example", "country": "FR", "token": token, "source": ""}


@pytest.mark.parametrize("state", ["draft", "scheduled"])
def test_a_petition_that_is_not_open_yet_is_nowhere(client, state):
    make(state)
    assert {path: client.get(path).status_code for path in PUBLIC} == dict.fromkeys(PUBLIC, 404)


@pytest.mark.parametrize("state", ["open", "paused", "closed", "delivered"])
def test_a_public_one_answers_everywhere(client, state):
    make_consent()
    make(state)
    assert {path: client.get(path).status_code for path in PUBLIC} == dict.fromkeys(PUBLIC, 200)


def test_a_paused_letter_is_read_and_says_why_and_takes_no_form(client):
    make_consent()
    petition = make("paused", paused_words="We look into <b>odd</b> mails.")
    page = text(client, "/fr/water/")
    assert '<p lang="en" dir="ltr">We look into &lt;b&gt;odd&lt;/b&gt; mails.</p>' in page
    assert "We ask you to act." in page
    assert 'name="email"' not in page
    assert "data-stream-url" in page, "confirmations go on"
    answer = post(client, "/en/water/", form_of(petition))
    assert answer.status_code == 422
    assert "Signing is paused" in answer.content.decode()
    assert "What you sent was not saved." in answer.content.decode()
    assert not Signature.objects.exists()


def test_in_a_pause_what_was_signed_can_be_confirmed(client):
    petition = make("paused")
    row = make_signature(petition)
    assert standing(signature_id=row.pk) is Confirmation.CHANGED
    token = link_token("confirm", signature_id=row.pk)
    answer = post(client, f"/en/water/confirm/{token}/", {"revision": "0"})
    assert "Your signature counts" in answer.content.decode()
    assert confirm(signature_id=row.pk, revision=0) is Confirmation.ALREADY


def test_a_delivered_letter_says_on_which_day(client):
    make_consent()
    make("delivered", delivered_at=datetime(2021, 10, 11, tzinfo=UTC))
    page = text(client)
    assert "This letter has been delivered" in page
    assert "It was handed over on 11 October 2021." in page


@pytest.mark.parametrize(
    ("state", "poll", "badge"),
    [
        ("open", 60, "Sign this letter"),
        ("paused", 60, "Paused"),
        ("closed", None, "Closed"),
        ("delivered", None, "Delivered"),
    ],
)
def test_partners_are_told_the_state_and_whether_to_go_on_asking(client, state, poll, badge):
    make(state)
    tally = json.loads(client.get("/api/v1/petitions/water/tally").content)
    assert (tally["state"], tally["poll_after"]) == (state, poll)
    assert badge in text(client, "/embed/v1/en/water/badge.svg")
    frame = text(client, "/embed/v1/en/water/")
    assert ("Signing is paused" in frame) == (state == "paused")
    assert ("Sign this letter" in frame) == (state == "open")


def test_partners_hear_of_a_pause_and_of_its_end_and_nothing_of_a_schedule():
    petition = make("scheduled")
    endpoint = WebhookEndpoint.objects.create(
        petition=petition, partner="A partner", url="https://partner.example/hook", secret_sealed=b"x"
    )
    start_from_now(endpoint)
    notice()
    assert not WebhookDelivery.objects.exists()
    Petition.objects.update(state="open", opens_at=None, opened_at=timezone.now())
    notice()
    for step in (pause_petition, resume_petition):
        step(petition_id=petition.pk, actor=None, reason="a look")
        notice()
    told = WebhookDelivery.objects.order_by("id").values_list("event", "payload__data__state")
    assert list(told) == [("petition.opened", "open"), ("petition.paused", "paused"), ("petition.opened", "open")]


def test_the_page_after_the_form_speaks_of_the_pause(client):
    petition = make("open")
    answer = post(client, "/en/water/", form_of(petition))
    pause_petition(petition_id=petition.pk, actor=None, reason="a look")
    page = text(client, answer["Location"])
    assert "Meanwhile signing is paused." in page
    assert "Is the address wrong?" not in page
    assert Petition.objects.get().state == "paused"
