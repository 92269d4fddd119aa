"""The link to a draft: who holds it reads, and does nothing else."""

from datetime import timedelta

import pytest
from django.utils import timezone

from signatures.letters.lifecycle import open_petition
from signatures.letters.preview import make_preview_link, preview_link, revoke_preview_link
from signatures.models import AuditEntry, Petition, Signature
from tests.factories import make_consent, make_petition

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft():
    for language in ("en", "fr"):
        make_consent(language)
    return make_petition(slug="water", state="draft", opened_at=None, languages=("fr",), organisation="The Campaign")


def link_of(petition):
    make_preview_link(petition_id=petition.pk, actor=None, reason="for the board")
    petition.refresh_from_db()
    return preview_link(petition).removeprefix("http://testserver")


def test_a_draft_is_read_as_it_will_be_and_nothing_can_be_sent(client, draft):
    link = link_of(draft)
    answer = client.get(link)
    page = answer.content.decode()
    assert answer.status_code == 200
    for words in (
        "Open letter on clean water",
        "Water is a <strong>right</strong>",
        "This is a draft.",
        "The Campaign",
    ):
        assert words in page
    assert "<fieldset disabled>" in page
    assert 'method="post"' not in page and 'name="token"' not in page
    assert client.post(link, {"name": "Ada"}).status_code == 405
    assert not Signature.objects.exists()


def test_it_is_kept_by_nobody_and_tells_its_address_to_nobody(client, draft):
    link = link_of(draft)
    answer = client.get(link)
    assert answer["Cache-Control"] == "no-store"
    assert "noindex" in answer["X-Robots-Tag"]
    assert answer["Referrer-Policy"] == "no-referrer"
    assert not answer.cookies
    page = answer.content.decode()
    for telling in ("og:url", "canonical", 'hreflang="x-default"', "oembed", "<script"):
        assert telling not in page, telling
    assert '<meta name="robots" content="noindex, nofollow">' in page


def test_the_languages_are_a_click_apart(client, draft):
    link = link_of(draft)
    assert "Open letter on clean water (fr)" in client.get(link.replace("/en/", "/fr/", 1)).content.decode()


def test_nothing_else_of_a_draft_is_there(client, draft):
    link_of(draft)
    for path in ("/en/water/", "/en/water/record/", "/api/v1/petitions/water/tally", "/en/water/picture.png"):
        assert client.get(path).status_code == 404


def test_the_link_ends_with_its_time(client, draft, monkeypatch):
    link = link_of(draft)
    Petition.objects.update(preview_until=timezone.now() - timedelta(seconds=1))
    draft.refresh_from_db()
    assert preview_link(draft) == ""
    monkeypatch.setattr("signatures.privacy.tokens.time.time", lambda: timezone.now().timestamp() + 15 * 86_400)
    assert client.get(link).status_code == 410


def test_a_link_that_was_taken_back_or_replaced_opens_nothing(client, draft, admin_user):
    first = link_of(draft)
    second = link_of(draft)
    assert (client.get(first).status_code, client.get(second).status_code) == (410, 200)
    revoke_preview_link(petition_id=draft.pk, actor=admin_user, reason="sent to the wrong list")
    assert client.get(second).status_code == 410
    entry = AuditEntry.objects.latest("id")
    assert (entry.actor, entry.action, entry.object_id) == (admin_user, "revoke preview link", "water")
    assert entry.reason == "sent to the wrong list"


def test_once_the_letter_is_public_the_link_leads_to_it(client, draft):
    link = link_of(draft)
    open_petition(petition_id=draft.pk, actor=None, reason="launch")
    answer = client.get(link)
    assert (answer.status_code, answer["Location"]) == (302, "/en/water/")


def test_what_is_no_link_of_this_petition_is_not_there(client, draft):
    link = link_of(draft)
    other = make_petition(slug="air", state="draft", opened_at=None)
    assert client.get(link.replace("/water/", "/air/")).status_code == 404
    assert client.get(link[:-4] + "abc/").status_code == 404
    assert client.get("/en/water/preview/x/").status_code == 404
    assert other.preview_number == 0
