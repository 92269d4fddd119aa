"""A petition with published figures and names, for the record's tests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from signatures.models import CountryTally, DayTally, Petition, Signature, Tally
from signatures.signing.review.names import approve_names, publish_names, waiting_names
from signatures.tally.published import publish_due
from tests.factories import make_petition, make_signature

COUNTRIES = {"FR": 52_310, "DE": 8_190, "TW": 640, "XK": 38, "TV": 3, "": 214}
FIRST = date(2026, 10, 1)


def count_by(petition: Petition, countries: dict[str, int], *, days: int = 30, first: date | None = None) -> None:
    """Folded figures by country, spread over days from `first` on, and their snapshot."""
    total = sum(countries.values())
    first = first or timezone.now().astimezone(UTC).date() - timedelta(days=days - 1)
    Tally.objects.create(petition=petition, total=total, countries=0, version=1, as_of=datetime.now(UTC))
    CountryTally.objects.bulk_create(
        CountryTally(petition=petition, country=code, total=number) for code, number in countries.items()
    )
    each, rest = divmod(total, days)
    DayTally.objects.bulk_create(
        DayTally(petition=petition, day=first + timedelta(days=number), total=each + (rest if number == 0 else 0))
        for number in range(days)
    )
    publish_due(every=0)


@pytest.fixture
def water(db: None) -> Petition:
    """An open petition with figures from five countries over thirty days, the last of them today."""
    petition = make_petition(slug="water", languages=("fr",), goal=100_000)
    count_by(petition, COUNTRIES)
    return petition


@pytest.fixture
def shown() -> Callable[..., list[Signature]]:
    """Counted signatures whose names are approved and on the list."""

    def make(petition: Petition, *names: str) -> list[Signature]:
        rows = [make_signature(petition, name=name, state="confirmed", show_name=True) for name in names]
        waiting = {each.signature_id: each.digest for each in waiting_names(most=1000, petition_ids=[petition.pk])}
        approve_names([(row.pk, waiting[row.pk]) for row in rows], actor=None)
        publish_names()
        return rows

    return make
