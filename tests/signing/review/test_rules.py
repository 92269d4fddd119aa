"""What a rule says of names."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signatures.signing.review.rules import LONGEST, name_matches


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("Ada Example", "ada*"),
        ("Ada Example", "*EXAMPLE"),
        ("Ada Example", "*a*x*"),
        ("Ada Example", "ada example"),
        ("\uff22\uff35\uff39 now", "buy*"),  # full-width letters
        ("Straße", "STRASSE"),
        ("aa", "a*a"),
    ],
)
def test_a_pattern_finds_a_name_whatever_its_capitals_and_form(name, pattern):
    assert name_matches(name, pattern=pattern)


@pytest.mark.parametrize(
    ("name", "pattern"),
    [("Ada Example", "ada"), ("Ada Example", "*ada"), ("a", "a*a"), ("Ada", "a?a"), ("Ada", "a.a"), ("", "*")],
)
def test_a_pattern_is_for_the_whole_name_and_knows_only_the_star(name, pattern):
    assert not name_matches(name, pattern=pattern)


@pytest.mark.parametrize("name", ["http://x.example", "See WWW.x.example", "buy at cheap.com", "cheap.ru/x, now"])
def test_a_link_in_a_name_is_seen(name):
    assert name_matches(name, looks="link")


@pytest.mark.parametrize("name", ["J. R. Smith", "Dr.Smith", "Anna-Maria", ".com", "Comte.", "Ada Example"])
def test_a_name_with_a_dot_is_no_link(name):
    assert not name_matches(name, looks="link")


def test_the_same_character_five_times_in_a_row_is_seen():
    assert name_matches("Aaaaa B", looks="repeated")
    assert not name_matches("Annnna     B", looks="repeated")


def test_both_conditions_on_a_name_must_hold():
    assert name_matches("buy at cheap.com", pattern="buy*", looks="link")
    assert not name_matches("sell at cheap.com", pattern="buy*", looks="link")
    assert not name_matches("buy apples", pattern="buy*", looks="link")


@settings(max_examples=200, deadline=500)
@given(st.text(), st.text(), st.sampled_from(["", "link", "repeated"]))
def test_no_pattern_and_no_name_raise(name, pattern, looks):
    assert name_matches(name, pattern=pattern, looks=looks) in (True, False)


@settings(max_examples=200)
@given(st.lists(st.text("abß\ufb03 ", max_size=4), min_size=1, max_size=6), st.text("xy", max_size=3))
def test_what_was_made_from_a_pattern_fits_it(parts, between):
    name = between.join(parts)
    assert not name or name_matches(name, pattern="*".join(parts))


def test_the_worst_pattern_is_not_slow():
    began = time.perf_counter()
    assert not name_matches("a" * LONGEST * 10, pattern="*".join(["a"] * 39) + "*b")
    assert not name_matches("a" * LONGEST, pattern="*" + "*".join(["aab"] * 20) + "*")
    assert time.perf_counter() - began < 0.1
