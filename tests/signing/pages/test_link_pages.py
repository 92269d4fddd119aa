"""What the links in our mails open."""

import re

import pytest
from django.test import Client

from signatures.models import Signature, Suppression
from signatures.privacy.links import link_token
from signatures.privacy.tokens import sign_token
from signatures.signing.confirm import confirm
from signatures.signing.review.hold import hold
from tests.factories import make_petition, make_signature

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def row():
    return make_signature(make_petition(slug="water", languages=("fr",)), name="Ngô Thị Ánh", country="CI")


def link(purpose, row, language="en"):
    return f"/{language}/water/{purpose}/{link_token(purpose, signature_id=row.pk)}/"


def post(path, body=""):
    return Client().post(path, body, content_type=FORM)


def test_opening_the_confirm_link_shows_and_changes_nothing(row, counted):
    for method in (Client().get, Client().head, Client().get):
        assert method(link("confirm", row)).status_code == 200
    page = Client().get(link("confirm", row))
    assert "Ngô Thị Ánh" in page.text
    assert "Côte d" in page.text
    assert counted(row.petition) == 0


def test_posting_it_counts_and_posting_again_is_the_same_success(row, counted):
    assert post(link("confirm", row), "revision=0").status_code == 200
    assert post(link("confirm", row), "revision=0").status_code == 200
    assert Client().get(link("confirm", row)).status_code == 200
    assert counted(row.petition) == 1


def test_details_that_changed_meanwhile_are_shown_first(row, counted):
    Signature.objects.update(revision=3)
    page = post(link("confirm", row), "revision=0")
    assert page.status_code == 200
    assert 'name="revision" value="3"' in page.text
    assert counted(row.petition) == 0


def test_a_held_signature_is_never_told_it_counts(row, counted):
    hold(signature_ids=[row.pk], reason="doubtful", actor=None)
    page = post(link("confirm", row), "revision=0")
    assert page.status_code == 200
    assert "review" in page.text
    assert counted(row.petition) == 0


@pytest.mark.parametrize("purpose", ["confirm", "not-me", "mine", "unsubscribe"])
def test_a_link_cut_short_is_a_clear_404_and_an_old_one_a_410(row, purpose):
    assert Client().get(link(purpose, row)[:-6] + "/").status_code == 404
    expired = sign_token(row.pk.bytes, purpose=purpose, lifetime=10, now=1_000_000)
    page = Client().get(f"/en/water/{purpose}/{expired}/")
    assert page.status_code == 410
    assert "/en/water/" in page.text


def test_a_link_does_not_work_for_another_petition(row):
    make_petition(slug="air")
    token = link_token("confirm", signature_id=row.pk)
    assert Client().post(f"/en/air/confirm/{token}/", "revision=0", content_type=FORM).status_code == 410


@pytest.mark.parametrize("body", ["revision=x", "revision=%ff"])
def test_a_malformed_confirm_is_a_400(row, body):
    assert post(link("confirm", row), body).status_code == 400


@pytest.mark.parametrize("body", ["revision=-1", "revision=99999999999999999999"])
def test_an_impossible_revision_shows_the_details_again(row, body, counted):
    assert post(link("confirm", row), body).status_code == 200
    assert counted(row.petition) in (0, 1)


def test_not_me_is_shown_first_then_erases_and_says_so_twice(row):
    assert Client().get(link("not-me", row)).status_code == 200
    assert not Suppression.objects.exists()
    assert post(link("not-me", row)).status_code == 200
    assert post(link("not-me", row)).status_code == 200
    assert Suppression.objects.count() == 1
    assert Signature.objects.get().state == "erased"
    assert Client().get(link("confirm", row)).status_code == 410


def test_my_signature_shows_all_that_is_held(row):
    confirm(signature_id=row.pk, revision=0)
    page = Client().get(link("mine", row))
    assert page.status_code == 200
    for held in ("Ngô Thị Ánh", "@mail.example", "Côte d", "2026-11"):
        assert held in page.text
    assert "no-store" in page["Cache-Control"]
    assert page["Referrer-Policy"] == "no-referrer"
    assert "noindex" in page["X-Robots-Tag"]


def test_withdrawing_and_erasing_from_it(row, counted):
    confirm(signature_id=row.pk, revision=0)
    assert post(link("mine", row), "action=withdraw").status_code == 200
    assert counted(row.petition) == 0
    assert Client().get(link("mine", row)).status_code == 200
    assert post(link("mine", row), "action=erase").status_code == 200
    page = Client().get(link("mine", row))
    assert page.status_code == 200
    assert "Ngô" not in page.text


def test_an_unknown_action_is_a_400_and_changes_nothing(row, counted):
    confirm(signature_id=row.pk, revision=0)
    assert post(link("mine", row), "action=other").status_code == 400
    assert counted(row.petition) == 1


def test_the_link_page_speaks_the_language_of_its_path(row):
    page = Client().get(link("confirm", row, "fr"))
    assert re.search(r'<html[^>]*lang="fr"', page.text)
    assert "Côte d’Ivoire" in page.text or "Côte d&#x27;Ivoire" in page.text


def test_no_link_page_needs_or_sets_a_cookie(row):
    for purpose in ("confirm", "not-me", "mine", "unsubscribe"):
        page = Client(enforce_csrf_checks=True).get(link(purpose, row))
        assert not page.cookies
    assert (
        Client(enforce_csrf_checks=True).post(link("confirm", row), "revision=0", content_type=FORM).status_code == 200
    )
