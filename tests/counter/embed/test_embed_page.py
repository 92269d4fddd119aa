import html
import re

import pytest
from django.test import Client

from signatures.counter.embed_module import INTEGRITY
from tests.factories import make_petition

URL = "/en/water/embed/"


def code(answer):
    """What a partner copies."""
    return html.unescape(re.search(r"<textarea[^>]*>(.*?)</textarea>", answer.content.decode(), re.S)[1])


def test_at_first_it_offers_the_live_counter_with_its_hash(petition):
    copied = code(Client().get(URL))
    assert copied.startswith('<script type="module" src="http://testserver/embed/v1/counter.js" ')
    assert f'integrity="{INTEGRITY}" crossorigin="anonymous"></script>\n' in copied
    assert '<petition-counter petition="water" lang="en" variant="bar" accent="#3b7dd8">' in copied
    assert '<a href="http://testserver/en/water/">Sign this letter – Open letter on clean water</a>' in copied


@pytest.mark.parametrize(
    ("kind", "copied"),
    [
        ("frame", '<iframe src="http://testserver/embed/v1/fr/water/?accent=%233b7dd8&amp;s=paper-1"'),
        ("svg", '<img src="http://testserver/embed/v1/fr/water/badge.svg"'),
        ("png", '<img src="http://testserver/embed/v1/fr/water/badge.png"'),
        ("link", '<a href="http://testserver/fr/water/?s=paper-1">'),
        ("counter", '<petition-counter petition="water" lang="fr" variant="bar" accent="#3b7dd8" source="paper-1">'),
    ],
)
def test_each_kind_has_its_code_in_the_language_and_with_the_tag_that_were_chosen(petition, kind, copied):
    answer = Client().get(URL, {"kind": kind, "in_language": "fr", "s": "paper-1"})
    assert answer.status_code == 200
    assert copied in code(answer)
    if kind != "frame":
        assert "http://testserver/fr/water/?s=paper-1" in code(answer)


@pytest.mark.parametrize(
    ("kind", "lines"),
    [
        ("counter", "script-src http://testserver;\nconnect-src http://testserver;"),
        ("frame", "frame-src http://testserver;"),
        ("svg", "img-src http://testserver;"),
        ("link", None),
    ],
)
def test_it_says_what_a_strict_policy_needs(petition, kind, lines):
    text = Client().get(URL, {"kind": kind}).content.decode()
    if lines:
        assert lines in text
    else:
        assert "-src http" not in text


def test_what_cannot_be_is_refused_in_words_and_never_copied(petition):
    answer = Client().get(URL, {"s": '"><script>alert(1)</script>', "kind": "counter"})
    assert answer.status_code == 422
    assert "Use only small letters" in answer.content.decode()
    assert "alert(1)" not in code(answer)
    assert Client().get(URL, {"kind": "hologram", "variant": "x", "theme": "x", "accent": "red"}).status_code == 422


def test_it_is_a_public_page_that_frames_only_ours(petition, django_assert_num_queries):
    answer = Client().get(URL)
    assert "frame-src 'self'" in answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Cache-Control"].startswith("public, max-age=60")
    assert not answer.cookies
    with django_assert_num_queries(0):
        Client().get(URL, {"kind": "frame"})


def test_a_draft_has_no_embed_page(db):
    make_petition(slug="water", state="draft")
    assert Client().get(URL).status_code == 404
