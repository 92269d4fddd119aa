import pytest
from django.db.models import Sum

from signatures.models import OutgoingMail, Signature, Suppression, TallyEntry
from signatures.signing.confirm import confirm
from signatures.signing.withdraw import erase, refuse, withdraw
from tests.factories import make_petition, make_signature

pytestmark = pytest.mark.django_db


@pytest.fixture
def confirmed():
    row = make_signature(make_petition(), email="ada@mail.example.org", show_name=True)
    confirm(signature_id=row.pk, revision=0)
    return row


def test_withdrawing_takes_it_off_the_count_on_the_day_that_counted_it(confirmed, counted):
    assert withdraw(signature_id=confirmed.pk)
    confirmed.refresh_from_db()
    assert (confirmed.state, confirmed.show_name, confirmed.mail_due_at) == ("withdrawn", False, None)
    assert counted(confirmed.petition) == 0
    by_day = TallyEntry.objects.values("day", "country").annotate(total=Sum("delta"))
    assert [row["total"] for row in by_day] == [0]
    assert OutgoingMail.objects.get().kind == "withdrawn"


def test_withdrawing_twice_is_once(confirmed, counted):
    withdraw(signature_id=confirmed.pk)
    assert withdraw(signature_id=confirmed.pk)
    assert counted(confirmed.petition) == 0
    assert TallyEntry.objects.count() == 2
    assert OutgoingMail.objects.count() == 1


def test_erasing_destroys_every_personal_field_and_the_count_falls(confirmed, counted):
    withdrawn_mail = OutgoingMail.objects.create(signature=confirmed, kind="released")
    assert erase(signature_id=confirmed.pk)
    assert erase(signature_id=confirmed.pk)
    row = Signature.objects.get()
    assert row.state == "erased"
    assert not any([row.name_sealed, row.email_sealed, row.email_index, row.person_index, row.domain_index])
    assert not any([row.country, row.source])
    assert counted(confirmed.petition) == 0
    assert not OutgoingMail.objects.filter(pk=withdrawn_mail.pk).exists()


def test_an_erased_person_can_sign_anew(confirmed, sign_as):
    erase(signature_id=confirmed.pk)
    assert sign_as(confirmed.petition, email="ada@mail.example.org")[0].created


def test_not_me_erases_and_stops_all_further_mail(confirmed, counted, sign_as):
    assert refuse(signature_id=confirmed.pk)
    assert counted(confirmed.petition) == 0
    assert Suppression.objects.count() == 1
    signed, row = sign_as(confirmed.petition, email="ADA@mail.example.org")
    assert signed.created is None
    assert row is None


def test_not_me_twice_is_once(confirmed):
    refuse(signature_id=confirmed.pk)
    assert not refuse(signature_id=confirmed.pk)
    assert Suppression.objects.count() == 1
    assert TallyEntry.objects.count() == 2


def test_withdrawing_a_held_signature_leaves_the_count_alone(confirmed, counted):
    from signatures.signing.review.hold import hold

    hold(signature_ids=[confirmed.pk], reason="doubtful", actor=None)
    withdraw(signature_id=confirmed.pk)
    assert counted(confirmed.petition) == 0
    assert TallyEntry.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_confirming_and_withdrawing_at_once_never_breaks_the_count(all_at_once, counted):
    petition = make_petition()
    rows = [make_signature(petition) for _ in range(10)]

    def act(number):
        row = rows[number % 10]
        return confirm(signature_id=row.pk, revision=0) if number < 10 else withdraw(signature_id=row.pk)

    all_at_once(act)
    counted(petition)  # asserts that ledger and rows agree
