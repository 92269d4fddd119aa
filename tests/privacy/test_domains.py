"""The domain index: made when signing, filled for old rows, gone with an erasure."""

import pytest
from django.core.management import CommandError, call_command

from signatures.models import Signature
from signatures.privacy.domains import fill_domains
from signatures.privacy.indexes import domain_index, email_index, person_index
from signatures.signing.sign import sign
from tests.factories import make_consent, make_petition, make_signature

ADDRESS = "ada@bücher.example"


@pytest.mark.parametrize("same", ["x@xn--bcher-kva.example", "x@BÜCHER.example", "bücher.example.", "@bücher.example"])
def test_one_domain_has_one_index_however_it_is_spelled(same):
    assert domain_index(same) == domain_index(ADDRESS)
    assert len(domain_index(same)) == 16


@pytest.mark.parametrize("other", ["a@googlemail.com", "a@mail.gmail.com", "gmail.com.example"])
def test_a_domain_is_taken_as_typed_and_never_as_another(other):
    assert domain_index(other) != domain_index("a@gmail.com")


def test_a_domain_index_is_no_other_index():
    assert domain_index("a@gmail.com") not in (email_index("gmail.com")[:16], person_index("x@gmail.com")[:16])


def _sign(petition, email):
    return sign(
        petition_id=petition.pk, name="Ada", email=email, country=None, language="en", consent_id=make_consent().pk
    )


@pytest.mark.django_db
def test_signing_stores_the_domain_and_signing_again_the_later_one():
    petition = make_petition()
    _sign(petition, "a.da@googlemail.com")
    assert bytes(Signature.objects.get().domain_index) == domain_index("@googlemail.com")
    _sign(petition, "ada@gmail.com")
    assert bytes(Signature.objects.get().domain_index) == domain_index("@gmail.com")


@pytest.mark.django_db
def test_old_rows_are_filled_in_chunks_and_once():
    petition = make_petition()
    old = [make_signature(petition, email=f"{number}@old.example", domain_index=None) for number in range(5)]
    make_signature(petition, email="new@new.example")
    make_signature(petition, state="erased")
    assert fill_domains(chunk=2).filled == 5
    assert Signature.objects.filter(domain_index=domain_index("old.example")).count() == len(old)
    assert Signature.objects.filter(domain_index=domain_index("new.example")).count() == 1
    assert fill_domains(chunk=2).filled == 0


@pytest.mark.django_db
def test_an_address_that_cannot_be_read_stops_nothing_and_is_told():
    petition = make_petition()
    make_signature(petition, email_sealed=b"torn", domain_index=None)
    row = make_signature(petition, email="a@old.example", domain_index=None)
    with pytest.raises(CommandError, match="1 addresses cannot be read"):
        call_command("filldomains")
    row.refresh_from_db()
    assert bytes(row.domain_index) == domain_index("old.example")


@pytest.mark.django_db
def test_what_was_erased_between_reading_and_writing_stays_erased(monkeypatch):
    from signatures.privacy import domains, erasure

    row = make_signature(make_petition(), domain_index=None)

    def erased_meanwhile(sealed, **where):
        erasure.blank(Signature.objects.get())
        return "a@mail.example"

    monkeypatch.setattr(domains, "unseal", erased_meanwhile)
    assert domains.fill_domains().filled == 0
    row.refresh_from_db()
    assert row.domain_index is None
