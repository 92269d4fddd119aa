"""The countries and territories a signer can choose: ISO 3166-1 and XK, by their common names in each language."""

from __future__ import annotations

from functools import cache

from django.utils.translation import gettext as _
from django.utils.translation import override
from django_countries import countries

from signatures.templatetags.figures import locale_of

from .alphabets import alphabetical

NOT_SAID = "-"  # the form's value for "prefer not to say"; stored as NULL

# Unicode's locale data names nearly all as people do. Where it has an official style, an outdated name, or one that
# fits two, the common name stands here.
COMMON_NAMES = {
    "ar": {"HK": "هونغ كونغ", "MO": "ماكاو", "PS": "فلسطين"},
    "en": {"HK": "Hong Kong", "MO": "Macao", "PS": "Palestine"},
    "es": {"HK": "Hong Kong", "MO": "Macao", "PS": "Palestina"},
    "fr": {"HK": "Hong Kong", "MO": "Macao", "PS": "Palestine"},
    "kk": {"CD": "Конго Демократиялық Республикасы", "HK": "Гонконг", "MO": "Макао", "PS": "Палестина"},
    "ru": {"HK": "Гонконг", "MO": "Макао", "PS": "Палестина"},
    "ug": {
        "BD": "بېنگلادىش",
        "HK": "شياڭگاڭ",
        "KP": "شىمالىي كورېيە",
        "KR": "جەنۇبىي كورېيە",
        "MM": "ميانمار (بىرما)",
        "MO": "ئاۋمېن",
        "PS": "پەلەستىن",
        "SZ": "ئېسۋاتىنى",
    },
    "zh-hans": {"HK": "香港", "MO": "澳门", "PS": "巴勒斯坦"},
}


@cache
def country_codes() -> frozenset[str]:
    return frozenset(code for code, _name in countries)


@cache
def _named(language: str) -> dict[str, str]:
    """Every code with its name, in the order of the names. Some 10 ms, once in a process and language."""
    known = locale_of(language).territories
    common = COMMON_NAMES.get(language, {})
    with override(language):
        names = {code: common.get(code) or known.get(code) or str(name) for code, name in countries}
    return dict(sorted(names.items(), key=lambda pair: alphabetical(pair[1], language)))


@cache
def country_names(language: str) -> tuple[tuple[str, str], ...]:
    """(code, name) in the order of the names in that language, accents aside."""
    return tuple(_named(language).items())


def country_name(code: str | None, language: str) -> str:
    """What to call it on a page: a name, or "Prefer not to say"."""
    if code is None:
        with override(language):
            return _("Prefer not to say")
    return _named(language).get(code, code)
