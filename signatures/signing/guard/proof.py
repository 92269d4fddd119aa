"""Proof of work: what a browser computes to show that a form costs its sender something.

The challenge and its check are the `altcha` library's (version 2: PBKDF2, the right counter fixed beforehand), the
solver is `static/js/proof.js`. A challenge is signed, names its petition and ends after LIFETIME; that it is used once
is for PostgreSQL to see to (`sign`), because a check that is made before the signature is stored lets through whoever
comes twice at the same moment.

A fixed counter bounds the work: it takes MOST_TRIES at most and half of them on average, where a search for leading
zeros now and then takes five times as long, on somebody's slow phone. Making a challenge costs us one try, checking a
solution none.
"""

from __future__ import annotations

import json
import secrets
import time

from altcha import Payload, create_challenge, verify_solution
from django.conf import settings

from signatures.privacy.tokens import derived_keys

LIFETIME = 20 * 60  # seconds
MOST_TRIES = 300
LONGEST = 4096  # characters of a solution; ours have about a thousand


def make_challenge(*, petition_id: int) -> str:
    """A challenge as JSON, for the page."""
    challenge = create_challenge(
        "PBKDF2/SHA-256",
        settings.PROOF_COST,
        counter=secrets.randbelow(MOST_TRIES),
        expires_at=int(time.time()) + LIFETIME,
        data={"petition": petition_id},
        hmac_secret=derived_keys("proof:challenge")[0],
        hmac_key_secret=derived_keys("proof:solution")[0],
    )
    return json.dumps(challenge.to_dict(), separators=(",", ":"))


def read_proof(text: str, *, petition_id: int) -> bytes | None:
    """The nonce of a solved challenge of ours, to be spent with the signature; None for anything else."""
    if not text or len(text) > LONGEST:
        return None
    for challenge_key, solution_key in zip(
        derived_keys("proof:challenge"), derived_keys("proof:solution"), strict=True
    ):
        if verify_solution(text, challenge_key, hmac_key_secret=solution_key).verified:
            parameters = Payload.from_base64(text).challenge.parameters
            if parameters.data == {"petition": petition_id}:
                return bytes.fromhex(parameters.nonce)
    return None
