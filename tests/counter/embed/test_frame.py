import pytest
from django.test import Client

from signatures.models import Petition, Tally
from tests.factories import make_consent, make_petition

URL = "/embed/v1/en/water/"


def test_any_page_may_frame_it_and_caches_may_keep_it(petition):
    answer = Client().get(URL, headers={"Origin": "https://partner.example"})
    assert answer.status_code == 200
    assert "X-Frame-Options" not in answer
    assert "frame-ancestors *" in answer["Content-Security-Policy"]
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert answer["Cache-Control"].startswith("public, max-age=60, stale-while-revalidate")
    assert answer.get("Vary", "") == ""
    assert not answer.cookies


@pytest.mark.parametrize(
    "path", ["/en/", "/en/water/", "/en/water/embed/", "/en/privacy/", "/en/no/such/", "/desk/login/"]
)
def test_no_other_page_may_be_framed(petition, path):
    make_consent("en")
    answer = Client().get(path)
    assert answer["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ("<b>323,832</b> people have signed", "Goal: 400,000")), ("fr", ("Objectif\u00a0: 400\u202f000",))],
)
def test_it_says_the_count_without_a_script(petition, language, words):
    text = Client().get(f"/embed/v1/{language}/water/").content.decode()
    for each in words:
        assert each in text
    assert f'href="/{language}/water/" target="_top" rel="noopener"' in text


def test_a_partners_tag_is_on_its_links_and_anything_else_is_not(petition):
    assert 'href="/en/water/?s=paper-1"' in Client().get(f"{URL}?s=paper-1").content.decode()
    text = Client().get(f"{URL}?s=%22%3E%3Cscript&accent=red;&variant=x&theme=y").content.decode()
    assert 'href="/en/water/"' in text
    assert "accent=" not in text
    assert 'variant="bar"' in text


def test_it_looks_as_was_asked(petition):
    text = Client().get(f"{URL}?accent=%23AA0000&variant=countries&theme=dark").content.decode()
    assert 'variant="countries" accent="#aa0000"' in text
    assert 'class="dark"' in text


@pytest.mark.parametrize(
    ("state", "words"), [("closed", "This letter is closed"), ("delivered", "This letter has been delivered")]
)
def test_what_is_over_says_so_and_asks_for_nothing(state, words, db):
    make_petition(slug="water", state=state)
    text = Client().get(URL).content.decode()
    assert words in text
    assert "Sign this letter" not in text


def test_nobody_yet_is_not_shown_as_a_zero(db):
    make_petition(slug="water")
    text = Client().get(URL).content.decode()
    assert "have signed" not in text
    assert "<progress" not in text
    assert "Sign this letter" in text


@pytest.mark.parametrize("name", ["", "badge.svg", "badge.png"])
def test_drafts_and_unknown_letters_are_not_there(db, name):
    make_petition(slug="draft", state=Petition.State.DRAFT)
    for path in (f"/embed/v1/en/draft/{name}", f"/embed/v1/en/none/{name}", f"/embed/v1/xx/draft/{name}"):
        answer = Client().get(path)
        assert answer.status_code == 404
        assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize("name", ["", "badge.svg", "badge.png"])
def test_a_second_look_costs_no_query_and_an_unchanged_answer_no_bytes(petition, name, django_assert_num_queries):
    etag = Client().get(URL + name)["ETag"]
    with django_assert_num_queries(0):
        answer = Client().get(URL + name, headers={"If-None-Match": etag})
    assert (answer.status_code, answer.content) == (304, b"")
    assert Tally.objects.get().total == 323_832
