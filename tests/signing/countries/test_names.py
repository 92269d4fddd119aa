from __future__ import annotations

import pytest
from django.conf import settings

from signatures.signing.countries.alphabets import LETTERS, alphabetical
from signatures.signing.countries.names import COMMON_NAMES, country_codes, country_name, country_names

LANGUAGES = [code for code, _name in settings.LANGUAGES]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_country_has_a_name_of_its_own_in_every_language(language: str) -> None:
    names = dict(country_names(language))

    assert names.keys() == country_codes()
    assert len(names) == len(set(names.values())) == 250
    if language not in ("en", "es", "fr"):
        assert not [name for name in names.values() if any("a" <= letter.casefold() <= "z" for letter in name)]


@pytest.mark.parametrize(
    ("language", "taiwan", "kosovo", "ivory_coast"),
    [
        ("ar", "تايوان", "كوسوفو", "ساحل العاج"),
        ("en", "Taiwan", "Kosovo", "Côte d’Ivoire"),
        ("es", "Taiwán", "Kosovo", "Côte d’Ivoire"),
        ("fr", "Taïwan", "Kosovo", "Côte d’Ivoire"),
        ("kk", "Тайвань", "Косово", "Кот-д’Ивуар"),
        ("ru", "Тайвань", "Косово", "Кот-д’Ивуар"),
        ("ug", "تەيۋەن", "كوسوۋو", "كوتې دې ئىۋوئىر"),
        ("zh-hans", "台湾", "科索沃", "科特迪瓦"),
    ],
)
def test_countries_go_by_their_common_names(language: str, taiwan: str, kosovo: str, ivory_coast: str) -> None:
    assert [country_name(code, language) for code in ("TW", "XK", "CI")] == [taiwan, kosovo, ivory_coast]


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("en", ["Åland", "Albania", "Algeria", "Côte d’Ivoire", "Croatia"]),
        ("es", ["Níger", "Ñuble", "Omán"]),
        ("kk", ["Катар", "Қазақстан", "Өзбекстан", "Сауд Арабиясы"]),
        ("ru", ["Египет", "Ёлкино", "Йемен", "Казахстан"]),
        (
            "ug",
            [
                "ئافغانىستان",
                "ئەنگلىيە",
                "بېلگىيە",
                "جۇڭگو",
                "چاد",
                "ئومان",
                "ئۇكرائىنا",
                "ۋېنگىرىيە",
                "ئىتالىيە",
                "يەمەن",
            ],
        ),
        ("zh-hans", ["阿富汗", "巴西", "中国"]),
    ],
)
def test_names_stand_in_the_order_of_the_alphabet(language: str, names: list[str]) -> None:
    backwards = names[::-1]
    assert sorted(backwards, key=lambda name: alphabetical(name, language)) == names


@pytest.mark.parametrize("language", LETTERS)
def test_no_letter_stands_twice_in_an_alphabet(language: str) -> None:
    assert len(LETTERS[language]) == len(set(LETTERS[language]))


def test_every_character_of_a_chinese_name_has_its_place() -> None:
    written = {char for _code, name in country_names("zh-hans") for char in name if char.isalnum()}

    assert written <= set(LETTERS["zh-hans"])


def test_common_names_are_of_countries_we_have_in_languages_we_speak() -> None:
    assert set(COMMON_NAMES) == set(LANGUAGES)
    assert {code for names in COMMON_NAMES.values() for code in names} <= country_codes()
