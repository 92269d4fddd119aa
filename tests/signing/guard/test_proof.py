import base64
import json
import time

import pytest
from altcha import Challenge, Payload, solve_challenge

from signatures.signing.guard import proof
from signatures.signing.guard.patience import make_pass, read_pass
from signatures.signing.guard.proof import make_challenge, read_proof


@pytest.fixture
def solved(settings):
    """A challenge of ours and its solution, as a browser posts it."""
    settings.PROOF_COST = 2

    def solve(petition_id=7):
        challenge = Challenge.from_dict(json.loads(make_challenge(petition_id=petition_id)))
        return Payload(challenge, solve_challenge(challenge)).to_base64()

    return solve


def altered(text, change):
    payload = json.loads(base64.b64decode(text))
    change(payload)
    return base64.b64encode(json.dumps(payload).encode()).decode()


def test_a_solution_gives_the_nonce_that_is_to_be_spent(solved):
    text = solved()
    nonce = read_proof(text, petition_id=7)
    assert len(nonce) == 16
    assert read_proof(text, petition_id=7) == nonce
    assert read_proof(solved(), petition_id=7) != nonce


def test_a_solution_for_another_petition_is_none(solved):
    assert read_proof(solved(petition_id=8), petition_id=7) is None


def test_a_solution_ends_after_twenty_minutes(solved, monkeypatch):
    now = time.time()
    monkeypatch.setattr(proof.time, "time", lambda: now - 21 * 60)
    text = solved()
    monkeypatch.undo()
    assert read_proof(text, petition_id=7) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda p: p["challenge"]["parameters"].update(cost=1),
        lambda p: p["challenge"]["parameters"].update(nonce="00" * 16),
        lambda p: p["challenge"]["parameters"].update(expiresAt=int(time.time()) + 99_999),
        lambda p: p["challenge"]["parameters"].update(data={"petition": 7}, keyPrefix=""),
        lambda p: p["challenge"].pop("signature"),
        lambda p: p["solution"].update(derivedKey="00" * 32),
        lambda p: p["challenge"].update(parameters=[]),
        lambda p: p.pop("solution"),
    ],
)
def test_an_altered_solution_is_none(solved, change):
    assert read_proof(altered(solved(), change), petition_id=7) is None


@pytest.mark.parametrize("text", ["", "x", "\x00", "é", "e30=", "W10=", "bnVsbA==", "A" * 5000, "eyJhIjo" * 500])
def test_what_is_no_solution_is_none(text):
    assert read_proof(text, petition_id=7) is None


def test_a_challenge_made_before_a_change_of_keys_still_counts(solved, settings):
    text = solved()
    settings.LINK_KEYS = ["a new key", *settings.LINK_KEYS]
    assert read_proof(text, petition_id=7)
    settings.LINK_KEYS = ["a new key"]
    assert read_proof(text, petition_id=7) is None


def test_a_pass_is_good_when_its_time_has_come(monkeypatch, settings):
    settings.PATIENCE_SECONDS = 30
    made = make_pass(petition_id=7)
    read = read_pass(made.token, petition_id=7)
    assert (read.nonce, 28 <= read.wait <= 30) == (made.nonce, True)
    now = time.time()
    monkeypatch.setattr("signatures.signing.guard.patience.time.time", lambda: now + 31)
    assert read_pass(made.token, petition_id=7).wait == 0
    monkeypatch.setattr("signatures.privacy.tokens.time.time", lambda: now + 21 * 60)
    assert read_pass(made.token, petition_id=7) is None


@pytest.mark.parametrize("token", ["", "x", "\x00", "AAAA"])
def test_what_is_no_pass_is_none(token):
    assert read_pass(token, petition_id=7) is None


def test_a_pass_for_another_petition_is_none():
    assert read_pass(make_pass(petition_id=8).token, petition_id=7) is None
