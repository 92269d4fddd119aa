"""Start a job."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from signatures.models import AuditEntry, Job, Petition

from .kinds import Kind, kinds


def start_job(
    *,
    kind: str,
    petition: Petition,
    params: dict[str, Any],
    reason: str,
    actor: User | None,
    total: int | None = None,
) -> Job:
    """Store a job for a worker to do, and its audit entry; joins the caller's transaction.

    `params` is JSON without personal data, as the kind wants it; `total` an estimate of how many it will take, if there
    is one. The caller has checked that `actor` may (the kind's `permission`). Raises ValueError without a reason or for
    a kind that there is not.
    """
    if not reason.strip():
        raise ValueError("Say why.")
    if kind not in kinds():
        raise ValueError(f"No kind of job is called {kind}.")
    with transaction.atomic():
        job = Job.objects.create(
            kind=kind,
            petition=petition,
            params=params,
            reason=reason.strip()[:200],
            moves=kinds()[kind].moves,
            total=total,
            created_by=actor,
        )
        note(job, kind=kinds()[kind], action=kind, actor=actor, count=total or 0, reason=job.reason)
    return job


def note(job: Job, *, kind: Kind, action: str, actor: User | None, count: int, reason: str) -> None:
    """An audit entry about a job. Last in its transaction: the audit's lock is held until the commit."""
    object_type, object_id = kind.audited(job)
    AuditEntry.objects.create(
        actor=actor,
        action=action,
        object_type=object_type,
        object_id=object_id[:40],
        count=count,
        reason=reason[:200],
    )
