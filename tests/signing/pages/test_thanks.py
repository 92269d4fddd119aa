"""The thank-you page: how many there are with you, and passing the letter on without a tracker."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils.translation import override

from signatures.models import Petition, Tally, TallyEntry
from signatures.privacy.links import link_token
from signatures.signing.form.forms import checked_source
from signatures.signing.pages.share import share_of, tagged_url
from signatures.tally import place
from signatures.tally.fold import fold
from signatures.tally.place import total_with_you
from tests.factories import make_petition, make_signature

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"
TITLE = "Water & “bread” for all, 100 % now?"


@pytest.fixture
def petition():
    return make_petition(slug="water", languages=("fr",), title=TITLE)


def confirmed(petition):
    row = make_signature(petition)
    return Client().post(
        f"/en/water/confirm/{link_token('confirm', signature_id=row.pk)}/", "revision=0", content_type=FORM
    ), row


@pytest.fixture
def share(petition):
    with override("en"):
        return share_of(title=TITLE, language="en", slug="water")


def test_the_count_with_you_is_exact_before_and_after_the_fold(petition):
    assert "You are the first to sign." in confirmed(petition)[0].text
    other = make_petition()
    TallyEntry.objects.create(petition=other, day="2026-01-01", delta=1)
    for number in range(2, 5):
        page, _row = confirmed(petition)
        assert f'With you, <span class="figure">{number}</span> people have signed.' in page.text
        if number == 3:
            fold()
    assert total_with_you(petition.pk) == 4
    assert total_with_you(other.pk) == 1


def test_only_the_answer_to_the_button_says_it(petition):
    page, row = confirmed(petition)
    assert page["Cache-Control"] == "no-store"
    again = Client().get(f"/en/water/confirm/{link_token('confirm', signature_id=row.pk)}/")
    assert "With you" not in again.text and "You are the first" not in again.text


def test_with_a_fold_that_stands_still_no_number_is_claimed(petition, monkeypatch):
    monkeypatch.setattr(place, "MOST", 3)
    for _ in range(3):
        confirmed(petition)
    page, _row = confirmed(petition)
    assert page.status_code == 200
    assert "With you" not in page.text


def test_a_large_total_is_written_as_the_language_does(petition):
    Tally.objects.create(petition=petition, total=323_832, countries=184, version=1, as_of=petition.created_at)
    assert "323,833" in confirmed(petition)[0].text


def test_every_service_gets_the_letters_address_with_its_own_tag_and_nothing_else(share, settings):
    found = {tag: url for tag, _name, url in share.services}
    assert list(found) == ["whatsapp", "telegram", "x", "facebook", "email"]
    for tag, url in found.items():
        parts = urlsplit(url)
        said = " ".join(value for values in parse_qs(parts.query, strict_parsing=True).values() for value in values)
        own = re.findall(r"https?://\S+", said)
        assert own == [f"{settings.PUBLIC_URL}/en/water/?s=share-{tag}"]
        if tag != "facebook":  # it takes an address alone
            assert TITLE in said
    assert urlsplit(found["email"]).scheme == "mailto"
    assert {urlsplit(url).scheme for tag, url in found.items() if tag != "email"} == {"https"}


def test_every_tag_is_one_that_the_form_keeps():
    for way in ("web", "whatsapp", "telegram", "signal", "x", "facebook", "email", "copy", "qr"):
        tag = tagged_url(way, language="en", slug="water").partition("?s=")[2]
        assert checked_source(tag) == tag


def test_the_share_links_tell_nobody_where_they_were_and_name_nobody(petition):
    page, row = confirmed(petition)
    links = re.findall(r"<a [^>]*https://(?:wa|t|x|www)\.[^>]*>", page.text)
    assert len(links) == 4
    for each in links:
        assert 'rel="noopener noreferrer"' in each and 'referrerpolicy="no-referrer"' in each
    share = page.text.partition('class="share"')[2].partition("</section>")[0]
    token = link_token("mine", signature_id=row.pk)
    assert "Ada" not in share and token[:12] not in share and "confirm" not in share
    assert unescape(share).count("?s=share-") == 3  # the sheet, the copy and the Signal links; the others are encoded
    assert page["Referrer-Policy"] == "no-referrer"


def test_a_closed_letter_is_not_passed_on(petition):
    from django.utils import timezone

    from signatures.letters.read import forget

    row = make_signature(petition)
    Petition.objects.update(state="closed", closed_at=timezone.now())
    forget("water")
    page = Client().post(
        f"/en/water/confirm/{link_token('confirm', signature_id=row.pk)}/", "revision=0", content_type=FORM
    )
    assert "Your signature counts" in page.text
    assert 'class="share"' not in page.text


def test_the_qr_code_is_one_picture_for_everybody(petition):
    picture = Client().get("/en/water/qr.svg")
    assert picture.status_code == 200
    assert picture["Content-Type"] == "image/svg+xml"
    assert picture["Cache-Control"].startswith("public, max-age=86400")
    assert not picture.cookies and "Vary" not in picture
    assert "default-src 'none'" in picture["Content-Security-Policy"]
    svg = picture.content.decode()
    assert "/en/water/?s=share-qr" in svg and "style=" not in svg and "<script" not in svg
    assert Client().get("/fr/water/qr.svg").content != picture.content
    assert Client().get("/en/nowhere/qr.svg").status_code == 404


def test_the_qr_code_says_the_letters_address(petition, settings, tmp_path):
    """Drawn again from the picture's own rows, and the same modules as the address gives."""
    import segno

    from signatures.signing.pages.share import qr_code

    url = tagged_url("qr", language="en", slug="water")
    svg = qr_code(url).decode()
    path = re.search(r'class="qrline" stroke="#000" d="([^"]+)"', svg)[1]
    dark, x, y = set(), 0.0, 0.0
    for letter, numbers in re.findall(r"([Mmh])([-\d. ]+)", path):
        values = [float(each) for each in numbers.split()]
        if letter == "M":
            x, y = values
        elif letter == "m":
            x, y = x + values[0], y + values[1]
        else:
            dark |= {(int(x) + step - 4, int(y) - 4) for step in range(int(values[0]))}
            x += values[0]
    matrix = segno.make(url, error="m", micro=False).matrix
    assert dark == {(col, line) for line, bits in enumerate(matrix) for col, bit in enumerate(bits) if bit}


def test_the_letter_is_passed_on_from_its_own_page_while_it_takes_signatures(petition):
    from django.utils import timezone

    from signatures.letters.read import forget
    from signatures.signing.pages import letter_page

    page = Client().get("/en/water/").text
    share = page.partition('class="share"')[2].partition("</section>")[0]
    assert len(re.findall(r'referrerpolicy="no-referrer"', share)) == 5
    assert "/en/water/qr.svg" in share and "?s=share-signal" in share
    assert page.index('id="sign"') < page.index('class="share"')

    Petition.objects.update(state="closed", closed_at=timezone.now())
    forget("water")
    letter_page._ready.clear()
    assert 'class="share"' not in Client().get("/en/water/").text


def test_a_translation_says_who_made_it_and_which_version_it_is(petition):
    from signatures.letters.read import forget
    from signatures.signing.pages import letter_page

    assert 'class="translator"' not in Client().get("/en/water/").text
    petition.letters.update(translator="Ana Díaz", version=3)
    forget("water")
    letter_page._ready.clear()
    assert "<span>Translated by Ana Díaz</span> <span>Version 3</span></p>" in Client().get("/en/water/").text
