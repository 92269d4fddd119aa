"""My signature by its link: what is held, changed, taken away and given back; and the link when it is lost."""

import json
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from signatures.models import LinkRequest, Petition, Signature
from signatures.privacy.indexes import person_index
from signatures.privacy.links import link_token
from signatures.privacy.tokens import sign_token
from signatures.signing.choices import change_choices
from signatures.signing.confirm import Confirmation, confirm
from tests.factories import make_consent, make_petition, make_signature

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def row():
    petition = make_petition(slug="water", languages=("fr",))
    earlier = timezone.now() - timedelta(days=2)
    return make_signature(petition, name="Ngô Thị Ánh", country="CI", state="confirmed", at=earlier, source="share-x")


def link(row, language="en", rest=""):
    return f"/{language}/water/mine/{link_token('mine', signature_id=row.pk)}/{rest}"


def post(path, **fields):
    return Client().post(path, urlencode(fields), content_type=FORM)


def test_the_choices_are_changed_and_the_text_in_force_is_stored_beside_them(row):
    french = make_consent("fr")
    agreed = (row.consent_id, row.consented_at)
    page = post(link(row, "fr"), action="choose", show_name="on", updates="on")
    assert page.status_code == 200
    row.refresh_from_db()
    assert (row.show_name, row.hand_over, row.wants_updates) == (True, False, True)
    assert (row.choices_consent, row.choices_changed_at is not None) == (french, True)
    assert (row.consent_id, row.consented_at) == agreed
    page = post(link(row), action="choose", hand_over="on")
    assert "Your choices are saved." in page.text
    row.refresh_from_db()
    assert (row.show_name, row.hand_over, row.wants_updates) == (False, True, False)
    assert row.choices_consent.language == "en"


def test_saving_what_is_already_chosen_keeps_the_date_of_the_last_change(row):
    post(link(row), action="choose", show_name="on")
    row.refresh_from_db()
    Signature.objects.update(choices_changed_at=timezone.now() - timedelta(hours=1))
    before = Signature.objects.get().choices_changed_at
    assert post(link(row), action="choose", show_name="on").status_code == 200
    assert Signature.objects.get().choices_changed_at == before


@pytest.mark.parametrize("state", ["withdrawn", "erased"])
def test_a_withdrawn_or_erased_signature_has_no_choices_to_change(state):
    petition = make_petition()
    row = make_signature(petition, state=state)
    chosen = {"show_name": True, "hand_over": True, "wants_updates": True, "consent_id": row.consent_id}
    assert not change_choices(signature_id=row.pk, **chosen)
    row.refresh_from_db()
    assert not row.show_name


def test_choices_changed_before_the_confirmation_must_be_seen_by_whoever_confirms():
    row = make_signature(make_petition())
    chosen = {"show_name": True, "hand_over": False, "wants_updates": False, "consent_id": row.consent_id}
    assert change_choices(signature_id=row.pk, **chosen)
    assert confirm(signature_id=row.pk, revision=0) is Confirmation.CHANGED
    assert confirm(signature_id=row.pk, revision=1) is Confirmation.COUNTED


@pytest.mark.django_db(transaction=True)
def test_twenty_changes_at_once_end_as_one_of_them(all_at_once):
    row = make_signature(make_petition(), state="confirmed")

    def choose(number):
        odd = number % 2 == 1
        return change_choices(
            signature_id=row.pk, show_name=odd, hand_over=odd, wants_updates=odd, consent_id=row.consent_id
        )

    all_at_once(choose)
    row.refresh_from_db()
    assert row.show_name == row.hand_over == row.wants_updates


def test_the_page_shows_the_choices_as_they_stand(row):
    Signature.objects.update(hand_over=True)
    page = Client().get(link(row)).text
    assert 'name="hand_over" type="checkbox" checked' in page
    assert 'name="show_name" type="checkbox" checked' not in page
    assert "withdraw and sign again" in page


def test_the_page_asks_the_database_little(row):
    Client().get(link(row))
    with CaptureQueriesContext(connection) as queries:
        Client().get(link(row))
    assert len(queries) <= 2


def test_the_download_holds_all_that_the_page_shows(row, settings):
    settings.ALLOWED_HOSTS = ["*"]
    post(link(row), action="choose", show_name="on")
    Signature.objects.update(mail_count=2, mail_sent_at=timezone.now())
    file = Client().get(link(row, rest="my-signature.json"))
    assert file.status_code == 200
    assert file["Content-Type"] == "application/json"
    assert file["Content-Disposition"] == 'attachment; filename="my-signature.json"'
    assert file["Cache-Control"] == "no-store"
    assert file["Referrer-Policy"] == "no-referrer"
    assert "noindex" in file["X-Robots-Tag"]
    held = json.loads(file.content)
    row.refresh_from_db()
    assert held["name"] == "Ngô Thị Ánh" and "Ngô Thị Ánh" in file.text
    assert held["email"].endswith("@mail.example")
    assert (held["country"], held["language"], held["state"], held["came_from"]) == ("CI", "en", "confirmed", "share-x")
    assert held["choices"] == {"show_name": True, "hand_over": False, "updates": False}
    assert held["choices_changed_at"].endswith("Z")
    assert held["choices_privacy_text"]["version"] == held["privacy_text"]["version"] == "2026-11"
    assert held["privacy_text"]["text"] == row.consent.text
    assert held["signed_at"] == row.created_at.isoformat(timespec="seconds").replace("+00:00", "Z")
    assert held["mails"]["sent"] == 2
    assert held["letter"]["url"].endswith("/en/water/")
    page = Client().get(link(row)).text
    assert "my-signature.json" in page
    assert "version 2026-11" in page


def test_no_download_without_the_link(row):
    assert Client().get(link(row, rest="my-signature.json").replace("/my-sig", "x/my-sig")).status_code == 404
    expired = sign_token(row.pk.bytes, purpose="mine", lifetime=10, now=1_000_000)
    assert Client().get(f"/en/water/mine/{expired}/my-signature.json").status_code == 410
    other = make_petition(slug="air")
    assert Client().get(link(row, rest="my-signature.json").replace("/water/", f"/{other.slug}/")).status_code == 410
    post(link(row), action="erase")
    assert Client().get(link(row, rest="my-signature.json")).status_code == 410


def test_after_erasing_the_page_says_what_remains(row):
    page = post(link(row), action="erase")
    assert "empty row with a random number" in page.text
    assert "Ngô" not in page.text
    assert Client().get(link(row)).text.count("empty row") == 1
    Signature.objects.all().delete()
    assert "empty row" not in Client().get(link(row)).text


def test_an_unconfirmed_signature_is_told_that_it_does_not_count():
    petition = make_petition(slug="water")
    assert "not counted" in Client().get(link(make_signature(petition))).text


def test_after_the_delivery_the_page_says_what_cannot_be_called_back(row):
    now = timezone.now()
    Petition.objects.update(state="delivered", closed_at=now, delivered_at=now)
    page = Client().get(link(row)).text
    assert "cannot be called back" in page
    assert "withdraw and sign again" not in page


# ------------------------------------------------------------------------------------------------- the lost link
def test_asking_for_the_link_notes_it_and_answers_everybody_alike(row):
    make_signature(row.petition, email="pend@mail.example.org")
    make_signature(row.petition, email="held@mail.example.org", state="held")
    answers, ran = set(), set()
    for who in ("newx", "pend", "held"):
        with CaptureQueriesContext(connection) as queries:
            answer = post("/en/water/my-signature/", email=f"{who}@mail.example.org")
        ran.add(tuple(query["sql"].split("(")[0] for query in queries if "FROM" not in query["sql"]))
        assert not any("signatures_signature" in query["sql"] for query in queries)
        answers.add((answer.status_code, answer["Location"], str(sorted(answer.headers.items())), answer.content))
    assert len(answers) == 1
    assert len(ran) == 1
    assert LinkRequest.objects.count() == 3
    page = Client().get("/en/water/my-signature/?asked")
    assert "If there is a signature" in page.text


def test_the_page_that_asks_for_the_address_is_the_same_for_everybody_and_may_be_kept(row):
    page = Client().get("/en/water/my-signature/")
    assert page.status_code == 200
    assert page["Cache-Control"].startswith("public")
    assert not page.cookies and "Vary" not in page


def test_a_wrong_address_is_named_and_kept(row):
    page = post("/en/water/my-signature/", email="nobody@nowhere@else")
    assert page.status_code == 422
    assert 'href="#id_email"' in page.text and 'value="nobody@nowhere@else"' in page.text
    assert page["Cache-Control"] == "no-store"
    assert not LinkRequest.objects.exists()


def test_another_site_cannot_ask_and_neither_can_one_network_without_end(row, settings):
    path = "/en/water/my-signature/"
    body = urlencode({"email": "ada@mail.example.org"})
    answer = Client().post(path, body, content_type=FORM, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    settings.RATELIMIT_ENABLE = True
    settings.GUARD_LINK_RATE = "0/h"
    answer = post(path, email="ada@mail.example.org")
    assert answer.status_code == 429 and answer["Retry-After"]
    assert not LinkRequest.objects.exists()


def test_the_request_is_for_the_person_however_they_spell_the_address(row):
    post("/en/water/my-signature/", email="Ada.Example+x@googlemail.com")
    assert bytes(LinkRequest.objects.get().person_index) == person_index("adaexample@gmail.com")


@pytest.mark.parametrize("path", ["/en/water/", "/en/water/confirm/{old}/"])
def test_the_way_to_a_lost_link_is_where_one_looks_for_it(row, path):
    old = sign_token(row.pk.bytes, purpose="confirm", lifetime=10, now=1_000_000)
    assert 'href="/en/water/my-signature/"' in Client().get(path.format(old=old)).text
