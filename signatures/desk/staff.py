"""Who works at the desk, and what they did."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from signatures.models import AuditEntry

from .filters import Choice
from .listing import ReadOnly
from .recorded import Recorded
from .site import desk


@admin.register(User, site=desk)
class StaffAdmin(Recorded, UserAdmin):
    pass


@admin.register(Group, site=desk)
class StaffGroupAdmin(Recorded, GroupAdmin):
    pass


class ActorFilter(Choice):
    title = gettext_lazy("who")
    parameter_name = "actor"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        staff = User.objects.filter(is_staff=True).order_by("username")
        return [(str(pk), name) for pk, name in staff.values_list("pk", "username")]

    def narrowed(self, queryset: QuerySet[AuditEntry], value: str) -> QuerySet[AuditEntry]:
        return queryset.filter(actor_id=int(value))


class ActionFilter(Choice):
    title = gettext_lazy("what")
    parameter_name = "action"
    options = [
        (each, each)
        for each in (
            *("open", "close", "hold", "release", "lift", "import", "search", "add", "change"),
            *("send test", "send again", "show secret", "replace secret"),
        )
    ]


@admin.register(AuditEntry, site=desk)
class AuditEntryAdmin(ReadOnly):
    list_display = ("at", "actor", "action", "object_type", "object_id", "count", "reason")
    list_select_related = ("actor",)
    list_filter = (ActionFilter, ActorFilter)
    fields = ("at", "actor", "action", "object_type", "object_id", "count", "reason")
