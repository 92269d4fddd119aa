import base64
import gzip
import hashlib
import re

from django.test import Client

from signatures.counter.embed_module import INTEGRITY, PLAIN

URL = "/embed/v1/counter.js"
LIMIT = 4000  # bytes, gzipped: what a partner's readers pay
# What partners' pages have pinned. Once released it is not changed with the module: that is then the next version.
RELEASED = "sha384-twkPez/+WZs1HTO3/ytt9xwzIVDhv1UQz6QZ2FmEgVQf6sQTkUYchsEtY+iDOInN"


def test_the_module_is_small_enough_as_it_is_sent():
    answer = Client().get(URL, headers={"Accept-Encoding": "gzip, br"})
    assert answer["Content-Encoding"] == "gzip"
    assert len(answer.content) <= LIMIT
    assert gzip.decompress(answer.content) == Client().get(URL).content == PLAIN


def test_the_module_is_the_one_that_partners_have_pinned():
    assert "sha384-" + base64.b64encode(hashlib.sha384(Client().get(URL).content).digest()).decode() == INTEGRITY
    assert INTEGRITY == RELEASED


def test_any_origin_may_load_it_and_keep_it_for_good():
    answer = Client().get(URL, headers={"Origin": "https://partner.example"})
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Vary"] == "Accept-Encoding"
    assert not answer.cookies
    assert Client().get(URL, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    assert Client().head(URL).status_code == 200
    assert Client().post(URL).status_code == 405


def test_it_needs_nothing_and_injects_nothing():
    """No import, no HTML from a string (Trusted Types refuse that), no style attribute written as text."""
    assert not re.search(
        r"^\s*import\b|import\(|innerHTML|outerHTML|insertAdjacentHTML|eval\(|\.cssText", PLAIN.decode(), re.M
    )
    assert not re.search(rb"localStorage|sessionStorage|cookie|sendBeacon", PLAIN)
