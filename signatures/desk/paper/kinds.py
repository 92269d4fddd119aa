"""The two jobs over a file of paper signatures: a dry run that changes nothing, and the import."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from signatures.desk.jobs.kinds import InOneGo, JobProblem, Kind, Progress, Step, Stepwise, register
from signatures.models import Job, PaperImport, PaperProblem
from signatures.signing.paper import PaperRow, TakesNone, known, take_back, take_in

from .check import Checked, Problem, check_row
from .columns import Columns, understand
from .read import Row, Unreadable, rows_of
from .store import CHECK, TAKE, Holds, contents_of, forget_parts, paper_of, put_rows, rows_of_parts
from .words import came_to

PER_PART = 200  # good rows sealed together: what one step of an import takes at least
EVERY = 2.0  # seconds between two words of how far it is
GONE = "The file has been deleted. Send it again."


class _OfPaper(Kind):
    permission = "signatures.add_paperimport"

    def audited(self, job: Job) -> tuple[str, str]:
        return "paper import", str(job.params.get("paper", ""))

    def outcome(self, job: Job) -> tuple[str, str] | None:
        if job.state != Job.State.DONE:
            return None
        return str(_("To the report")), reverse("admin:signatures_paperimport_change", args=[job.params["paper"]])


@dataclass
class _Sheet:
    """What a dry run has found so far. Keyed hashes tell which rows are of one person."""

    paper: PaperImport
    persons: dict[bytes, int] = field(default_factory=dict)  # index → the first row with it
    lines: dict[bytes, int] = field(default_factory=dict)
    waiting: list[PaperRow] = field(default_factory=list)  # good, and not sealed yet
    parts: int = 0
    rows: int = 0
    good: int = 0
    bad: int = 0
    doubled: int = 0

    def add(self, checked: list[Checked]) -> None:
        """Judge a handful of rows against those before them and against the signatures."""
        good = [(each.number, each.row) for each in checked if each.row is not None]
        problems = [problem for each in checked for problem in each.problems]
        online, earlier = known([row for _number, row in good], petition_id=self.paper.petition_id)
        self.rows += len(checked)
        self.bad += len(checked) - len(good)
        for place, (number, row) in enumerate(good):
            problem = self._like_another(number, row)
            if problem is None and place in online:
                problem = Problem(number, "email", "online")
            if problem is None and place in earlier:
                problem = Problem(number, "", "earlier")
            if problem:
                problems.append(problem)
                self.doubled += 1
            else:
                self.good += 1
                self.waiting.append(row)
        problems.sort(key=lambda each: each.row)
        PaperProblem.objects.bulk_create(
            PaperProblem(
                paper_import=self.paper, row=each.row, column=each.column, why=each.why, like_row=each.like_row
            )
            for each in problems
        )
        while len(self.waiting) >= PER_PART:
            self._seal()

    def _like_another(self, number: int, row: PaperRow) -> Problem | None:
        person, line = row.indexes()
        if person in self.persons:
            why = ("email", "same_email") if row.email else ("name", "same_line")
            return Problem(number, *why, self.persons[person])
        if line is not None and line in self.lines:
            return Problem(number, "name", "same_line", self.lines[line])
        self.persons[person] = number
        if line is not None:
            self.lines[line] = number
        return None

    def _seal(self) -> None:
        put_rows(self.paper, number=self.parts, rows=self.waiting[:PER_PART])
        del self.waiting[:PER_PART]
        self.parts += 1

    def end(self, *, columns: Columns) -> dict[str, Any]:
        """Store the numbers; what the file was made of goes, but for the good rows."""
        if self.waiting:
            self._seal()
        numbers = {"rows": self.rows, "good": self.good, "bad": self.bad, "doubled": self.doubled}
        with transaction.atomic():
            PaperImport.objects.filter(pk=self.paper.pk).update(**numbers, columns=columns.as_json())
            forget_parts(self.paper, Holds.FILE)
        return numbers


@register
class CheckPaper(_OfPaper, InOneGo):
    """Killed or paused, it begins again: nothing is counted, and what it found is put in place of what it had found."""

    name = CHECK
    title = _("Dry run of paper signatures")

    def run(self, job: Job, *, progress: Progress) -> dict[str, Any]:
        paper = paper_of(job)
        if paper.deleted_at is not None:
            raise JobProblem(GONE)
        contents = contents_of(paper)
        if not contents:  # it was through but for its last word
            return job.result or {}
        forget_parts(paper, Holds.ROWS)
        PaperProblem.objects.filter(paper_import=paper).delete()
        try:
            return self._look(paper, contents, progress=progress)
        except Unreadable as error:
            with transaction.atomic():
                PaperImport.objects.filter(pk=paper.pk).update(problem=error.why)
                PaperProblem.objects.filter(paper_import=paper).delete()
                forget_parts(paper, *Holds.values)
            return {"problem": error.why}

    def _look(self, paper: PaperImport, contents: bytes, *, progress: Progress) -> dict[str, Any]:
        rows = rows_of(contents, format_=paper.format)
        columns = understand(next(rows).cells, format_=paper.format)
        sheet = _Sheet(paper)
        handful: list[Row] = []
        said = time.monotonic()
        for row in rows:
            handful.append(row)
            if len(handful) == PER_PART:
                sheet.add([check_row(each, columns=columns) for each in handful])
                handful = []
            if time.monotonic() - said > EVERY:
                progress(sheet.rows)
                said = time.monotonic()
        sheet.add([check_row(each, columns=columns) for each in handful])
        progress(sheet.rows, total=sheet.rows)
        return sheet.end(columns=columns)


@register
class TakePaper(_OfPaper, Stepwise):
    """Each step takes some sealed parts of good rows; a part is taken with the step's own transaction, so once."""

    name = TAKE
    title = _("Import of paper signatures")
    moves = True

    def step(self, job: Job, *, limit: int) -> Step:
        paper = PaperImport.objects.select_for_update(no_key=True).get(pk=job.params["paper"])
        if paper.deleted_at is not None:
            raise JobProblem(GONE)
        first = int(job.cursor or 0)
        rows, parts = rows_of_parts(paper, first=first, most=max(1, limit // PER_PART))
        try:
            done = take_in(rows, paper_import=paper, job_id=job.pk)
        except TakesNone as error:
            raise JobProblem("The petition takes no signatures on paper in its present state.") from error
        finished = not parts
        if finished:
            forget_parts(paper, *Holds.values)
        paper.taken += done
        paper.save(update_fields=["taken"])
        return Step(done=done, skipped=len(rows) - done, cursor=str(first + parts), finished=finished)

    def undo_step(self, job: Job, *, limit: int) -> Step:
        paper = PaperImport.objects.select_for_update(no_key=True).get(pk=job.params["paper"])
        items, back = take_back(job_id=job.pk, limit=limit)
        paper.taken -= back
        paper.save(update_fields=["taken"])
        if items < limit:
            forget_parts(paper, *Holds.values)
        return Step(done=back, skipped=items - back, finished=items < limit)

    def come_to(self, job: Job) -> list[str]:
        return came_to(job)
