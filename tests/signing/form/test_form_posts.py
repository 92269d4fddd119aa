"""What a posted form is answered with, whatever is in it."""

from urllib.parse import urlencode

import pytest
from django.test import Client

from signatures.models import Petition, Signature, Suppression
from signatures.privacy.indexes import person_index
from signatures.signing.form.forms import FormToken
from tests.factories import make_consent, make_petition, make_signature

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def petition():
    return make_petition(slug="water", languages=("fr",))


@pytest.fixture
def filled(petition):
    """A form as a browser would send it; keyword arguments replace fields, None leaves one out."""

    def fill(**fields):
        token = FormToken(petition_id=petition.pk, consent_id=make_consent().pk).sign()
        form = {"name": "Ada Example", "email": "ada@mail.example.org", "country": "FR", "token": token} | fields
        return {key: value for key, value in form.items() if value is not None}

    return fill


def post(form, path="/en/water/", **headers):
    body = form if isinstance(form, bytes) else urlencode(form).encode()
    return Client().post(path, body, content_type=FORM, headers=headers)


def test_a_good_form_is_stored_and_leads_to_the_check_mail_page(filled, petition):
    answer = post(filled(show_name="on", source="partner-7"))
    assert answer.status_code == 303
    assert answer["Location"].startswith("/en/water/check/")
    assert "no-store" in answer["Cache-Control"]
    row = Signature.objects.get()
    assert (row.state, row.country, row.show_name, row.source) == ("pending", "FR", True, "partner-7")
    page = Client().get(answer["Location"])
    assert "ada@mail.example.org" in page.text
    assert "no-store" in page["Cache-Control"]


def test_the_exact_consent_text_is_stored(filled):
    french = make_consent("fr")
    token = FormToken(petition_id=Petition.objects.get().pk, consent_id=french.pk).sign()
    post(filled(token=token), "/fr/water/")
    assert Signature.objects.get().consent == french
    assert Signature.objects.get().language == "fr"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "https://spam.example"),
        ("name", "Ada\x00Example"),
        ("name", "x" * 5000),
        ("email", ""),
        ("email", "ada@localhost"),
        ("email", "ada@mail.example.org\r\nBcc: eve@mail.example.org"),
        ("email", "ada@mail.example.org,eve@mail.example.org"),
        ("email", "ada\x00@mail.example.org"),
        ("country", ""),
        ("country", "ZZ"),
        ("country", "FR\x00"),
        ("country", None),
    ],
)
def test_a_wrong_field_is_named_and_the_rest_is_kept(filled, field, value):
    answer = post(filled(**{field: value, "name": value if field == "name" else "Ngô Thị Ánh"}))
    assert answer.status_code == 422
    assert f'href="#id_{field}"' in answer.text
    if field != "name":
        assert 'value="Ngô Thị Ánh"' in answer.text
    if field != "email":
        assert 'value="ada@mail.example.org"' in answer.text
    if field != "country":
        assert '<option value="FR" selected' in answer.text
    assert not Signature.objects.exists()
    assert "no-store" in answer["Cache-Control"]


def test_what_was_typed_for_a_country_comes_back_with_its_problem(filled):
    """The searchable list sends along what it found no country for; without a script there is nothing of the kind."""
    answer = post(filled(country="", country_typed="  Atlantis <b>\u202e "))
    assert answer.status_code == 422
    assert "We know no “Atlantis &lt;b&gt;”. Choose your country from the list" in answer.text
    assert 'data-typed="Atlantis &lt;b&gt;"' in answer.text
    again = post(filled(country="", country_typed="x" * 5000)).text
    assert "“" + "x" * 80 + "”" in again
    assert "Choose your country, or" in post(filled(country="", country_typed="")).text
    taken = post(filled(country="PE", country_typed="Peru"))
    assert taken.status_code == 303
    assert Signature.objects.get().country == "PE"


@pytest.mark.parametrize("token", [None, "", "garbage", "\x00"])
def test_an_old_or_missing_form_token_asks_to_press_again_and_loses_nothing(filled, token):
    answer = post(filled(token=token))
    assert answer.status_code == 422
    assert 'value="ada@mail.example.org"' in answer.text
    assert not Signature.objects.exists()


def test_another_petitions_token_is_refused(filled):
    other = make_petition()
    token = FormToken(petition_id=other.pk, consent_id=make_consent().pk).sign()
    assert post(filled(token=token)).status_code == 422


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"name=%ff", FORM),
        (b"name=\xff", FORM),
        (b"name=%ED%A0%80", FORM),  # a lone surrogate
        (b"name=" + b"x" * 10_000_000, FORM),
        (b"a=1&" * 100_000, FORM),
        (b"&".join(b"a%d=1" % n for n in range(500)), FORM),
        (b'{"name": "Ada"}', "application/json"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
        (b"name=x", FORM + "; charset=utf-16"),
    ],
)
def test_what_is_no_form_is_a_400_that_says_nothing_was_saved(petition, body, content_type):
    answer = Client().post("/en/water/", body, content_type=content_type)
    assert answer.status_code == 400
    assert "Nothing was saved" in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
    ],
)
def test_another_sites_form_is_refused(filled, headers):
    assert post(filled(), **headers).status_code == 403
    assert not Signature.objects.exists()


@pytest.mark.parametrize(
    "headers", [{}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {"Origin": "http://testserver"}]
)
def test_our_own_form_is_taken_by_every_browser(filled, headers):
    assert post(filled(), **headers).status_code == 303


def test_too_many_from_one_network_wait_and_lose_nothing(filled, settings):
    settings.RATELIMIT_ENABLE = True
    settings.GUARD_SIGN_RATE = "1/h"
    post(filled(email="first@mail.example.org"))
    answer = post(filled())
    assert answer.status_code == 429
    assert answer["Retry-After"]
    assert 'value="ada@mail.example.org"' in answer.text


@pytest.mark.parametrize("state", ["closed", "delivered"])
def test_a_closed_petition_takes_no_signature_and_says_so(filled, state):
    from signatures.letters.read import forget

    Petition.objects.update(state=state)
    forget("water")
    answer = post(filled())
    assert answer.status_code == 422
    assert not Signature.objects.exists()


def test_a_draft_is_not_there(filled):
    from signatures.letters.read import forget

    Petition.objects.update(state="draft")
    forget("water")
    assert post(filled()).status_code == 404
    assert Client().get("/en/water/").status_code == 404


def test_every_signer_gets_the_same_answer(filled, petition):
    """New, pending, confirmed, held, withdrawn and suppressed: status, headers, page and even lengths are the same."""
    Suppression.objects.create(petition=petition, person_index=person_index("stop@mail.example.org"))
    for state in ("confirmed", "held", "pending", "withdrawn"):
        make_signature(petition, email=f"{state[:4]}@mail.example.org", state=state)
    answers, pages = [], []
    for who in ("newx", "stop", "conf", "held", "pend", "with"):
        answer = post(filled(email=f"{who}@mail.example.org"))
        answers.append((answer.status_code, len(answer["Location"]), sorted(answer.headers), answer.content))
        page = Client().get(answer["Location"])
        token = answer["Location"].split("/")[-2]
        pages.append((page.status_code, page.text.replace(token, "").replace(f"{who}@", "@")))
    assert len({str(each) for each in answers}) == 1
    assert len(set(pages)) == 1


def test_nothing_public_sets_a_cookie_or_varies_on_one(filled):
    answer = post(filled())
    for response in (answer, Client().get(answer["Location"]), Client().get("/en/water/"), Client().get("/en/")):
        assert not response.cookies
        assert "Cookie" not in response.get("Vary", "")
