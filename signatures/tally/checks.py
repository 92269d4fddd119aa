"""Remembering how a check ended, so that staff see that it ran. The log has it too, but nobody reads a good log."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone

from signatures.models import Check

SHOWN = 20  # findings kept; the log and the command tell all of them


def remember_check(name: Check.Name, *, findings: Sequence[object]) -> None:
    """Store that a check ran to its end just now and what it found: ids and numbers, never personal data."""
    details = "\n".join(str(finding)[:300] for finding in findings[:SHOWN])
    Check.objects.update_or_create(
        name=name, defaults={"ran_at": timezone.now(), "problems": len(findings), "details": details}
    )
