"""The page after the form, met by a confused person and by an attacker."""

import re
import time
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone

from signatures.letters.read import forget
from signatures.models import LinkRequest, Petition, Signature, Suppression
from signatures.privacy.indexes import person_index
from signatures.privacy.personal import signer_of
from signatures.signing.form import capsule as capsules
from signatures.signing.form.capsule import Capsule
from signatures.signing.form.forms import FormToken
from tests.factories import make_consent, make_petition, make_signature

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"
QUARTER = 17 * 60  # seconds: past the cool-down


@pytest.fixture
def petition():
    return make_petition(slug="water", languages=("fr",))


@pytest.fixture
def signed(petition):
    """Send the form as somebody; returns the address of the page that follows."""

    def sign(email="ada@mail.example.org"):
        token = FormToken(petition_id=petition.pk, consent_id=make_consent().pk).sign()
        form = {"name": "Ada Example", "email": email, "country": "FR", "token": token}
        return Client().post("/en/water/", urlencode(form), content_type=FORM)["Location"]

    return sign


@pytest.fixture
def later(monkeypatch):
    """Move the clock of the capsules on, and the mails back."""

    def move(seconds):
        now = time.time
        monkeypatch.setattr(capsules.time, "time", lambda: now() + seconds)
        for row in Signature.objects.filter(mail_due_at__isnull=False):
            row.mail_due_at, row.mail_count = None, row.mail_count + 1
            row.mail_sent_at = timezone.now() - timedelta(seconds=seconds)
            row.save()

    return move


def post(form, path):
    return Client().post(path, urlencode(form), content_type=FORM)


def change_to(email):
    return {"action": "change", "email": email}


def close(state="closed"):
    now = timezone.now()
    Petition.objects.update(state=state, closed_at=now, delivered_at=now if state == "delivered" else None)
    forget("water")


RESEND = {"action": "resend"}


def test_the_page_says_how_long_to_wait_and_shows_no_button_until_then(signed, later):
    location = signed()
    page = Client().get(location)
    assert "again in 16 minutes" in page.text
    assert re.search(
        r'<form[^>]*hidden data-after-wait>\s*<input type="hidden" name="action" value="resend"', page.text
    )
    later(QUARTER)
    page = Client().get(location)
    assert "again in" not in page.text
    assert "data-after-wait" not in page.text
    assert "Send the mail again" in page.text


def test_asking_too_early_changes_nothing_and_says_so(signed):
    answer = post(RESEND, signed())
    assert answer.status_code == 303
    assert "nothing was sent now" in Client().get(answer["Location"]).text
    row = Signature.objects.get()
    assert row.revision == 0


def test_asking_again_makes_the_mail_due_and_the_wait_starts_anew(signed, later):
    location = signed()
    later(QUARTER)
    answer = post(RESEND, location)
    assert answer.status_code == 303
    assert Signature.objects.get().mail_due_at
    page = Client().get(answer["Location"])
    assert "We have noted that you want the mail once more" in page.text
    assert "again in 16 minutes" in page.text


def test_the_wait_follows_from_the_form_and_not_from_the_address(signed, petition, later):
    """An address that had signed long ago, or said "not me", is asked to wait as long as a new one."""
    Supp = Suppression.objects.create(petition=petition, person_index=person_index("stop@mail.example.org"))
    assert Supp.pk
    old = timezone.now() - timedelta(days=3)
    make_signature(petition, email="done@mail.example.org", state="confirmed", mail_sent_at=old, mail_count=5)
    make_signature(petition, email="held@mail.example.org", state="held", mail_sent_at=old)
    pages = []
    for who in ("newx", "done", "held", "stop"):
        location = signed(f"{who}@mail.example.org")
        later(0)
        first = Client().get(location)
        early = post(RESEND, location)
        texts = [first.text, Client().get(early["Location"]).text]
        pages.append([re.sub(r"check/[\w-]+", "check/", text).replace(f"{who}@", "@") for text in texts])
    assert all(each == pages[0] for each in pages)


def test_another_address_gets_the_mail_and_the_wrong_one_is_forgotten(signed):
    post(change_to("right@mail.example.org"), signed("wrong@mail.example.org"))
    row = Signature.objects.get()
    assert signer_of(row).email == "right@mail.example.org"
    assert (signer_of(row).name, row.country) == ("Ada Example", "FR")


def test_the_wrong_address_is_forgotten_also_after_the_mail_was_sent_there_again(signed, later):
    location = signed("wrong@mail.example.org")
    later(QUARTER)
    again = post(RESEND, location)["Location"]
    Signature.objects.update(mail_count=1)  # its mail went out, and cannot be called back
    post(change_to("right@mail.example.org"), again)
    wrong, right = Signature.objects.order_by("id")
    assert (wrong.state, wrong.mail_due_at) == ("withdrawn", None)
    assert (right.state, signer_of(right).email) == ("pending", "right@mail.example.org")


def test_a_row_that_somebody_elses_form_has_touched_since_is_left_alone(signed):
    mine = signed("victim@mail.example.org")
    signed("victim@mail.example.org")  # the victim's own form
    post(change_to("me@mail.example.org"), mine)
    assert Signature.objects.filter(person_index=person_index("victim@mail.example.org")).exists()


def test_changing_the_address_never_touches_an_earlier_or_counted_signature(signed, petition):
    theirs = make_signature(petition, email="victim@mail.example.org")
    post(change_to("me@mail.example.org"), signed("victim@mail.example.org"))
    assert Signature.objects.filter(pk=theirs.pk).exists()
    mine = signed("mine@mail.example.org")
    Signature.objects.filter(person_index=person_index("mine@mail.example.org")).update(
        state="confirmed", confirmed_at=timezone.now()
    )
    post(change_to("other@mail.example.org"), mine)
    assert Signature.objects.filter(person_index=person_index("mine@mail.example.org")).exists()


def test_changing_the_address_costs_the_same_whether_the_first_form_made_a_row_or_not(signed, petition, monkeypatch):
    from signatures.signing import forget_wrong
    from signatures.signing import sign as signing

    make_signature(petition, email="known@mail.example.org", state="confirmed")
    fresh, known = signed("fresh@mail.example.org"), signed("known@mail.example.org")
    ran = []
    for module in (forget_wrong, signing):
        real = module.run_prepared
        monkeypatch.setattr(module, "run_prepared", lambda sql, values, real=real: ran.append(sql) or real(sql, values))
    assert post(change_to("one@mail.example.org"), fresh).status_code == 303
    after_a_new_row, ran[:] = list(ran), []
    assert post(change_to("two@mail.example.org"), known).status_code == 303
    assert ran == after_a_new_row
    assert len(ran) == 2


def test_a_wrong_new_address_is_named(signed):
    answer = post(change_to("nobody"), signed())
    assert answer.status_code == 422
    assert 'href="#id_email"' in answer.text


def test_the_back_button_after_a_change_still_works(signed):
    """Changed from A to B, gone back, and changed to A after all: both forms are answered, neither is lost."""
    first = signed("a@mail.example.org")
    post(change_to("b@mail.example.org"), first)
    assert Client().get(first).status_code == 200
    assert post(change_to("a@mail.example.org"), first).status_code == 303
    assert Signature.objects.filter(person_index=person_index("a@mail.example.org")).exists()


def test_an_altered_capsule_is_a_404_and_an_old_one_a_410_that_says_the_mail_still_works(signed, monkeypatch):
    location = signed()
    answer = Client().get("/en/water/check/garbage/")
    assert answer.status_code == 404
    assert "/en/water/" in answer.text
    monkeypatch.setattr("signatures.privacy.tokens.time.time", lambda now=time.time: now() + 2 * 3600 + 1)
    for page in (Client().get(location), post(RESEND, location)):
        assert page.status_code == 410
        assert "14 days" in page.text
        assert "Your signature is not affected" in page.text
        assert "ada@mail.example.org" not in page.text
        assert page["Cache-Control"] == "no-store"


def test_a_capsule_of_another_petition_opens_nothing(signed):
    make_petition(slug="air")
    location = signed().replace("/water/", "/air/")
    assert Client().get(location).status_code == 404
    assert post(RESEND, location).status_code == 404


def test_after_the_closing_nobody_signs_by_this_page_and_who_did_can_have_the_mail_again(signed, later):
    location = signed()
    later(QUARTER)
    close()
    page = Client().get(location)
    assert "Meanwhile this letter was closed" in page.text
    assert "Is the address wrong?" not in page.text
    answer = post(change_to("late@mail.example.org"), location)
    assert answer.status_code == 422
    assert "Nothing was saved" in answer.text
    before = Signature.objects.values_list("revision", "created_at").get()
    assert post(RESEND, location).status_code == 303
    assert Signature.objects.values_list("revision", "created_at").get() == before
    assert LinkRequest.objects.count() == 1


def test_after_the_closing_a_resend_makes_no_new_signature(signed, later):
    location = signed()
    Signature.objects.all().delete()  # as after an erasure
    later(QUARTER)
    close()
    assert post(RESEND, location).status_code == 303
    assert not Signature.objects.exists()


def test_after_the_delivery_the_page_says_so_and_offers_nothing(signed, later):
    location = signed()
    later(QUARTER)
    close("delivered")
    page = Client().get(location)
    assert "has been delivered" in page.text
    assert "Send the mail again" not in page.text
    assert post(RESEND, location).status_code == 303
    assert not LinkRequest.objects.exists()
    assert Signature.objects.get().mail_due_at is None


def test_a_draft_again_is_not_there(signed):
    location = signed()
    close("draft")
    assert Client().get(location).status_code == 404


def test_too_many_from_one_network_are_told_and_nothing_is_sent(signed, settings, later):
    location = signed()
    later(QUARTER)
    settings.RATELIMIT_ENABLE = True
    settings.GUARD_SIGN_RATE = "0/h"
    answer = post(RESEND, location)
    assert answer.status_code == 429
    assert "many times from your network" in answer.text
    assert Signature.objects.get().mail_due_at is None


def test_every_capsule_is_as_long_whatever_the_form_met():
    shared = {"petition_id": 1, "name": "Ada", "email": "a@b.example", "country": None, "source": ""}
    choices = {"show_name": False, "hand_over": False, "wants_updates": False, "consent_id": 1}
    made = Capsule(**shared, **choices).asked(again=False)
    assert len(made.seal()) == len(made.made(Signature().id).seal())
