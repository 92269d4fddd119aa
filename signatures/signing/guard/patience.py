"""The way past a high pressure without JavaScript: to wait a little, and press the button again.

A pass is handed out with the page that asks for a proof. It is good for its petition, from PATIENCE_SECONDS after it
was made until LIFETIME, for one person (`sign` spends it). Nobody is turned away for having no proof; when very many
from one network only wait, their signatures are held for a person to look at (`doubt`).
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass

from django.conf import settings

from signatures.privacy.tokens import BadToken, read_token, sign_token

LIFETIME = 20 * 60  # seconds
_RANDOM = 12  # bytes


@dataclass(frozen=True, slots=True)
class Pass:
    """One visitor's place: the token for the page, what is spent when it is used, the seconds still to wait."""

    token: str
    nonce: bytes
    wait: int


def make_pass(*, petition_id: int) -> Pass:
    nonce = os.urandom(_RANDOM)
    payload = petition_id.to_bytes(8) + int(time.time()).to_bytes(4) + nonce
    token = sign_token(payload, purpose="patience", lifetime=LIFETIME)
    return Pass(token=token, nonce=nonce, wait=settings.PATIENCE_SECONDS)


def read_pass(token: str, *, petition_id: int) -> Pass | None:
    """A pass of ours for this petition, whether its time has come or not; None for anything else."""
    try:
        payload = read_token(token, purpose="patience")
    except BadToken:
        return None
    if len(payload) != 8 + 4 + _RANDOM or int.from_bytes(payload[:8]) != petition_id:
        return None
    wait = int.from_bytes(payload[8:12]) + settings.PATIENCE_SECONDS - int(time.time())
    return Pass(token=token, nonce=payload[12:], wait=max(0, wait))
