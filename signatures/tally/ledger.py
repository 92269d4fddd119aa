"""The ledger: one row for each step of the count, written in the transaction that caused the step."""

from __future__ import annotations

from datetime import date, datetime

from signatures.models import NOT_SAID, TallyEntry


def append(*, petition_id: int, country: str | None, day: date, delta: int, paper: bool = False) -> None:
    """Add one step: `delta` is +1 or -1, `day` the UTC day of the confirmation that it counts or takes back.

    `paper`: of a signature on paper, which is counted apart. The statements that move many signatures at once
    (`signing.confirm`, `signing.review.moves`, `signing.paper`) insert their rows themselves.
    """
    TallyEntry.objects.create(petition_id=petition_id, country=country or NOT_SAID, day=day, delta=delta, paper=paper)


def oldest_unfolded() -> datetime | None:
    """Since when the oldest unfolded step has waited; None when all are folded. Reads the small partial index."""
    return TallyEntry.objects.filter(folded=False).order_by("id").values_list("waiting_since", flat=True).first()
