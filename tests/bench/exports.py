"""How long an export of the whole campaign takes, and how much memory: in a process of its own, as a worker's is."""

from __future__ import annotations

import subprocess
import sys

from tests.deploy.shipped import ROOT

from .report import Report
from .stage import Stage

SECONDS, MEGABYTES = 60, 200  # for 323,832 rows

_CHILD = """
import resource, sys, time
import django
django.setup()
from django.contrib.auth.models import User
from signatures.desk.export.kind import Export
from signatures.desk.export.store import start_export
from signatures.models import ExportFile, Job, Petition
slug, format_ = sys.argv[1:]
somebody, _made = User.objects.get_or_create(username="bench")
file = start_export(
    petition=Petition.objects.get(slug=slug), purpose="hand-over", format_=format_, language="en", reason="to measure",
    actor=somebody,
)
Job.objects.filter(pk=file.job_id).update(state="paused")  # ours: no worker takes it
began = time.monotonic()
Export().run(file.job, progress=lambda done, **more: None)
took = time.monotonic() - began
file.refresh_from_db()
print(took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, file.rows)
ExportFile.objects.filter(pk=file.pk).delete()
"""


def exports(stage: Stage, report: Report, *, slug: str) -> None:
    """Every signature of a petition whose owners all agreed to the hand-over, as CSV and as XLSX."""
    from signatures.models import Signature

    Signature.objects.filter(petition__slug=slug, state="confirmed").update(hand_over=True)
    for format_ in ("csv", "xlsx"):
        said = subprocess.run(
            [sys.executable, "-c", _CHILD, slug, format_],
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
            timeout=600,
        )
        took, memory, rows = (float(part) for part in said.stdout.split())
        name = f"export of {rows:,.0f} rows as {format_.upper()}"
        report.add(name, took, "s", target=f"under {SECONDS} s", meets=lambda value, _ratio: value < SECONDS)
        report.add(
            f"{name}, peak memory",
            memory,
            "MB",
            target=f"under {MEGABYTES} MB",
            meets=lambda value, _ratio: value < MEGABYTES,
        )
