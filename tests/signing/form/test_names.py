import unicodedata

import pytest
from django.core.exceptions import ValidationError

from signatures.signing.form.names import MAX_NAME, check_name

REAL = [
    "Ng", "O", "Agnès Callamard", "Ngô Thị Ánh", "محمد بن سلمان", "ئەركىن", "Әлия Құнанбаева", "李娜", "Ólafur Ó'Brien",
    "Nguyễn-Đỗ", "علی‌رضا", "ක්‍රිෂ්ණ", "Γιώργος", "X Æ A-12", "Dr. J. R. R. Tolkien", "María José", "Sukarno",
    "יצחק", "ஸ்ரீ", "김민준", "d’Arc", "de la Cruz, Juan",
]  # fmt: skip


@pytest.mark.parametrize("name", REAL)
def test_real_names_are_kept_byte_for_byte_in_nfc(name):
    assert check_name(f"  {unicodedata.normalize('NFD', name)} ") == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "required"),
        ("   ", "required"),
        ("\u200b\u200b", "invisible"),
        ("\u3164", "invisible"),
        ("\u2800\u2800", "invisible"),
        ("12345", "invisible"),
        ("...", "invisible"),
        ("https://spam.example", "address"),
        ("www.spam.example", "address"),
        ("Buy at spam.com now", "address"),
        ("ada@mail.example", "address"),
        ("Ada\nBcc: x", "control"),
        ("Ada\x00", "control"),
        ("Ada\ud800", "control"),
        ("Ad\ufffda", "control"),
        ("\u202eadA", "turned"),
        ("x" * (MAX_NAME + 1), "too_long"),
    ],
)
def test_what_only_pretends_to_be_a_name_is_refused_with_its_reason(name, code):
    with pytest.raises(ValidationError) as caught:
        check_name(name)
    assert caught.value.code == code
