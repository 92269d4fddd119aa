"""The data addresses: what they say, to whom, and for how long."""

import json

import pytest
from django.test import Client

from signatures.counter.data import ENDPOINTS
from signatures.models import Letter, Petition
from signatures.signing.confirm import confirm
from signatures.tally.fold import fold
from signatures.tally.published import publish_due
from tests.factories import make_petition, make_signature, make_update

pytestmark = pytest.mark.django_db
BASE = "/api/v1/petitions/water"
NAMES = [each.name for each in ENDPOINTS]
ALL = [*NAMES, "tally"]


def address(name):
    return f"{BASE}/{name}".rstrip("/")


@pytest.fixture
def water():
    petition = make_petition(slug="water", goal=50, languages=("fr",))
    for country, number in {"PE": 12, "FR": 21, "TV": 1, None: 2}.items():
        for _ in range(number):
            confirm(signature_id=make_signature(petition, country=country).pk, revision=0)
    fold()
    publish_due()
    return petition


def test_the_petition_says_what_it_is_and_where_the_rest_is(water):
    answer = Client().get(BASE).json()
    assert (answer["slug"], answer["state"], answer["goal"], answer["country_threshold"]) == ("water", "open", 50, 10)
    assert answer["closed_at"] is None
    assert [letter["language"] for letter in answer["letters"]] == ["en", "fr"]
    assert answer["letters"][1] == {
        "language": "fr",
        "title": "Open letter on clean water (fr)",
        "addressee": "To every government",
        "url": "http://testserver/fr/water/",
        "embed_url": "http://testserver/embed/v1/fr/water/",
    }
    for link in answer["links"].values():
        assert Client().get(link.removeprefix("http://testserver")).status_code in (200, 204)


def test_a_letter_in_a_language_that_the_pages_lack_is_read_on_one_they_have():
    petition = make_petition(slug="water")
    Letter.objects.create(petition=petition, language="sw", title="Barua", addressee="Kwa wote", body="Maji")
    urls = {each["language"]: each["url"] for each in Client().get(BASE).json()["letters"]}
    assert urls["sw"] == urls["en"]


def test_countries_come_from_the_published_figures_with_their_names(water):
    answer = Client().get(BASE + "/countries?lang=fr").json()
    assert answer["countries"] == [  # 20, less one step: the rest would have been 6, with all who are hidden in it
        {"code": "FR", "name": "France", "number": 10},
        {"code": "PE", "name": "Pérou", "number": 10},
        {"code": "TV", "name": "Tuvalu", "number": None},
    ]
    assert (answer["language"], answer["threshold"], answer["not_said"], answer["version"]) == ("fr", 10, None, 1)
    assert answer["as_of"].endswith("Z")


def test_days_come_from_the_same_publication(water):
    countries, days = Client().get(BASE + "/countries").json(), Client().get(BASE + "/days").json()
    assert days["days"][-1]["number"] == 30
    assert (days["as_of"], days["version"]) == (countries["as_of"], countries["version"])


def test_before_the_first_publication_there_is_nothing_and_it_says_so():
    make_petition(slug="water")
    answer = Client().get(BASE + "/countries").json()
    assert (answer["countries"], answer["total"], answer["as_of"], answer["version"]) == ([], None, None, 0)
    assert Client().get(BASE + "/days").json()["days"] == []


def test_updates_come_in_the_language_asked_for_or_their_own(water):
    make_update(water, title="Delivered", languages=("fr",))
    make_update(water, title="Only here")
    answer = Client().get(BASE + "/updates?lang=FR").json()
    assert [(each["language"], each["title"]) for each in answer["updates"]] == [
        ("en", "Only here"),
        ("fr", "Delivered (fr)"),
    ]
    assert "<strong>delivered</strong>" in answer["updates"][0]["html"]


@pytest.mark.parametrize("name", ALL)
def test_anybody_may_read_and_keep_it(water, name):
    answer = Client().get(address(name), headers={"Origin": "https://partner.example", "Cookie": "sessionid=x"})
    assert answer["Access-Control-Allow-Origin"] == "*"
    for part in ("public", "max-age=", "stale-while-revalidate=", "stale-if-error="):
        assert part in answer["Cache-Control"]
    assert not answer.cookies
    assert answer.get("Vary", "") in ("", "Accept-Encoding")
    said = answer.json()
    assert "as_of" in said
    assert "version" in said


@pytest.mark.parametrize("name", ALL)
def test_what_is_unchanged_is_a_304_in_every_process(water, name):
    from signatures.counter import data

    etag = Client().get(address(name))["ETag"]
    data.forget()  # as another process would make it, a moment later
    for sent in (etag, f'"other", {etag}', etag.removeprefix("W/"), "*"):
        answer = Client().get(address(name), headers={"If-None-Match": sent})
        assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", etag)
    assert Client().get(address(name), headers={"If-None-Match": '"other"'}).status_code == 200


def test_an_edited_petition_has_another_version_and_etag(water):
    before = Client().get(BASE)
    Petition.objects.update(goal=60)
    from signatures.counter import data
    from signatures.letters import read

    data.forget()
    read.forget("water")
    after = Client().get(BASE)
    assert after["ETag"] != before["ETag"]
    assert after.json()["version"] != before.json()["version"]


@pytest.mark.parametrize("name", ALL)
def test_a_ready_answer_costs_no_query_and_a_cold_one_few(water, name, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as cold:
        Client().get(address(name))
    assert len(cold) <= 4  # the petition and its letters; updates and their texts
    with django_assert_num_queries(0):
        Client().get(address(name))


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("state", ["draft", None])
def test_what_is_not_public_is_not_there(name, state):
    if state:
        make_update(make_petition(slug="water", state=state))
    answer = Client().get(address(name))
    assert answer.status_code == 404
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer.json() == {"error": "no such petition"}
    assert "ETag" not in answer


@pytest.mark.parametrize("name", [*ALL, "stream"])
def test_a_preflight_is_answered_and_nothing_can_be_changed(water, name):
    preflight = Client().options(address(name), headers={"Origin": "https://partner.example"})
    assert (preflight.status_code, preflight["Access-Control-Allow-Origin"]) == (204, "*")
    assert "If-None-Match" in preflight["Access-Control-Allow-Headers"]
    assert Client().head(address(name)).status_code in (200, 204)
    for method in (Client().post, Client().put, Client().delete, Client().patch):
        answer = method(address(name))
        assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD, OPTIONS")
        assert (answer["Access-Control-Allow-Origin"], answer.json()["error"]) == ("*", "only GET")


@pytest.mark.parametrize("language", ["english!", "e", "../etc", "é", "\0", "en" * 40])
def test_a_language_that_is_none_is_a_clear_error(water, language):
    answer = Client().get(BASE + "/countries", {"lang": language})
    assert answer.status_code == 400
    assert "lang" in answer.json()["error"]
    assert answer["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("state", ["closed", "delivered"])
def test_a_closed_petition_says_so_and_tells_pollers_to_stop(state):
    make_petition(slug="water", state=state)
    for name in ALL:
        assert Client().get(address(name)).json()["state"] == state
    assert Client().get(BASE + "/tally").json()["poll_after"] is None


def test_an_open_one_tells_when_to_ask_again(water):
    assert Client().get(BASE + "/tally").json()["poll_after"] == 60


def test_when_the_database_is_away_the_error_is_json_for_any_origin(water, monkeypatch):
    from django.db import OperationalError

    from signatures.counter import data

    def away(slug):
        raise OperationalError

    monkeypatch.setattr(data, "published", away)
    answer = Client(raise_request_exception=False).get(BASE + "/days")
    assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (503, "*")
    assert json.loads(answer.content)["error"]
