"""No more updates: by the page and its button, and by a mail program in one click."""

import json
from urllib.parse import urlencode

import pytest
from django.test import Client

from signatures.models import Signature
from signatures.privacy.links import link_token
from signatures.privacy.tokens import sign_token
from tests.factories import make_consent, make_petition, make_signature

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"
ONE_CLICK = "List-Unsubscribe=One-Click"
BOUNDARY = "----provider"
FIELD = 'Content-Disposition: form-data; name="List-Unsubscribe"'
MULTIPART = f"--{BOUNDARY}\r\n{FIELD}\r\n\r\nOne-Click\r\n--{BOUNDARY}--\r\n"


@pytest.fixture
def row():
    petition = make_petition(slug="water", languages=("fr",))
    return make_signature(petition, state="confirmed", wants_updates=True, show_name=True, hand_over=True)


def link(row, language="en"):
    return f"/{language}/water/unsubscribe/{link_token('unsubscribe', signature_id=row.pk)}/"


def wants_updates(row):
    row.refresh_from_db()
    return row.wants_updates


def test_the_page_only_asks_and_its_one_button_ends_the_updates(row):
    address = link(row)
    page = Client().get(address)
    assert page.status_code == 200 and wants_updates(row), "link scanners follow links"
    assert page.text.count("<button") == 1 and f'action="{address}"' in page.text
    assert 'name="List-Unsubscribe" value="One-Click"' in page.text
    done = Client().post(address, ONE_CLICK, content_type=FORM)
    assert done.status_code == 200 and "You get no more updates" in done.text
    assert not wants_updates(row)
    assert row.show_name and row.hand_over and row.state == "confirmed", "the rest stays"
    assert row.choices_changed_at is not None and row.choices_consent is None


def test_a_mail_provider_needs_no_cookie_no_origin_and_no_second_try(row):
    for _ in range(3):
        answer = Client(enforce_csrf_checks=True).post(link(row), ONE_CLICK, content_type=FORM)
        assert answer.status_code == 200 and not answer.cookies
    assert not wants_updates(row)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://mail.provider.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://mail.provider.example"},
        {"User-Agent": "GoogleImageProxy", "Accept": "*/*", "Accept-Language": "zz"},
    ],
)
def test_it_is_taken_from_anywhere(row, headers):
    assert Client().post(link(row), ONE_CLICK, content_type=FORM, headers=headers).status_code == 200
    assert not wants_updates(row)


def test_the_other_form_that_the_standard_allows_is_taken_too(row):
    answer = Client().generic("POST", link(row), MULTIPART, content_type=f"multipart/form-data; boundary={BOUNDARY}")
    assert answer.status_code == 200 and not wants_updates(row)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("", FORM),
        ("List-Unsubscribe=One-Click&erase=1", FORM),
        ("List-Unsubscribe=One-Click&List-Unsubscribe=One-Click", FORM),
        ("List-Unsubscribe=Yes", FORM),
        ("list-unsubscribe=One-Click", FORM),
        ("action=unsubscribe", FORM),
        ("%ff=1", FORM),
        (json.dumps({"List-Unsubscribe": "One-Click"}), "application/json"),
        (ONE_CLICK, "text/plain"),
        ("--broken", "multipart/form-data; boundary=x"),
        ("", "multipart/form-data"),
        (MULTIPART.replace("One-Click", "x" * 5_000_000), f"multipart/form-data; boundary={BOUNDARY}"),
        (MULTIPART.replace('"\r\n\r\n', '"; filename="a.txt"\r\n\r\n'), f"multipart/form-data; boundary={BOUNDARY}"),
    ],
)
def test_no_other_body_is_taken(row, body, kind):
    assert Client().generic("POST", link(row), body, content_type=kind).status_code == 400
    assert wants_updates(row)


def test_no_other_page_takes_that_body(row):
    mine = f"/en/water/mine/{link_token('mine', signature_id=row.pk)}/"
    assert Client().post(mine, ONE_CLICK, content_type=FORM).status_code == 400
    headers = {"Origin": "https://mail.provider.example"}
    assert Client().post("/en/water/", ONE_CLICK, content_type=FORM, headers=headers).status_code == 403
    assert wants_updates(row)


def test_a_link_of_another_purpose_or_a_broken_one_ends_nothing(row):
    for purpose in ("mine", "confirm", "not-me"):
        token = link_token(purpose, signature_id=row.pk)
        assert Client().post(f"/en/water/unsubscribe/{token}/", ONE_CLICK, content_type=FORM).status_code == 404
    assert Client().post(link(row)[:-5] + "/", ONE_CLICK, content_type=FORM).status_code == 404
    token = link_token("unsubscribe", signature_id=row.pk)
    assert Client().get(f"/en/water/mine/{token}/").status_code == 404, "and it opens nothing else"
    assert wants_updates(row)


def test_the_link_works_for_years(row, settings):
    token = sign_token(row.pk.bytes, purpose="unsubscribe", lifetime=settings.UNSUBSCRIBE_LINK_DAYS * 86_400, now=1)
    assert settings.UNSUBSCRIBE_LINK_DAYS >= 3650
    assert Client().get(f"/en/water/unsubscribe/{token}/").status_code == 410
    assert Client().get(link(row)).status_code == 200


@pytest.mark.parametrize("state", ["erased", "withdrawn"])
def test_who_is_gone_already_gets_the_same_page(row, state):
    address = link(row)
    Signature.objects.all().delete()
    gone = make_signature(row.petition, state=state)
    for path in (address, link(gone)):
        assert "You get no more updates" in Client().post(path, ONE_CLICK, content_type=FORM).text


def test_the_link_of_a_petition_that_is_hidden_still_works(row):
    type(row.petition).objects.update(state="draft")
    assert Client().get(link(row)).status_code == 200
    assert Client().post(link(row), ONE_CLICK, content_type=FORM).status_code == 200
    assert not wants_updates(row)


def test_the_page_is_in_the_language_of_the_mail_and_stored_nowhere(row):
    page = Client().get(link(row, "ar"))
    assert 'dir="rtl"' in page.text
    assert (page["Cache-Control"], page["Referrer-Policy"]) == ("no-store", "no-referrer")
    assert not page.cookies


def test_my_signature_shows_it_and_can_change_it_back(row):
    make_consent()
    mine = f"/en/water/mine/{link_token('mine', signature_id=row.pk)}/"
    assert "I receive updates by e-mail" in Client().get(mine).text
    Client().post(link(row), ONE_CLICK, content_type=FORM)
    page = Client().get(mine).text
    assert "I receive updates by e-mail" not in page
    assert 'name="updates" type="checkbox" checked' not in page
    Client().post(mine, urlencode({"action": "choose", "updates": "on"}), content_type=FORM)
    assert wants_updates(row)
