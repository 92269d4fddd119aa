"""Each page in each language: what it says it is, and how it leads to the others."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.test import Client

from signatures.models import Petition
from tests.factories import make_petition

pytestmark = pytest.mark.django_db
LANGUAGES = [code for code, _name in settings.LANGUAGES]
TAGS = {"ar", "en", "es", "fr", "kk", "ru", "ug", "zh-Hans"}
PAGES = ["/{}/", "/{}/privacy/", "/{}/water/"]


@pytest.fixture(autouse=True)
def petition() -> Petition:
    return make_petition(slug="water", language="fr", languages=tuple(code for code in LANGUAGES if code != "fr"))


def alternates(html: str) -> dict[str, str]:
    return dict(re.findall(r'<link rel="alternate" hreflang="([^"]+)" href="([^"]+)"', html))


@pytest.mark.parametrize("path", [*PAGES, "/{}/no-such-letter/", "/{}/water/confirm/cut-short/"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_says_its_language_and_direction(language: str, path: str) -> None:
    html = Client().get(path.format(language)).content.decode()

    turned = "rtl" if language in ("ar", "ug") else "ltr"
    assert f'<html lang="{language}" dir="{turned}">' in html


@pytest.mark.parametrize("path", PAGES)
def test_the_versions_of_a_page_name_one_another(path: str) -> None:
    named = {code: alternates(Client().get(path.format(code)).content.decode()) for code in LANGUAGES}

    (links,) = {tuple(sorted(each.items())) for each in named.values()}  # all name the same, themselves included
    assert {tag for tag, _url in links} == TAGS | {"x-default"}
    assert dict(links)["zh-Hans"] == settings.PUBLIC_URL + path.format("zh-hans")


def test_readers_of_other_languages_are_sent_to_the_original_or_the_choice() -> None:
    def default(path: str) -> str:
        return alternates(Client().get(path).content.decode())["x-default"].removeprefix(settings.PUBLIC_URL)

    assert [default("/ru/water/"), default("/ru/"), default("/ru/privacy/")] == ["/fr/water/", "/", "/en/privacy/"]


def test_the_bare_address_lets_everybody_choose_alike() -> None:
    page = Client().get("/", headers={"Accept-Language": "ar"})
    html = page.content.decode()

    assert page.status_code == 200
    assert page.headers.get("Vary", "") in ("", "Accept-Encoding")
    assert page["Cache-Control"] == "public, max-age=300"
    assert not page.cookies
    for code, own_name in settings.LANGUAGES:
        assert re.search(rf'href="/{code}/"[^>]*>{own_name}<', html)
    assert '<li lang="ar" dir="rtl">' in html and '<li lang="zh-Hans" dir="ltr">' in html
    assert alternates(html).keys() == TAGS | {"x-default"}
    assert html == Client().get("/").content.decode()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_consent_text_is_in_the_readers_language(language: str) -> None:
    from signatures.signing.form.consent import consent_in

    consent = consent_in(language)
    assert (consent.language, consent.version) == (language, "2026-11")
    assert consent.text in Client().get(f"/{language}/water/").content.decode()


def test_a_letter_without_this_language_says_which_it_is_in(petition: Petition) -> None:
    petition.letters.filter(language="ug").delete()

    html = Client().get("/ug/water/").content.decode()

    assert "فىرانسۇزچە" in html  # French, in Uyghur
    assert '<div lang="fr" dir="ltr">' in html
