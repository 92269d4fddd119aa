"""What the search box understands, and what it says that it does not."""

from datetime import date

import pytest
from django.utils.translation import override

from signatures.desk.search import days
from signatures.desk.search.narrowing import Narrowing
from signatures.desk.search.understanding import understand
from signatures.desk.search.words import in_words

TODAY = date(2026, 11, 25)
PETITIONS = {"clean-water": 7}


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    monkeypatch.setattr(days, "today", lambda: TODAY)


def read(text, language="en"):
    with override(language):
        return understand(text, language=language, petitions=PETITIONS)


def day(year, month, number):
    return {"signed_from": date(year, month, number), "signed_until": date(year, month, number)}


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("held", {"state": "held"}),
        ("Held for review", {"state": "held"}),
        ("unconfirmed", {"state": "pending"}),
        ("bounced", {"mail": "bounced"}),
        ("France", {"country": "FR"}),
        ("fr", {"country": "FR"}),
        ("cote d'ivoire", {"country": "CI"}),
        ("Côte d’Ivoire", {"country": "CI"}),
        ("United Kingdom", {"country": "GB"}),
        ("UK", {"country": "GB"}),
        ("Türkiye", {"country": "TR"}),
        ("turkey", {"country": "TR"}),
        ("de", {"country": "DE"}),
        ("held in IN", {"state": "held", "country": "IN"}),
        ("Kazakh", {"country": "KZ"}),
        ("Niger", {"country": "NE"}),
        ("Guinea-Bissau", {"country": "GW"}),
        ("country not said", {"country": "-"}),
        ("today", day(2026, 11, 25)),
        ("Yesterday", day(2026, 11, 24)),
        ("2026-11-24", day(2026, 11, 24)),
        ("24 Nov 2026", day(2026, 11, 24)),
        ("24th November 2026", day(2026, 11, 24)),
        ("November 24, 2026", day(2026, 11, 24)),
        ("24/11/2026", day(2026, 11, 24)),
        ("24.11.2026", day(2026, 11, 24)),
        ("24 Nov", day(2026, 11, 24)),
        ("24 Dec", day(2025, 12, 24)),
        ("2026-11-20..2026-11-24", {"signed_from": date(2026, 11, 20), "signed_until": date(2026, 11, 24)}),
        ("019a3b5c", {"id": "019a3b5c"}),
        ("019A3B5C-7D", {"id": "019a3b5c7d"}),
        ("019a3b5c-7d00-7000-8000-000000000001", {"id": "019a3b5c7d0070008000000000000001"}),
        ("source:newsletter-3", {"source": "newsletter-3"}),
        ("?s=newsletter-3", {"source": "newsletter-3"}),
        ("Clean-Water", {"petition": 7}),
        ("held France 2026-11-24", {"state": "held", "country": "FR", **day(2026, 11, 24)}),
        (
            "held signatures from United Kingdom, signed on 24 Nov 2026",
            {"state": "held", "country": "GB", **day(2026, 11, 24)},
        ),
    ],
)
def test_what_is_understood(text, values):
    understood = read(text)
    assert understood.values == values
    assert not understood.unknown
    assert not understood.personal


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Allemagne", {"country": "DE"}),
        ("états-unis", {"country": "US"}),
        ("germany", {"country": "DE"}),
        ("24 novembre 2026", day(2026, 11, 24)),
        ("24 nov. 2026", day(2026, 11, 24)),
        ("1er août 2026", day(2026, 8, 1)),
        ("24 Nov 2026", day(2026, 11, 24)),
        ("held", {"state": "held"}),
    ],
)
def test_what_is_understood_in_french(text, values):
    understood = read(text, "fr")
    assert understood.values == values
    assert not understood.unknown


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("Ada Example", ["Ada", "Example"]),
        ("held Ada", ["Ada"]),
        ("ada@", ["ada@"]),
        ("31 Nov 2026", ["31", "Nov", "2026"]),
        ("2026-13-01", ["2026-13-01"]),
        ("019a3b5", ["019a3b5"]),
        ("united", ["united"]),  # Kingdom, States, Arab Emirates
        ("source:UPPER", ["source:UPPER"]),
        ("2026-11-24..2026-11-20", ["2026-11-24..2026-11-20"]),
        ("from", ["from"]),
    ],
)
def test_what_is_not_understood_is_told(text, unknown):
    assert read(text).unknown == unknown


@pytest.mark.parametrize("text", ["France Spain", "held pending", "today yesterday", "@a.example @b.example"])
def test_two_of_a_kind_are_told_too(text):
    assert read(text).twice == [text.split()[1]]


def test_an_address_and_a_domain_are_taken_for_what_they_are():
    assert read("Ada@Mail.Example held").address == "Ada@mail.example"
    understood = read("@Bücher.example")
    assert understood.domain == "bücher.example"
    assert understood.values == {"domain": read("@xn--bcher-kva.example").values["domain"]}


@pytest.mark.parametrize("text", ["", " ", "\0", "@", "x" * 5000, "a " * 5000, "..", "-", "9" * 31])
def test_nothing_that_can_be_typed_is_an_error(text):
    assert not read(text).values or read(text).values.keys() == {"id"}


@pytest.mark.parametrize(
    ("narrowing", "words"),
    [
        (Narrowing(), "Signatures"),
        (
            Narrowing(state="held", country="FR", signed_from=date(2026, 11, 24), signed_until=date(2026, 11, 24)),
            "Held signatures from France signed on 24 November 2026 (UTC)",
        ),
        (
            Narrowing(country="-", signed_from=date(2026, 11, 1), signed_until=date(2026, 11, 24)),
            "Signatures without a country signed from 1 November 2026 to 24 November 2026 (UTC)",
        ),
        (Narrowing(reason="trap"), "Held signatures (reason: a hidden field was filled in)"),
        (Narrowing(mail="bounced"), "Signatures (mail: bounced)"),
        (Narrowing(id="019a3b5c"), "Signatures whose id begins with 019a3b5c"),
    ],
)
def test_a_narrowing_is_said_in_words(narrowing, words):
    with override("en"):
        assert in_words(narrowing, language="en") == words


def test_a_narrowing_says_of_which_petition_and_domain():
    narrowing = Narrowing(state="pending", petition=7, domain="0" * 32)
    with override("en"):
        said = in_words(narrowing, language="en", petition="clean-water", domain="flood.example")
        assert said == "Unconfirmed signatures of “clean-water” with an address at @flood.example"
