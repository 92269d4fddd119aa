"""What we hand out and get back without a session: signed links and sealed form state.

Both carry a purpose and an expiry, and both open with any of LINK_KEYS and are made with the first. A token of one
purpose is refused for every other.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import os
import time
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

MAC = 16  # bytes: 128 bits, beyond guessing over a network


class BadToken(Exception):
    """Not one of ours, altered, or made for another purpose."""


class ExpiredToken(BadToken):
    """One of ours, and too old."""


@cache
def _derived(secret: str, purpose: str) -> bytes:
    """32 bytes for one use of one key (HKDF, RFC 5869), so that no two purposes share key material."""
    return HKDF(hashes.SHA256(), 32, salt=b"undersigned", info=purpose.encode()).derive(secret.encode())


def derived_keys(purpose: str) -> list[bytes]:
    """A key for one purpose from each of LINK_KEYS: the first makes, all of them check."""
    return [_derived(key, purpose) for key in settings.LINK_KEYS]


def _decode(token: str) -> bytes:
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadToken("not base64url") from error
    if _encode(raw) != token:  # one token, one spelling
        raise BadToken("not canonical")
    return raw


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def sign_token(payload: bytes, *, purpose: str, lifetime: int, now: float | None = None) -> str:
    """A readable, unforgeable token: expiry (4 bytes) | payload | MAC, in base64url. `lifetime` in seconds."""
    expires = int((now or time.time()) + lifetime)
    body = expires.to_bytes(4) + payload
    mac = hmac.digest(_derived(settings.LINK_KEYS[0], f"sign:{purpose}"), body, "sha256")[:MAC]
    return _encode(body + mac)


def read_token(token: str, *, purpose: str, now: float | None = None) -> bytes:
    """The payload of a signed token. Raises BadToken or ExpiredToken."""
    raw = _decode(token)
    body, mac = raw[:-MAC], raw[-MAC:]
    if len(body) < 4 or not any(
        hmac.compare_digest(hmac.digest(_derived(key, f"sign:{purpose}"), body, "sha256")[:MAC], mac)
        for key in settings.LINK_KEYS
    ):
        raise BadToken("bad signature")
    if int.from_bytes(body[:4]) < (now or time.time()):
        raise ExpiredToken
    return body[4:]


def seal_token(payload: bytes, *, purpose: str, lifetime: int) -> str:
    """A token that only we can read: nonce (12) | AES-256-GCM of expiry and payload. `lifetime` in seconds."""
    nonce = os.urandom(12)
    plain = int(time.time() + lifetime).to_bytes(4) + payload
    cipher = AESGCM(_derived(settings.LINK_KEYS[0], f"seal:{purpose}"))
    return _encode(nonce + cipher.encrypt(nonce, plain, purpose.encode()))


def open_token(token: str, *, purpose: str) -> bytes:
    """The payload of a sealed token. Raises BadToken or ExpiredToken."""
    raw = _decode(token)
    if len(raw) < 12 + 16 + 4:
        raise BadToken("too short")
    for key in settings.LINK_KEYS:
        try:
            plain = AESGCM(_derived(key, f"seal:{purpose}")).decrypt(raw[:12], raw[12:], purpose.encode())
        except InvalidTag:
            continue
        if int.from_bytes(plain[:4]) < time.time():
            raise ExpiredToken
        return plain[4:]
    raise BadToken("no key opens it")
