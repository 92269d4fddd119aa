"""Letters as signers will see them, while they are written."""

import pytest

from signatures.models import Letter
from tests.factories import make_petition

from .test_petitions import page_of, two_letters

pytestmark = pytest.mark.django_db
HERE = "/desk/signatures/petition"
TYPED = {
    "language": "ar",
    "title": "رسالة",
    "addressee": "To <i>all</i>",
    "salutation": "Dear all,",
    "body": "We ask **you**.\n\n## And now\n\n<script>alert(1)</script>\n\n[x](javascript:alert(1))",
    "signatory": "Ada Example",
    "organisation": "The Campaign",
    "reference": "CW 1",
    "dated": "2021-10-11",
}


def test_one_letter_is_shown_as_its_page_will_have_it_and_not_saved(desk):
    make_petition()
    answer = desk.post(f"{HERE}/preview-letter/", TYPED)
    piece = answer.content.decode()
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert "<strong>you</strong>" in piece and "<h3>And now</h3>" in piece
    assert '<div lang="ar" dir="rtl">' in piece
    assert "To &lt;i&gt;all&lt;/i&gt;" in piece
    assert "<script" not in piece and 'href="javascript' not in piece
    assert "The Campaign" in piece and 'datetime="2021-10-11"' in piece
    assert Letter.objects.count() == 1


def test_whatever_is_typed_is_no_error(desk):
    for fields in (
        {},
        {"language": "no such", "dated": "soon", "body": "x" * 300_000},
        {"body": "\0", "title": "\ud83d"},
    ):
        body = "&".join(f"{name}={value}" for name, value in fields.items()).encode("utf-8", "surrogatepass")
        form = "application/x-www-form-urlencoded"
        assert desk.post(f"{HERE}/preview-letter/", body, content_type=form).status_code == 200


def test_the_same_typography_as_the_public_page(desk, client):
    petition = make_petition()
    letter = petition.letters.get()
    fields = {part: getattr(letter, part) for part in ("language", *Letter.PARTS)} | {"organisation": "The Campaign"}
    piece = desk.post(f"{HERE}/preview-letter/", fields).content.decode()
    public = client.get(f"/en/{petition.slug}/").content.decode()
    article = piece.split('<article class="letter" lang="en" dir="ltr">')[1].split("</article>")[0].split()
    assert " ".join(article) in " ".join(public.split())
    assert "css/site.css" in desk.get(f"{HERE}/letter-frame/").content.decode()


def test_only_our_own_pages_frame_the_frame(desk):
    frame = desk.get(f"{HERE}/letter-frame/")
    assert frame["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in frame["Content-Security-Policy"]
    page = desk.get(page_of(make_petition()))
    assert "frame-src 'self'" in page["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
    assert page["X-Frame-Options"] == "DENY"
    assert "unsafe-inline" not in page["Content-Security-Policy"]


def test_the_button_shows_every_letter_of_the_form(desk):
    petition = make_petition(languages=("fr", "ar"))
    form = two_letters(petition, **{"letters-0-body": "Anything *new*.", "letters-1-DELETE": "on"})
    form["letters-TOTAL_FORMS"] = 3
    page = desk.post(f"{HERE}/preview-letters/", form).content.decode()
    assert "Anything <em>new</em>" in page
    assert page.count('class="letter"') == 2, "the deleted one is gone"
    assert "new" not in petition.letters.get(language="en").body
    assert "There is no letter" in desk.post(f"{HERE}/preview-letters/", {}).content.decode()


def test_it_takes_the_permission_to_write(client, staff):
    client.force_login(staff("view_petition"))
    button, looking = "Preview the letters", client.get(page_of(make_petition())).content.decode()
    assert button not in looking
    assert client.post(f"{HERE}/preview-letter/", TYPED).status_code == 403
    client.force_login(staff("change_petition", username="lu"))
    assert button in client.get(page_of(make_petition())).content.decode()
    assert client.post(f"{HERE}/preview-letter/", TYPED).status_code == 200


def test_the_page_says_how_every_language_stands(desk):
    petition = make_petition(languages=("fr", "es"))
    Letter.objects.filter(language="fr").update(translated_version=1, translator="Mo Example")
    Letter.objects.filter(language="en").update(version=2)
    Letter.objects.filter(language="es").update(translated_version=2)
    page = " ".join(desk.get(page_of(petition)).content.decode().split())
    rows = {row.split("</th>")[0]: row for row in page.split('<th scope="row">')[1:]}
    assert "This is the original." in rows["English (en)"]
    assert "Mo Example" in rows["French (fr)"] and "it is at version 2, this follows version 1" in rows["French (fr)"]
    assert "Up to date" in rows["Spanish (es)"]
    assert "There is none" in rows["Arabic (ar)"]
    assert f"letterrevision/?petition={petition.pk}" in page
