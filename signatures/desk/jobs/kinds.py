"""Kinds of work: what each does in a step, and which there are."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any, ClassVar, Protocol, TypeVar

from signatures.models import Job, JobItem

# Where kinds are registered; a module is imported when a kind is first asked for, by the web as by the worker.
MODULES = (
    "signatures.desk.jobs.moving",
    "signatures.desk.export.kind",
    "signatures.desk.rules.kind",
    "signatures.desk.paper.kinds",
)


class JobProblem(Exception):
    """What keeps a job from going on, in words for staff. The job fails at once; *Try again* goes on from there."""


class Stopped(Exception):
    """The job was paused or cancelled, or another worker has it: clean up and let go. The engine expects it."""


class Progress(Protocol):
    """What a kind in one go calls, at least every ten seconds. Raises Stopped."""

    def __call__(self, done: int, *, total: int | None = None, cursor: str | None = None) -> None: ...


@dataclass(frozen=True, slots=True)
class Step:
    """What one step came to. `done` and `skipped` are of this step alone; `cursor` is where the next one begins."""

    done: int = 0
    skipped: int = 0
    cursor: str = ""
    finished: bool = False
    result: dict[str, Any] | None = None  # replaces the job's; no personal data


class Kind:
    """What every kind says of itself. One object for all jobs: it keeps nothing between calls."""

    name: ClassVar[str]
    title: ClassVar[Any]  # lazily translated, as on a button: "Hold for review"
    permission: ClassVar[str]  # who may start and undo one, such as "signatures.change_signature"
    grave: ClassVar[bool] = False  # started and gone on with only after password and code once more
    moves: ClassVar[bool] = False  # moves signatures: one at a time for each petition, and undone from its JobItems

    def audited(self, job: Job) -> tuple[str, str]:
        """The kind and the id of what the audit says was acted on."""
        return "job", str(job.pk)

    def outcome(self, job: Job) -> tuple[str, str] | None:
        """A link that the job's page offers, as (words, address): to the file it made, for example."""
        return None

    def come_to(self, job: Job) -> list[str] | None:
        """What it has come to so far, in sentences; None: those that are right for signatures that were moved."""
        return None

    def remembered(self, job: Job) -> dict[str, Any]:
        """What stays of the job's params once it is settled: nothing that tells of single signatures."""
        return dict(job.params)


class Stepwise(Kind):
    """Work in steps. Each runs in a transaction that also stores how far it got: all of it happens, or none of it.

    A step takes up to `limit` things and should last well under a second; the engine adapts `limit` to that. It may be
    tried again after any failure. Raise JobProblem for what trying again will not mend.
    """

    def step(self, job: Job, *, limit: int) -> Step:
        """Do the next up to `limit` from `job.cursor` on."""
        raise NotImplementedError

    def undo_step(self, job: Job, *, limit: int) -> Step:
        """Put the next up to `limit` of the job's items back and delete those items; `skipped` could not be."""
        raise NotImplementedError

    def settle_step(self, job: Job, *, limit: int) -> Step:
        """After the time for undoing: forget what the job moved. A kind that erases does so here, and counts it."""
        first = JobItem.objects.filter(job=job).order_by("id").values("id")[:limit]
        gone, _each = JobItem.objects.filter(id__in=list(first.values_list("id", flat=True))).delete()
        return Step(finished=gone < limit)


class InOneGo(Kind):
    """Work outside one transaction, such as writing a file. Killed, it starts again: from `job.cursor`, if it kept one.

    It must do no harm when it runs twice, and call `progress` at least every ten seconds: that keeps its lease, and
    raises Stopped when somebody paused or cancelled it.
    """

    def run(self, job: Job, *, progress: Progress) -> dict[str, Any] | None:
        """Do all of it; returns the job's result (no personal data)."""
        raise NotImplementedError


K = TypeVar("K", bound=Kind)
_kinds: dict[str, Kind] = {}


def register(kind: type[K]) -> type[K]:
    """Make a kind known by its name; a class decorator."""
    _kinds[kind.name] = kind()
    return kind


def kinds() -> dict[str, Kind]:
    """All kinds by name."""
    for module in MODULES:
        import_module(module)
    return _kinds


def kind_of(job: Job) -> Kind:
    """Raises JobProblem for a kind that this version does not know."""
    try:
        return kinds()[job.kind]
    except KeyError as error:
        raise JobProblem(f"No kind of job is called {job.kind}.") from error
