import base64
import os

import pytest

from signatures.privacy.indexes import canonical_address, email_index, person_index


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        ("J.Doe+x@GoogleMail.com", "jdoe@gmail.com"),
        ("j.doe@gmail.com", "jdoe@gmail.com"),
        ("Jo.Doe+tag@outlook.com", "jo.doe@outlook.com"),
        ("jo+doe@some.example", "jo+doe@some.example"),
        ("JO.DOE@Some.Example", "jo.doe@some.example"),
        ("a@protonmail.com", "a@proton.me"),
        ("a@bücher.example", "a@xn--bcher-kva.example"),
        ("+only@gmail.com", "+only@gmail.com"),
    ],
)
def test_spellings_of_one_mailbox_are_one_person(typed, canonical):
    assert canonical_address(typed) == canonical


def test_the_exact_index_tells_spellings_apart_that_the_person_index_does_not():
    assert person_index("a.b@gmail.com") == person_index("AB@gmail.com")
    assert email_index("a.b@gmail.com") != email_index("AB@gmail.com")
    assert email_index("ab@gmail.com") != person_index("ab@gmail.com")


def test_an_index_depends_on_the_key(settings):
    before = person_index("a@some.example")
    settings.INDEX_KEY = base64.b64encode(os.urandom(32)).decode()
    assert person_index("a@some.example") != before
