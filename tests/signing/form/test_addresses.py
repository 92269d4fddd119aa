import pytest
from django.core.exceptions import ValidationError

from signatures.signing.form.addresses import check_address


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" ada@mail.example.org ", "ada@mail.example.org"),
        ("Ada.L+tag@Mail.Example.ORG", "Ada.L+tag@mail.example.org"),
        ("o'brien@mail.example.org", "o'brien@mail.example.org"),
        ("ada@bücher.example.org", "ada@bücher.example.org"),
        (f"{'a' * 64}@mail.example.org", f"{'a' * 64}@mail.example.org"),
    ],
)
def test_an_address_is_kept_as_typed_with_its_domain_in_lower_case(typed, kept):
    assert check_address(typed) == kept


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "required"),
        ("ada", "invalid"),
        ("ada@", "invalid"),
        ("@mail.example.org", "invalid"),
        ("ada@localhost", "invalid"),
        ("ada@[127.0.0.1]", "invalid"),
        ("ada@[IPv6:::1]", "invalid"),
        ("ada@127.0.0.1", "invalid"),
        ("ada@mail..example.org", "invalid"),
        ("ada@mail.example.org\nBcc: eve@mail.example.org", "several"),
        ("ada@mail.example.org\r\nSubject:x", "invalid"),
        ("ada@mail.example.org\x00", "invalid"),
        ("ada\ud800@mail.example.org", "local_part"),
        ("ada@mail.example.org, eve@mail.example.org", "several"),
        ("ada@mail.example.org;eve@mail.example.org", "several"),
        ("Ada <ada@mail.example.org>", "several"),
        ("ada@eve@mail.example.org", "several"),
        (f"{'a' * 65}@mail.example.org", "too_long"),
        (f"a@{'b' * 63}.{'c' * 63}.{'d' * 63}.{'e' * 63}.org", "too_long"),
        ("данил@mail.example.org", "local_part"),
    ],
)
def test_what_is_not_one_mailbox_is_refused_with_its_reason(typed, code):
    with pytest.raises(ValidationError) as caught:
        check_address(typed)
    assert caught.value.code == code
