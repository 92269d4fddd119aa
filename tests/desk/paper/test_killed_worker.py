"""A worker that is killed in the middle of an import, and of its undoing: every line counts once all the same."""

from __future__ import annotations

import pytest

from signatures.desk.jobs import orders
from signatures.desk.paper import kinds
from signatures.desk.paper.store import start_taking
from signatures.models import Job, TallyEntry
from tests.desk.jobs.test_killed_worker import killed_after, lease_runs_out

from .conftest import Sheets, as_csv, people

pytestmark = pytest.mark.django_db(transaction=True)


def test_each_line_counts_once_though_two_workers_die(sheets: Sheets, monkeypatch):
    monkeypatch.setattr(kinds, "PER_PART", 10)  # the parts that were sealed so are what a step takes
    paper = sheets.checked(as_csv(*people(300)))
    job = start_taking(paper_id=paper.pk, reason="the stand in May", actor=sheets.actor)
    killed_after(job, far_enough=lambda: Job.objects.get(pk=job.pk).done >= 30)
    half = Job.objects.get(pk=job.pk)
    assert 30 <= half.done < 300
    assert half.done == sheets.on_paper().count() == sheets.again(paper).taken
    assert sheets.counted() == (0, half.done)
    lease_runs_out(job)
    sheets.work()
    assert sheets.again(paper).taken == 300
    assert sheets.counted() == (0, 300)
    assert TallyEntry.objects.filter(petition=sheets.petition, paper=True).count() == 300

    job.refresh_from_db()
    orders.undo(job, actor=sheets.actor, reason="the wrong petition")
    killed_after(job, far_enough=lambda: Job.objects.get(pk=job.pk).undone >= 30)
    half = Job.objects.get(pk=job.pk)
    assert 30 <= half.undone < 300
    assert sheets.counted() == (0, 300 - half.undone)
    lease_runs_out(job)
    sheets.work()
    job.refresh_from_db()
    assert (job.state, job.undone, job.not_undone) == ("undone", 300, 0)
    assert sheets.counted() == (0, 0)
    assert not sheets.on_paper().exists()
