"""oEmbed: a letter's address becomes an iframe with its count."""

import re

import pytest
from django.test import Client
from django.utils.html import escape

from tests.factories import make_petition

LETTER = "http://testserver/fr/water/"


@pytest.fixture
def water(db):
    return make_petition(slug="water", languages=("fr",), title='Water & "salt"')


def ask(url=LETTER, **query):
    return Client().get("/oembed", {"url": url} | query)


def test_it_answers_with_an_iframe_of_the_count(water):
    answer = ask()
    said = answer.json()
    assert (said["version"], said["type"], said["title"]) == ("1.0", "rich", 'Water & "salt" (fr)')
    assert (said["width"], said["height"], said["author_url"]) == (360, 200, LETTER)
    assert 'src="http://testserver/embed/v1/fr/water/"' in said["html"]
    assert 'title="Water &amp; &quot;salt&quot; (fr)"' in said["html"]
    assert "style" not in said["html"]
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "max-age=3600" in answer["Cache-Control"]
    assert Client().get("/oembed", {"url": LETTER}, headers={"If-None-Match": answer["ETag"]}).status_code == 304


def test_it_is_never_larger_than_asked(water):
    said = ask(maxwidth="300", maxheight="90").json()
    assert (said["width"], said["height"]) == (300, 90)
    assert 'width="300" height="90"' in said["html"]
    assert ask(maxwidth="9000").json()["width"] == 360


@pytest.mark.parametrize(
    "url",
    [LETTER, "https://testserver/fr/water", LETTER + "?s=friend", LETTER + "#sign", "http://TESTSERVER/fr/water/"],
)
def test_a_letters_address_is_known_in_its_variants(water, url):
    assert ask(url).status_code == 200


@pytest.mark.parametrize(
    "url",
    [
        "http://elsewhere.example/fr/water/",
        "http://testserver@elsewhere.example/fr/water/",
        "http://testserver:81/fr/water/",
        "ftp://testserver/fr/water/",
        "http://testserver/xx/water/",
        "http://testserver/fr/nothing/",
        "http://testserver/fr/water/mine/token/",
        "http://testserver/fr/",
        "http://[broken/fr/water/",
        "water",
        "\0",
    ],
)
def test_any_other_address_is_a_404(water, url):
    answer = ask(url)
    assert answer.status_code == 404
    assert answer.json()["error"]
    assert answer["Access-Control-Allow-Origin"] == "*"


def test_a_draft_is_not_there(db):
    make_petition(slug="water", state="draft")
    assert ask().status_code == 404


@pytest.mark.parametrize(
    ("query", "status"),
    [({"format": "xml"}, 501), ({"maxwidth": "0"}, 400), ({"maxwidth": "wide"}, 400), ({"maxheight": "-1"}, 400)],
)
def test_what_cannot_be_had_is_said(water, query, status):
    assert ask(**query).status_code == status


def test_without_a_url_it_says_what_is_missing(water):
    assert "url" in Client().get("/oembed").json()["error"]
    assert Client().post("/oembed").status_code == 405
    assert Client().options("/oembed")["Access-Control-Allow-Origin"] == "*"


def test_the_letters_page_leads_to_it(water):
    page = Client().get("/fr/water/").content.decode()
    found = re.search(r'<link rel="alternate" type="application/json\+oembed" href="([^"]+)" title="([^"]+)">', page)
    assert found[2] == escape('Water & "salt" (fr)')
    address = found[1].replace("&amp;", "&")
    assert address.startswith("http://testserver/oembed?")
    assert Client().get(address.removeprefix("http://testserver")).json()["author_url"] == LETTER


def test_a_real_consumer_reads_it_from_a_running_server(stack):
    """micawber, as Python sites use it: once told of the address, once by finding it in the page."""
    import micawber

    letter = stack.url + "/en/xinjiang/"
    providers = micawber.ProviderRegistry()
    providers.register(re.escape(stack.url) + r"/\S*", micawber.Provider(stack.url + "/oembed"))
    said = providers.request(letter, maxwidth=350)
    assert said["type"] == "rich"
    assert f'src="{stack.url}/embed/v1/en/xinjiang/"' in said["html"]
    assert said["width"] == 350
    assert "<iframe" in micawber.parse_text(letter, providers)
