import base64
import os

import pytest

from signatures.privacy.sealing import Unreadable, seal, unseal

WHERE = {"petition_id": 1, "person_index": b"p" * 32, "field": "name"}


def key(name):
    return f"{name}:{base64.b64encode(os.urandom(32)).decode()}"


@pytest.mark.parametrize("text", ["", "Ng", "Ngô Thị Ánh", "شيرين", "李", "👩‍🌾" * 40])
def test_a_sealed_text_opens_to_the_same_bytes(text):
    assert unseal(seal(text, **WHERE), **WHERE) == text


def test_the_same_text_never_looks_the_same_twice():
    assert seal("Ada", **WHERE) != seal("Ada", **WHERE)


def test_a_short_and_a_longer_name_are_as_long_when_sealed():
    assert len(seal("Ng", **WHERE)) == len(seal("Bartholomew Nkemelu", **WHERE))


@pytest.mark.parametrize("other", [{"petition_id": 2}, {"person_index": b"q" * 32}, {"field": "email"}])
def test_a_value_moved_to_another_row_or_field_does_not_open(other):
    with pytest.raises(Unreadable):
        unseal(seal("Ada", **WHERE), **(WHERE | other))


def test_an_altered_value_does_not_open():
    sealed = bytearray(seal("Ada", **WHERE))
    for position in range(len(sealed)):
        altered = bytes(sealed[:position]) + bytes([sealed[position] ^ 1]) + bytes(sealed[position + 1 :])
        with pytest.raises(Unreadable):
            unseal(altered, **WHERE)


def test_after_a_rotation_old_values_open_and_new_ones_use_the_new_key(settings):
    old, new = key("old"), key("new")
    settings.FIELD_KEYS = [old]
    before = seal("Ada", **WHERE)
    settings.FIELD_KEYS = [new, old]
    after = seal("Ada", **WHERE)
    assert unseal(before, **WHERE) == unseal(after, **WHERE) == "Ada"
    settings.FIELD_KEYS = [new]
    assert unseal(after, **WHERE) == "Ada"
    with pytest.raises(Unreadable):
        unseal(before, **WHERE)
