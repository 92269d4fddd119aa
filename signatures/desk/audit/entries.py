"""What staff did: the audit, for looking at."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from signatures.desk.lists.filters import Choice
from signatures.desk.lists.listing import ReadOnly
from signatures.desk.people.scope import reaches_all
from signatures.desk.site import desk
from signatures.models import AuditEntry

ACTIONS = (
    *("open", "close", "hold", "release", "lift", "import", "search", "reveal", "add", "change"),
    *("publish", "unpublish"),
    *("export", "download"),
    *("set retention", "set legal hold", "lift legal hold"),
    *("schedule", "unschedule", "pause", "resume", "reopen", "plan closing", "deliver", "undo delivery"),
    *("raise goal", "make preview link", "revoke preview link"),
    *("send", "stop"),
    *("approve", "refuse", "review again"),
    *("invalidate", "erase", "pause job", "resume job", "try job again", "cancel job", "undo job"),
    *("delete", "hold by rule", "release by rule", "invalidate by rule", "watch", "stop watching"),
    *("check paper", "import paper"),
    *("job done", "job failed", "job undone", "erased for good"),
    *("send test", "send again", "show secret", "replace secret"),
    *("second factor", "recovery code", "reset"),
)


class ActorFilter(Choice):
    title = gettext_lazy("who")
    parameter_name = "actor"
    template = "admin/choose.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        staff = User.objects.filter(is_staff=True).order_by("username")
        return [(str(pk), name) for pk, name in staff.values_list("pk", "username")]

    def narrowed(self, queryset: QuerySet[AuditEntry], value: str) -> QuerySet[AuditEntry]:
        return queryset.filter(actor_id=int(value))


class ActionFilter(Choice):
    title = gettext_lazy("what")
    parameter_name = "action"
    template = "admin/choose.html"
    options = [(each, each) for each in ACTIONS]


@admin.register(AuditEntry, site=desk)
class AuditEntryAdmin(ReadOnly):
    list_display = ("at", "actor", "action", "object_type", "object_id", "count", "reason")
    list_select_related = ("actor",)
    list_filter = (ActionFilter, ActorFilter)
    fields = ("at", "actor", "action", "object_type", "object_id", "count", "reason")

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEntry]:
        """All of it for those who work on every petition; others see what they did themselves."""
        entries = super().get_queryset(request)
        return entries if reaches_all(request.user) else entries.filter(actor_id=request.user.pk)
