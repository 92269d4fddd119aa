"""A file of paper signatures in PostgreSQL: in sealed parts, until it is imported or PAPER_HOURS are over."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from signatures.desk.jobs.start import start_job
from signatures.models import Job, PaperImport, PaperPart, PaperProblem, Petition
from signatures.privacy.sealing import seal_part, unseal_part
from signatures.signing.paper import TAKES, PaperRow

CHECK, TAKE = "check paper", "import paper"  # the two kinds of job
Holds = PaperPart.Holds
PART = 1024 * 1024  # bytes of the file in one part
ROWS_FROM = 1_000_000  # added to the number of a part of rows, so that it is never taken for one of the file
DRY_RUN = "a dry run: nothing is counted"  # of the audit, in English for all


class NotNow(Exception):
    """The petition takes none in, or the file is gone, not checked, or imported already."""


# ------------------------------------------------------------------------------------------------------- its parts
def put_part(paper: PaperImport, *, holds: str, number: int, contents: bytes) -> None:
    sealed = seal_part(contents, file_id=paper.pk, number=_bound(holds, number))
    PaperPart.objects.create(paper_import=paper, holds=holds, number=number, sealed=sealed)


def _parts(paper: PaperImport, *, holds: str, first: int = 0, most: int | None = None) -> Iterator[bytes]:
    rows = PaperPart.objects.filter(paper_import=paper, holds=holds, number__gte=first).order_by("number")
    for number, sealed in rows.values_list("number", "sealed")[:most]:
        yield unseal_part(sealed, file_id=paper.pk, number=_bound(holds, number))


def _bound(holds: str, number: int) -> int:
    return number + (ROWS_FROM if holds == Holds.ROWS else 0)


def contents_of(paper: PaperImport) -> bytes:
    """The file as it was sent; empty once it was looked at. Raises sealing.Unreadable when a key is missing."""
    return b"".join(_parts(paper, holds=Holds.FILE))


def put_rows(paper: PaperImport, *, number: int, rows: Sequence[PaperRow]) -> None:
    said = [
        [row.name, row.country, row.email, row.signed_on.isoformat() if row.signed_on else None, row.reference]
        for row in rows
    ]
    put_part(paper, holds=Holds.ROWS, number=number, contents=json.dumps(said, ensure_ascii=False).encode())


def rows_of_parts(paper: PaperImport, *, first: int, most: int) -> tuple[list[PaperRow], int]:
    """The good rows of up to `most` parts, and how many parts there were."""
    rows, parts = [], 0
    for contents in _parts(paper, holds=Holds.ROWS, first=first, most=most):
        parts += 1
        for name, country, email, day, reference in json.loads(contents):
            signed_on = date.fromisoformat(day) if day else None
            rows.append(PaperRow(name=name, country=country, email=email, signed_on=signed_on, reference=reference))
    return rows, parts


# -------------------------------------------------------------------------------------------------- what staff ask
def _until() -> datetime:
    return timezone.now() + timedelta(hours=settings.PAPER_HOURS)


@transaction.atomic
def start_check(
    *, petition: Petition, contents: bytes, format_: str, file_name: str, hand_over: bool, actor: User
) -> PaperImport:
    """Store a file, sealed, for a dry run that a worker makes. Raises NotNow."""
    if petition.state not in TAKES:
        raise NotNow
    paper = PaperImport.objects.create(
        petition=petition,
        made_by=actor,
        file_name="".join(each for each in file_name if each.isprintable())[:100] or "-",
        format=format_,
        hand_over=hand_over,
        expires_at=_until(),
    )
    for number, begin in enumerate(range(0, len(contents), PART)):
        put_part(paper, holds=Holds.FILE, number=number, contents=contents[begin : begin + PART])
    params = {"paper": str(paper.pk)}
    paper.check_job = start_job(kind=CHECK, petition=petition, params=params, reason=DRY_RUN, actor=actor)
    paper.save()
    return paper


@transaction.atomic
def start_taking(*, paper_id: UUID, reason: str, actor: User) -> Job:
    """Import the good rows, once, by who sent the file. Raises NotNow, ValueError without a reason."""
    paper = (
        PaperImport.objects.select_for_update(no_key=True, of=("self",))
        .select_related("petition", "check_job")
        .get(pk=paper_id)
    )
    if not can_be_taken(paper) or paper.made_by_id != actor.pk or paper.petition.state not in TAKES:
        raise NotNow
    paper.reason, paper.expires_at = reason.strip()[:200], _until()
    paper.take_job = start_job(
        kind=TAKE,
        petition=paper.petition,
        params={"paper": str(paper.pk)},
        reason=reason,
        actor=actor,
        total=paper.good,
    )
    paper.save()
    return paper.take_job


def can_be_taken(paper: PaperImport) -> bool:
    """Whether its good rows wait to be imported."""
    checked = paper.check_job is not None and paper.check_job.state == Job.State.DONE
    here = paper.deleted_at is None and paper.expires_at > timezone.now()
    return checked and here and paper.take_job_id is None and paper.good > 0


# -------------------------------------------------------------------------------------------------------- its end
def paper_of(job: Job) -> PaperImport:
    return PaperImport.objects.select_related("petition").get(pk=UUID(job.params["paper"]))


def forget_parts(paper: PaperImport, *holds: str) -> None:
    PaperPart.objects.filter(paper_import=paper, holds__in=holds).delete()


def forget_paper() -> int:
    """Delete what is left of files whose time is over: only numbers remain. Returns how many files."""
    gone = 0
    for paper in PaperImport.objects.filter(deleted_at=None, expires_at__lte=Now()):
        with transaction.atomic():
            forget_parts(paper, *Holds.values)
            PaperProblem.objects.filter(paper_import=paper).delete()
            rows = PaperImport.objects.filter(pk=paper.pk, deleted_at=None, expires_at__lte=Now())
            gone += rows.update(deleted_at=timezone.now(), columns={})
    return gone
