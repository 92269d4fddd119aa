"""The desk's page about retention, and what signers and the desk see of data that has gone."""

from datetime import timedelta

import pytest
from django.utils import timezone

from signatures.letters.keeping import forget_kept
from signatures.models import AuditEntry, Petition
from signatures.privacy.keeping import forget_after_closing
from signatures.privacy.links import make_link
from tests.factories import make_petition, make_signature

pytestmark = pytest.mark.django_db


def page_of(petition, name="keeping"):
    return f"/desk/signatures/petition/{petition.pk}/{name}/"


def test_who_may_set_periods_sets_them_with_a_reason(client, staff):
    petition = make_petition()
    client.force_login(staff("view_petition", "change_retention"))
    days = {"pending_kept_days": "7", "emails_kept_days": "30", "names_kept_days": "60"}
    assert client.post(page_of(petition), days).status_code == 422
    assert client.post(page_of(petition), days | {"reason": "we need less"}).status_code == 302
    petition.refresh_from_db()
    assert (petition.pending_kept_days, petition.emails_kept_days, petition.names_kept_days) == (7, 30, 60)
    longer = client.post(page_of(petition), days | {"names_kept_days": "61", "reason": "why"})
    assert longer.status_code == 422
    assert "legal hold" in longer.content.decode()


def test_others_look_and_change_nothing(client, staff):
    petition = make_petition()
    client.force_login(staff("view_petition"))
    page = client.get(page_of(petition)).content.decode()
    assert "180 days after the petition closes" in page
    assert client.post(page_of(petition), {"names_kept_days": "1", "reason": "why"}).status_code == 403
    assert client.post(page_of(petition, "legal-hold"), {"reason": "why"}).status_code == 403
    assert Petition.objects.get().names_kept_days == 365


def test_a_legal_hold_is_shown_plainly_and_lifted_again(client, staff):
    petition = make_petition()
    client.force_login(staff("view_petition", "change_legalhold"))
    assert client.post(page_of(petition, "legal-hold"), {}).status_code == 422
    client.post(page_of(petition, "legal-hold"), {"reason": "order of a court"})
    assert "Legal hold since" in client.get(page_of(petition)).content.decode()
    client.post(page_of(petition, "legal-hold"), {"reason": "lifted by the court"})
    assert "Legal hold since" not in client.get(page_of(petition)).content.decode()
    assert AuditEntry.objects.count() == 2


def test_the_page_for_signers_states_the_periods_of_each_letter(client):
    forget_kept()
    make_petition(names_kept_days=77, emails_kept_days=33, legal_hold_at=timezone.now())
    make_petition(state="draft", title="A secret", names_kept_days=99)
    page = client.get("/en/privacy/").content.decode()
    assert "Addresses go 33 days after the letter closes, names 77 days after it" in page
    assert "obliges us" in page
    assert "A secret" not in page


@pytest.mark.parametrize(("language", "words"), [("en", "forgotten 12 days after"), ("fr", "oublié 12 jours après")])
def test_the_page_for_signers_states_for_how_long_we_know_whom_we_mailed(client, settings, language, words):
    settings.UPDATE_TRACE_DAYS = 12
    assert words in client.get(f"/{language}/privacy/").content.decode()


def test_when_all_has_gone_the_desk_and_the_signer_are_told_so(client, staff):
    petition = make_petition(state="closed", closed_at=timezone.now() - timedelta(days=999))
    row = make_signature(petition, state="confirmed")
    link = make_link("mine", signature_id=row.pk, slug=petition.slug, language="en")
    forget_after_closing()
    address = "/" + link.split("/", 3)[3]
    assert client.get(address).content.decode().count("deleted: its time was over") == 2
    held = client.get(f"{address}my-signature.json").json()
    assert (held["name"], held["email"], held["state"]) == (None, None, "confirmed")
    client.force_login(staff("view_signature"))
    assert client.get("/desk/signatures/signature/").content.decode().count("deleted") >= 2
    assert client.post(address, "action=erase", content_type="application/x-www-form-urlencoded").status_code == 200
    row.refresh_from_db()
    assert row.state == "erased"


def test_the_desk_says_what_goes_next_and_when_nothing_is_left(client, staff):
    petition = make_petition(state="closed", closed_at=timezone.now() - timedelta(days=200))
    make_signature(petition, state="withdrawn")
    client.force_login(staff("view_petition"))
    forget_after_closing()
    page = client.get(page_of(petition)).content.decode()
    assert "names of everybody who signed, counted or not" in page
    assert "e-mail addresses of everybody" not in page
    Petition.objects.update(names_kept_days=5)
    forget_after_closing()
    assert "Nothing: names and e-mail addresses are gone." in client.get(page_of(petition)).content.decode()
