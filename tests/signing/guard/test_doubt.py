"""What a posted form meets when very many arrive, and when it is doubtful."""

import json
import re
from html import unescape
from urllib.parse import urlencode

import pytest
from altcha import Challenge, Payload, solve_challenge
from django.test import Client

from signatures.models import Signature, SpentProof, Suppression
from signatures.privacy.indexes import person_index
from signatures.privacy.personal import signer_of
from signatures.signing.form.forms import FormToken
from signatures.signing.guard.doubt import Doubt
from tests.factories import make_consent, make_petition, make_signature

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def petition():
    return make_petition(slug="water")


@pytest.fixture
def pressed(settings):
    """Every form meets a high pressure; a proof is quick, a wait is over at once."""
    settings.PRESSURE_NETWORK, settings.PROOF_COST, settings.PATIENCE_SECONDS = 0, 2, 0


@pytest.fixture
def send(petition):
    def post(path="/en/water/", **fields):
        token = FormToken(petition_id=petition.pk, consent_id=make_consent().pk).sign()
        form = {"name": "Ada Example", "email": "ada@mail.example.org", "country": "FR", "token": token} | fields
        return Client().post(path, urlencode(form).encode(), content_type=FORM)

    return post


def proof_in(answer):
    challenge = Challenge.from_dict(json.loads(unescape(re.search(r'data-challenge="([^"]+)"', answer.text)[1])))
    return Payload(challenge, solve_challenge(challenge)).to_base64()


def pass_in(answer):
    return re.search(r'name="pass" value="([^"]+)"', answer.text)[1]


def test_without_pressure_nothing_is_asked(send):
    answer = send()
    assert answer.status_code == 303
    assert not SpentProof.objects.exists()


def test_under_pressure_a_form_comes_back_whole_with_something_to_do(pressed, send):
    answer = send(name="Ngô Thị Ánh", show_name="on")
    assert answer.status_code == 422
    assert "no-store" in answer["Cache-Control"]
    assert 'value="Ngô Thị Ánh"' in answer.text
    assert 'value="ada@mail.example.org"' in answer.text
    assert '<option value="FR" selected' in answer.text
    assert re.search(r'name="show_name"[^>]* checked', answer.text)
    assert "data-by-itself" in answer.text
    assert "<title>Error" not in answer.text
    assert not Signature.objects.exists()


def test_the_page_that_caches_keep_has_nothing_of_it(pressed, send):
    send()
    page = Client().get("/en/water/")
    assert "public" in page["Cache-Control"]
    for part in ("data-challenge", 'name="pass"', "proof.js"):
        assert part not in page.text


def test_a_solved_challenge_signs(pressed, send):
    assert send(proof=proof_in(send())).status_code == 303
    assert Signature.objects.get().state == "pending"


def test_a_proof_is_good_for_one_person_and_a_double_click(pressed, send):
    proof = proof_in(send())
    assert send(proof=proof).status_code == 303
    assert send(proof=proof).status_code == 303
    again = send(proof=proof, email="bob@mail.example.org")
    assert again.status_code == 422
    assert "data-by-itself" not in again.text  # or a script would send it for ever
    assert Signature.objects.count() == 1
    assert send(proof=proof_in(again), email="bob@mail.example.org").status_code == 303


def test_a_suppressed_address_spends_its_proof_too(pressed, send, petition):
    Suppression.objects.create(petition=petition, person_index=person_index("stop@mail.example.org"))
    proof = proof_in(send())
    assert send(proof=proof, email="stop@mail.example.org").status_code == 303
    assert send(proof=proof).status_code == 422
    assert not Signature.objects.exists()


@pytest.mark.parametrize("proof", ["", "junk", "\x00", "e30="])
def test_a_proof_that_is_none_asks_again_and_loses_nothing(pressed, send, proof):
    answer = send(proof=proof)
    assert answer.status_code == 422
    assert 'value="ada@mail.example.org"' in answer.text


@pytest.mark.django_db(transaction=True)
def test_twenty_parallel_forms_with_one_proof_are_one_signature(pressed, send, all_at_once):
    proof = proof_in(send())
    answers = all_at_once(lambda n: send(proof=proof, email=f"ada{n}@mail.example.org").status_code)
    assert sorted(answers) == [303] + [422] * 19
    assert Signature.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_twenty_parallel_forms_with_one_pass_are_one_signature(pressed, send, all_at_once, settings):
    settings.GUARD_PATIENCE_RATE = "100/m"
    token = pass_in(send())
    answers = all_at_once(lambda n: send(**{"pass": token}, email=f"ada{n}@mail.example.org").status_code)
    assert sorted(answers) == [303] + [422] * 19
    assert Signature.objects.count() == 1


def test_without_javascript_a_wait_does(pressed, send):
    assert send(**{"pass": pass_in(send())}).status_code == 303
    assert Signature.objects.get().state == "pending"


def test_who_presses_too_early_goes_on_waiting_and_does_not_begin_again(pressed, send, settings):
    settings.PATIENCE_SECONDS = 30
    token = pass_in(send())
    early = send(**{"pass": token})
    assert early.status_code == 422
    assert pass_in(early) == token
    assert re.search(r"Wait (2\d|30) seconds", early.text)


def test_very_many_who_only_wait_are_held_and_not_refused(pressed, send, settings):
    settings.GUARD_PATIENCE_RATE = "2/h"
    for number in range(4):
        assert send(email=f"ada{number}@mail.example.org", **{"pass": pass_in(send())}).status_code == 303
    held = Signature.objects.filter(state="held")
    assert [(row.held_reason, row.held_from) for row in held] == [(Doubt.PATIENCE, "pending")] * 2
    assert Signature.objects.filter(state="pending").count() == 2


def test_a_filled_trap_is_held_and_answered_like_any_other(send):
    plain, trapped = send(), send(email="bot@mail.example.org", website="https://buy.example")
    assert trapped.status_code == plain.status_code == 303
    assert len(trapped["Location"]) == len(plain["Location"])
    assert sorted(trapped.headers) == sorted(plain.headers)
    row = Signature.objects.get(state="held")
    assert (row.held_reason, row.held_from) == (Doubt.TRAP, "pending")
    assert row.held_at
    assert row.mail_due_at  # it says "under review"
    assert signer_of(row).email == "bot@mail.example.org"


def test_a_trap_stays_filled_when_the_form_comes_back(pressed, send):
    assert 'name="website" type="text" value="https://buy.example"' in send(website="https://buy.example").text


def test_a_mail_domain_beyond_belief_is_held(send, settings):
    settings.GUARD_DOMAIN_HOUR = 1
    send()
    assert send(email="bob@a.mail.example.org").status_code == 303
    send(email="eve@calm.example.net")
    assert list(Signature.objects.order_by("id").values_list("state", flat=True)) == ["pending", "held", "pending"]
    assert Signature.objects.get(state="held").held_reason == Doubt.DOMAIN


def test_nobody_can_have_somebody_elses_signature_held(send, petition):
    theirs = make_signature(petition, email="ada@mail.example.org", name="Ada Example", country="DE")
    send(website="x", name="Mallory")
    theirs.refresh_from_db()
    assert (theirs.state, theirs.revision, theirs.country, signer_of(theirs).name) == (
        "pending",
        0,
        "DE",
        "Ada Example",
    )


def test_a_withdrawn_signature_made_again_doubtfully_is_held(send, petition):
    make_signature(petition, email="ada@mail.example.org", state="withdrawn")
    send(website="x")
    row = Signature.objects.get()
    assert (row.state, row.held_from, row.held_reason) == ("held", "pending", Doubt.TRAP)


def test_a_released_signature_gets_its_confirmation_mail(send):
    from signatures.signing.review.hold import release

    send(website="x")
    row = Signature.objects.get()
    Signature.objects.update(mail_due_at=None)
    assert release(signature_ids=[row.pk], reason="a person", actor=None) == 1
    row.refresh_from_db()
    assert (row.state, row.held_reason) == ("pending", "")
    assert row.mail_due_at


# ------------------------------------------------------------------------------------------ changing the address
def change(location, address, **fields):
    form = {"action": "change", "email": address} | fields
    return Client().post(location, urlencode(form).encode(), content_type=FORM)


def test_one_form_reaches_three_other_addresses_at_most(send):
    location = send()["Location"]
    for number in range(3):
        answer = change(location, f"ada{number}@mail.example.org")
        assert answer.status_code == 303
        location = answer["Location"]
    last = change(location, "ada9@mail.example.org")
    assert last.status_code == 422
    assert "changed here before" in last.text
    assert not Signature.objects.filter(person_index=person_index("ada9@mail.example.org")).exists()


def test_one_page_reaches_three_other_addresses_and_a_double_click_is_no_second_time(send):
    location = send()["Location"]
    for name in ("one", "one", "two", "three"):  # gone back in the browser each time
        assert change(location, f"{name}@mail.example.org").status_code == 303
    assert change(location, "four@mail.example.org").status_code == 422
    assert {signer_of(row).email.partition("@")[0] for row in Signature.objects.all()} == {"one", "two", "three"}


def test_another_address_is_another_form_under_pressure(pressed, send):
    location = send(proof=proof_in(send()))["Location"]
    asked = change(location, "right@mail.example.org")
    assert asked.status_code == 422
    assert 'value="right@mail.example.org"' in asked.text
    assert change(location, "right@mail.example.org", proof=proof_in(asked)).status_code == 303
    assert signer_of(Signature.objects.get()).email == "right@mail.example.org"


def test_doubt_goes_along_to_the_next_address(send):
    location = send(website="x")["Location"]
    change(location, "next@mail.example.org")
    row = Signature.objects.get()
    assert (row.state, row.held_reason) == ("held", Doubt.TRAP)
    assert signer_of(row).email == "next@mail.example.org"


def test_changing_to_and_fro_sends_no_more_mails_than_signing_twice(send):
    """The address whose mail went out is taken back, not forgotten: its limits are."""
    location = send(email="one@mail.example.org")["Location"]
    one = Signature.objects.get()
    as_if_sent(one)
    change(location, "two@mail.example.org")
    one.refresh_from_db()
    assert (one.state, one.mail_due_at) == ("withdrawn", None)
    send(email="one@mail.example.org")
    one.refresh_from_db()
    assert (one.state, one.mail_due_at, one.mail_count) == ("pending", None, 1)


def as_if_sent(row):
    from django.utils import timezone

    Signature.objects.filter(pk=row.pk).update(
        mail_due_at=None, mail_sent_at=timezone.now(), mail_times=[timezone.now()], mail_count=1
    )


@pytest.mark.parametrize("fields", [{"email": "next@mail.example.org"}, {"email": "junk"}, {"action": "resend"}])
def test_a_busy_network_waits_on_the_check_mail_page_too(send, settings, fields):
    settings.GUARD_SIGN_RATE = "1/h"
    location = send()["Location"]
    answer = Client().post(location, urlencode({"action": "change"} | fields).encode(), content_type=FORM)
    assert answer.status_code == 429
    assert "Wait a minute" in answer.text


def test_resending_asks_for_no_proof_and_writes_to_the_same_address_only(pressed, send):
    location = send(proof=proof_in(send()))["Location"]
    again = Client().post(location, b"action=resend", content_type=FORM)
    assert again.status_code == 303
    assert Signature.objects.count() == 1
