"""A wave of signatures on one petition, jobs over it, and the count held against itself."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db.models import QuerySet, Sum
from django.utils import timezone

from signatures.desk.jobs import orders
from signatures.desk.jobs.run import run_jobs
from signatures.desk.jobs.selection import Selection
from signatures.desk.jobs.start import start_job
from signatures.models import Correction, CountryTally, Job, JobItem, Petition, Signature, Tally, TallyEntry
from signatures.signing.confirm import confirm
from tests.factories import make_petition, make_signature


class Wave:
    """A petition, who signed it, and what a moderator does about them."""

    def __init__(self, moderator: User) -> None:
        self.petition: Petition = make_petition()
        self.moderator = moderator

    def sign(self, count: int, *, confirmed: bool = True, **fields: Any) -> QuerySet[Signature]:
        """Sign `count` times, from France and Germany in turn; confirmed unless said otherwise."""
        values = [{"country": ("FR", "DE")[number % 2]} | fields for number in range(count)]
        rows = [make_signature(self.petition, **each) for each in values]
        for row in rows if confirmed else ():
            confirm(signature_id=row.pk, revision=0)
        return Signature.objects.filter(pk__in=[row.pk for row in rows]).order_by("pk")

    def start(self, kind: str, selection: Selection | None = None, *, reason: str = "a wave") -> Job:
        """Start a job over a selection; over all of the petition, when none is given."""
        selection = selection or Selection(petition_id=self.petition.pk)
        params = {"selection": selection.frozen().params()}
        return start_job(kind=kind, petition=self.petition, params=params, reason=reason, actor=self.moderator)

    def work(self, job: Job) -> Job:
        """Let a worker do all that is due, and look at the job again."""
        run_jobs(lane=0, seconds=20)
        job.refresh_from_db()
        return job

    def done(self, kind: str, selection: Selection | None = None, *, reason: str = "a wave") -> Job:
        return self.work(self.start(kind, selection, reason=reason))

    def undo(self, job: Job) -> Job:
        orders.undo(job, actor=self.moderator, reason="a mistake")
        return self.work(job)

    def after_the_hour(self, job: Job) -> Job:
        """Let the time for undoing have passed, and a worker look."""
        Job.objects.filter(pk=job.pk).update(undo_until=timezone.now() - timedelta(minutes=2))
        return self.work(job)

    def items(self, job: Job) -> int:
        return JobItem.objects.filter(job=job).count()

    def look(self) -> list[dict[str, Any]]:
        """Everything that is stored of the petition's signatures, to hold a later look against."""
        return list(self.petition.signatures.order_by("pk").values())

    def states(self) -> list[str]:
        return list(self.petition.signatures.order_by("pk").values_list("state", flat=True))

    def corrections(self) -> dict[str, int]:
        """The public corrections, added up by kind."""
        rows = Correction.objects.filter(petition=self.petition).values_list("kind")
        return dict(rows.annotate(Sum("delta")).order_by())

    def count(self) -> int:
        return check_tally(self.petition)


def check_tally(petition: Petition) -> int:
    """folded + unfolded = confirmed, in total and for each country; the total."""
    rows = Signature.objects.filter(petition=petition, state="confirmed")
    confirmed = Counter(country or "" for country in rows.values_list("country", flat=True))
    unfolded = TallyEntry.objects.filter(petition=petition, folded=False)
    steps = list(unfolded.order_by().values_list("country").annotate(Sum("delta")))
    counted = Counter(dict(CountryTally.objects.filter(petition=petition).values_list("country", "total")))
    counted.update(dict(steps))
    assert {country: total for country, total in counted.items() if total} == confirmed
    folded = Tally.objects.filter(petition=petition).values_list("total", flat=True).first() or 0
    total = folded + sum(delta for _country, delta in steps)
    assert total == confirmed.total()
    return total


@pytest.fixture
def wave(admin_user: User) -> Wave:
    return Wave(admin_user)
