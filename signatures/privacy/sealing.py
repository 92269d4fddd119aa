"""Personal data at rest: AES-256-GCM, bound to its row and field, with keys that can be rotated.

A sealed value is `version (1) | key id length (1) | key id | nonce (12) | ciphertext and tag`. Version, key id,
petition, person index and field name are the associated data, so a value that was moved to another row or column no
longer opens. The plain text is padded to a multiple of 32 bytes, so that a backup does not tell how long a name is.
Nonces are random: NIST SP 800-38D allows 2**32 per key, some hundred times our largest campaign.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Callable
from functools import cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

VERSION = 1
PAD = 32  # bytes


class Unreadable(Exception):
    """The value was sealed with a key we no longer have, or belongs to another row or field."""


@cache
def _keys(listed: tuple[str, ...]) -> dict[bytes, AESGCM]:
    """Key id to cipher, in the order of the setting: the first one seals."""
    keys: dict[bytes, AESGCM] = {}
    for item in listed:
        key_id, _, encoded = item.partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except binascii.Error as error:
            raise ImproperlyConfigured("FIELD_KEYS: each is id:base64 of 32 bytes.") from error
        if not key_id or len(key) != 32:
            raise ImproperlyConfigured("FIELD_KEYS: each is id:base64 of 32 bytes.")
        keys[key_id.encode()] = AESGCM(key)
    return keys


def _bound_to(*, key_id: bytes, petition_id: int, person_index: bytes, field: str) -> bytes:
    return _joined(key_id, str(petition_id).encode(), person_index, field.encode())


def _joined(*parts: bytes) -> bytes:
    return b"".join(len(part).to_bytes(2) + part for part in (bytes([VERSION]), *parts))


def _encrypt(plain: bytes, bound: Callable[[bytes], bytes]) -> bytes:
    keys = _keys(tuple(settings.FIELD_KEYS))
    key_id, cipher = next(iter(keys.items()))
    nonce = os.urandom(12)
    return bytes([VERSION, len(key_id)]) + key_id + nonce + cipher.encrypt(nonce, plain, bound(key_id))


def _decrypt(raw: bytes, bound: Callable[[bytes], bytes]) -> bytes:
    if len(raw) < 2 or raw[0] != VERSION:
        raise Unreadable("unknown version")
    key_id, rest = raw[2 : 2 + raw[1]], raw[2 + raw[1] :]
    cipher = _keys(tuple(settings.FIELD_KEYS)).get(key_id)
    if cipher is None:
        raise Unreadable(f"no key {key_id!r}")
    try:
        return cipher.decrypt(rest[:12], rest[12:], bound(key_id))
    except (InvalidTag, ValueError) as error:
        raise Unreadable("wrong row, field or key") from error


def seal(text: str, *, petition_id: int, person_index: bytes, field: str) -> bytes:
    """Encrypt `text` for one field of one person's signature under one petition."""
    plain = text.encode()
    padded = len(plain).to_bytes(2) + plain
    padded += bytes(-len(padded) % PAD)
    return _encrypt(
        padded,
        lambda key_id: _bound_to(key_id=key_id, petition_id=petition_id, person_index=person_index, field=field),
    )


def unseal(sealed: bytes | memoryview, *, petition_id: int, person_index: bytes | memoryview, field: str) -> str:
    """The text that `seal` was given for the same row and field. Raises Unreadable."""
    person = bytes(person_index)
    padded = _decrypt(
        bytes(sealed),
        lambda key_id: _bound_to(key_id=key_id, petition_id=petition_id, person_index=person, field=field),
    )
    return padded[2 : 2 + int.from_bytes(padded[:2])].decode()


def seal_part(part: bytes, *, file_id: UUID, number: int) -> bytes:
    """Encrypt one part of a file, bound to the file and to its place in it. A part is not padded: files are large."""
    return _encrypt(part, lambda key_id: _joined(key_id, b"file", file_id.bytes, str(number).encode()))


def unseal_part(sealed: bytes | memoryview, *, file_id: UUID, number: int) -> bytes:
    """The part that `seal_part` was given for the same file and place. Raises Unreadable."""
    return _decrypt(bytes(sealed), lambda key_id: _joined(key_id, b"file", file_id.bytes, str(number).encode()))
