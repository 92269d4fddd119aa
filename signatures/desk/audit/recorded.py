"""Every change made at the desk leaves an audit entry."""

from __future__ import annotations

from typing import Any, cast

from django.contrib.auth.models import User
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from signatures.models import AuditEntry, Petition

from .history import WithHistory


def who(request: HttpRequest) -> User:
    """The person at the desk; nobody else gets past its door."""
    return cast(User, request.user)


def record(
    request: HttpRequest,
    *,
    action: str,
    on: Model | None = None,
    kind: str = "",
    object_id: str = "",
    count: int = 1,
    reason: str = "",
) -> None:
    """Write down what the person behind the request did to `on`, or to `kind` and `object_id`; no personal data."""
    AuditEntry.objects.create(
        actor_id=request.user.pk,
        action=action,
        object_type=kind or (on._meta.model_name if on else "") or "",
        object_id=str(_name(on) if on else object_id)[:40],
        count=count,
        reason=reason[:200],
    )


def _name(on: Model) -> Any:
    """A petition by its address, as `letters.lifecycle` records it; anything else by its id."""
    return on.slug if isinstance(on, Petition) else on.pk


def changed_fields(message: Any) -> str:
    """Django's change message as a list of what changed: `goal, letter (body)`. Names of fields, never values."""
    parts: list[str] = []
    for step in message if isinstance(message, list) else []:
        for verb, detail in step.items():
            fields = ", ".join(detail.get("fields", ()))
            if name := detail.get("name"):
                parts.append(f"{name} {verb}" + (f" ({fields})" if fields else ""))
            elif fields:
                parts.append(fields)
    return "; ".join(parts)


class Recorded(WithHistory):
    """A page whose additions, changes and deletions are audited in the transaction that makes them."""

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        record(request, action="add", on=obj)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        record(request, action="change", on=obj, reason=changed_fields(message))
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        for obj in queryset:
            record(request, action="delete", on=obj)
        return super().log_deletions(request, queryset)
