"""What was done to a row: the audit's word, which also knows of reveals, jobs, steps and the clock."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import ModelAdmin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse

from signatures.models import AuditEntry, ExportFile, Petition

SHOWN = 100  # of the latest
# Under which other kinds the audit speaks of a row, by the name of its model.
OTHER_KINDS: dict[str, tuple[str, ...]] = {
    "user": ("second factor",),
    "exportfile": ("export", *(f"export {purpose}" for purpose in ExportFile.Purpose.values)),
}


def entries_about(row: Model) -> list[AuditEntry]:
    """The latest entries that name the row, newest first; by the index `audit_of_an_object`."""
    name = row._meta.model_name or ""
    entries = AuditEntry.objects.filter(
        object_type__in=(name, *OTHER_KINDS.get(name, ())),
        object_id=(row.slug if isinstance(row, Petition) else str(row.pk))[:40],
    )
    return list(entries.select_related("actor").order_by("-id")[:SHOWN])


class WithHistory(ModelAdmin):
    """A row's *History*: of the audit for those who may see it, for others the changes that Django's forms logged."""

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)  # type: ignore[arg-type]
        told = row is not None and request.user.has_perm("signatures.view_auditentry")  # type: ignore[union-attr]
        entries = {"entries": entries_about(row) if told and row is not None else None}
        return super().history_view(request, object_id, entries | (extra_context or {}))
