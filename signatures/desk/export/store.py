"""An export's file in PostgreSQL: in sealed parts, for a day, for the one who asked.

So it never lies about in clear, web and worker need no disk in common, and a backup holds what only the keys open.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from signatures.desk.jobs.start import start_job
from signatures.models import AuditEntry, ExportFile, ExportPart, Job, Petition
from signatures.privacy.sealing import seal_part, unseal_part

KIND = "export"


class NotToBeHad(Exception):
    """The file has expired, was fetched too often, or is not complete yet."""


@transaction.atomic
def start_export(
    *, petition: Petition, purpose: str, format_: str, language: str, reason: str, actor: User
) -> ExportFile:
    """Ask for a file; a worker writes it. Raises ValueError without a reason."""
    file = ExportFile(
        petition=petition,
        purpose=ExportFile.Purpose(purpose),
        format=ExportFile.Format(format_),
        language=language,
        reason=reason.strip()[:200],
        made_for=actor,
        expires_at=timezone.now() + timedelta(hours=settings.EXPORT_HOURS),
    )
    params = {"export": str(file.pk), "purpose": file.purpose, "format": file.format}
    file.job = start_job(kind=KIND, petition=petition, params=params, reason=reason, actor=actor)
    file.save()
    return file


def file_of(job: Job) -> ExportFile:
    return ExportFile.objects.select_related("petition").get(pk=UUID(job.params["export"]))


def put_part(file: ExportFile, *, number: int, part: bytes) -> None:
    ExportPart.objects.create(file=file, number=number, sealed=seal_part(part, file_id=file.pk, number=number))


def complete(file: ExportFile, *, rows: int, size: int) -> None:
    """From now it can be fetched, for EXPORT_HOURS."""
    now = timezone.now()
    ExportFile.objects.filter(pk=file.pk).update(
        rows=rows, bytes=size, complete_at=now, expires_at=now + timedelta(hours=settings.EXPORT_HOURS)
    )


@transaction.atomic
def fetch(*, file_id: UUID, by: User) -> ExportFile:
    """Count and record one download, of a file that is still to be had. Raises NotToBeHad."""
    to_be_had = ExportFile.objects.filter(
        pk=file_id,
        made_for=by,
        complete_at__isnull=False,
        deleted_at=None,
        expires_at__gt=Now(),
        downloads__lt=settings.EXPORT_DOWNLOADS,
    )
    if not to_be_had.update(downloads=F("downloads") + 1):
        raise NotToBeHad
    file = ExportFile.objects.select_related("petition").get(pk=file_id)
    AuditEntry.objects.create(
        actor=by, action="download", object_type="export", object_id=str(file.pk), count=file.rows, reason=file.reason
    )
    return file


def parts_of(file: ExportFile) -> Iterator[bytes]:
    """The file in order, one part in memory at a time. Raises sealing.Unreadable when a key is missing."""
    number = 0
    while True:
        sealed = ExportPart.objects.filter(file=file, number=number).values_list("sealed", flat=True).first()
        if sealed is None:
            return
        yield unseal_part(sealed, file_id=file.pk, number=number)
        number += 1


def forget_exports() -> int:
    """Delete the parts of files that have expired, or whose job will never end; returns how many files."""
    gone = 0
    for file in ExportFile.objects.filter(deleted_at=None, expires_at__lte=Now()):
        with transaction.atomic():
            ExportPart.objects.filter(file=file).delete()
            gone += ExportFile.objects.filter(pk=file.pk, deleted_at=None).update(deleted_at=timezone.now())
    return gone
