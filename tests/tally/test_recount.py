from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F

from signatures.models import CountryTally, DayTally, Signature, Tally, TallyEntry
from signatures.signing.confirm import confirm
from signatures.tally.fold import fold
from signatures.tally.recount import recount
from tests.factories import make_petition, make_signature

pytestmark = pytest.mark.django_db


@pytest.fixture
def counted_petition():
    petition = make_petition(slug="water")
    for country in ("PE", "FR", None):
        confirm(signature_id=make_signature(petition, country=country).pk, revision=0)
    fold()
    confirm(signature_id=make_signature(petition).pk, revision=0)  # one unfolded
    return petition


def test_all_is_well_and_the_command_says_so(counted_petition):
    assert recount() == []
    out = StringIO()
    call_command("recount", stdout=out)
    assert "agree" in out.getvalue()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda: Tally.objects.update(total=F("total") + 1),
        lambda: Tally.objects.update(countries=9),
        lambda: CountryTally.objects.filter(country="PE").update(total=0),
        lambda: CountryTally.objects.filter(country="FR").update(country="DE"),
        lambda: DayTally.objects.update(total=F("total") - 1),
        lambda: TallyEntry.objects.first().delete(),
        lambda: TallyEntry.objects.filter(folded=False).update(country="DE"),
        lambda: TallyEntry.objects.filter(folded=False).update(folded=True),
        lambda: Signature.objects.filter(country="PE").update(country="DE"),
        lambda: Signature.objects.filter(country="PE").update(state="pending"),
        lambda: Signature.objects.filter(country="PE").update(confirmed_at="2020-01-01T00:00:00Z"),
    ],
)
def test_every_kind_of_difference_is_found_told_and_left_as_it_is(counted_petition, spoil):
    spoil()
    differences = recount()
    assert differences
    assert all(each.petition == "water" for each in differences)
    with pytest.raises(CommandError, match="difference"):
        call_command("recount", stdout=StringIO())
    assert recount() == differences
