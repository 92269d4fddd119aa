"""Sheets as staff send them, and a worker who looks through them and imports."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.contrib.auth.models import User
from openpyxl import Workbook

from signatures.desk.jobs import orders
from signatures.desk.jobs.run import run_jobs
from signatures.desk.paper.store import start_check, start_taking
from signatures.models import CountryTally, Job, PaperImport, Petition, Signature, Tally
from signatures.tally.fold import fold
from signatures.tally.recount import recount
from tests.factories import make_petition

HEAD = ("Name", "Country", "E-mail", "Date", "Reference")


def as_csv(*rows: Any, head: Any = HEAD) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([head, *rows])
    return text.getvalue().encode()


def as_xlsx(*rows: Any, head: Any = HEAD) -> bytes:
    book, out = Workbook(), io.BytesIO()
    for row in [head, *rows]:
        book.active.append(list(row))
    book.save(out)
    return out.getvalue()


def people(count: int, *, first: int = 1, country: str = "France") -> list[tuple[str, ...]]:
    return [(f"Person {number}", country, "", "", f"{number}") for number in range(first, first + count)]


class Sheets:
    """A petition, and somebody who brings its paper signatures in."""

    def __init__(self, actor: User) -> None:
        self.petition: Petition = make_petition()
        self.actor = actor

    def send(self, contents: bytes, *, format_: str = "csv", hand_over: bool = False) -> PaperImport:
        return start_check(
            petition=self.petition,
            contents=contents,
            format_=format_,
            file_name=f"sheets.{format_}",
            hand_over=hand_over,
            actor=self.actor,
        )

    def work(self) -> None:
        """As workers do it: files in the one lane, steps in the other."""
        run_jobs(lane=1, seconds=60)

    def checked(self, contents: bytes, **how: Any) -> PaperImport:
        paper = self.send(contents, **how)
        self.work()
        return self.again(paper)

    def imported(self, contents: bytes, **how: Any) -> PaperImport:
        paper = self.checked(contents, **how)
        start_taking(paper_id=paper.pk, reason="the stand in May", actor=self.actor)
        self.work()
        return self.again(paper)

    def undone(self, paper: PaperImport) -> Job:
        orders.undo(paper.take_job, actor=self.actor, reason="a mistake")
        self.work()
        job = Job.objects.get(pk=paper.take_job_id)
        assert job.error == ""
        return job

    def again(self, paper: PaperImport) -> PaperImport:
        return PaperImport.objects.select_related("petition", "check_job", "take_job").get(pk=paper.pk)

    def problems(self, paper: PaperImport) -> list[tuple[Any, ...]]:
        return list(paper.problems.order_by("id").values_list("row", "column", "why", "like_row"))

    def on_paper(self) -> Any:
        return Signature.objects.filter(petition=self.petition, paper_import__isnull=False)

    def counted(self) -> tuple[int, int]:
        """The total and the number on paper, once all is folded; and the recount finds nothing wrong."""
        fold()
        assert recount() == []
        tally = Tally.objects.filter(petition=self.petition).first()
        rows = CountryTally.objects.filter(petition=self.petition)
        if tally is None:
            return 0, 0
        assert sum(row.total for row in rows) == tally.total
        assert sum(row.paper for row in rows) == tally.paper
        return tally.total, tally.paper


@pytest.fixture
def sheets(admin_user: User) -> Sheets:
    return Sheets(admin_user)
