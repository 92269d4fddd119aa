from __future__ import annotations

import pytest

from signatures.signing.form.typos import COMMON, REAL, perhaps_meant, slips


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ada@gmial.com", "ada@gmail.com"),
        ("ada@gmail.con", "ada@gmail.com"),
        ("ada@gamil.com", "ada@gmail.com"),
        ("Ada.L@HOTMIAL.CON", "Ada.L@hotmail.com"),
        ("ada@yaho.com", "ada@yahoo.com"),
        ("ada@outlok.fr", "ada@outlook.fr"),
        ("ada@yandx.ru", "ada@yandex.ru"),
    ],
)
def test_a_slip_is_asked_about(typed: str, meant: str) -> None:
    assert perhaps_meant(typed) == meant


@pytest.mark.parametrize(
    "address",
    ["ada@gmail.com", "ada@mail.com", "ada@small.com", "ada@yahoo.it", "ada@example.org", "ada@qq.com", "ada", "", "@"],
)
def test_nobody_is_asked_about_an_address_that_may_well_be_right(address: str) -> None:
    assert perhaps_meant(address) == ""


def test_no_domain_in_the_lists_is_taken_for_another() -> None:
    assert not [domain for domain in (*COMMON, *REAL) if perhaps_meant(f"x@{domain}")]
    assert not REAL & set(COMMON)


@pytest.mark.parametrize(("a", "b", "steps"), [("", "ab", 2), ("ab", "ba", 1), ("abc", "abd", 1), ("abcd", "acbd", 1)])
def test_slips_are_counted_one_by_one(a: str, b: str, steps: int) -> None:
    assert slips(a, b) == slips(b, a) == steps
