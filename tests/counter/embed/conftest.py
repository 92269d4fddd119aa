import pytest
from django.utils import timezone

from signatures.models import Tally
from tests.factories import make_petition


@pytest.fixture
def petition(db):
    """An open letter in English and French that 323,832 people from 184 countries and territories signed."""
    made = make_petition(slug="water", languages=("fr",), goal=400_000)
    Tally.objects.create(petition=made, total=323_832, countries=184, version=7, as_of=timezone.now())
    return made
