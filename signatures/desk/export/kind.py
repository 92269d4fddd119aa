"""The job that writes an export."""

from __future__ import annotations

import time
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy, override

from signatures.desk.jobs.kinds import InOneGo, JobProblem, Progress, register
from signatures.models import ExportPart, Job

from .purposes import CONTENTS
from .store import KIND, complete, file_of, put_part
from .writers import WRITERS

EVERY = 2.0  # seconds between two words of how far it is


@register
class Export(InOneGo):
    """Killed or paused, it begins again with an empty file: half of one is nobody's list."""

    name = KIND
    title = gettext_lazy("Export")
    permission = "signatures.export_signature"

    def audited(self, job: Job) -> tuple[str, str]:
        return f"export {job.params.get('purpose', '')}"[:40], str(job.params.get("export", ""))

    def outcome(self, job: Job) -> tuple[str, str] | None:
        if job.state != Job.State.DONE:
            return None
        return str(gettext_lazy("To the file")), reverse(
            "admin:signatures_exportfile_change", args=[job.params["export"]]
        )

    def run(self, job: Job, *, progress: Progress) -> dict[str, Any]:
        file = file_of(job)
        if file.deleted_at is not None:
            raise JobProblem("The file has expired. Ask for a new one.")
        ExportPart.objects.filter(file=file).delete()
        contents = CONTENTS[file.purpose]
        rows = size = number = 0
        said = time.monotonic()
        with override(file.language), WRITERS[file.format]() as writer:
            writer.add([str(column) for column in contents.columns])
            for row in contents.rows(file.petition, file.language):
                writer.add(row)
                rows += 1
                for part in writer.ready():
                    put_part(file, number=number, part=part)
                    size, number = size + len(part), number + 1
                if rows % 500 == 0 and time.monotonic() - said > EVERY:
                    progress(rows)
                    said = time.monotonic()
            progress(rows)
            for part in writer.rest():
                put_part(file, number=number, part=part)
                size, number = size + len(part), number + 1
                progress(rows)
        complete(file, rows=rows, size=size)
        return {"rows": rows, "bytes": size}
