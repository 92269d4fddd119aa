"""Who works at the desk, and what they did."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from signatures.models import AuditEntry

from .entrance import asks_who_you_are
from .filters import Choice
from .listing import ReadOnly
from .reasons import ReasonForm, ask_reason
from .recorded import Recorded, record
from .second_factor import forget_devices
from .site import desk


class _RightsAdmin(Recorded):
    """Whoever changes what others may do shows first that it is they."""

    @asks_who_you_are
    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().changeform_view(request, *args, **kwargs)


@admin.register(User, site=desk)
class StaffAdmin(_RightsAdmin, UserAdmin):
    """Nobody is deleted: whoever leaves is made inactive, and what they did stays theirs."""

    actions = ("reset_second_factor",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @asks_who_you_are
    def user_change_password(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().user_change_password(request, *args, **kwargs)

    @admin.action(description=gettext_lazy("Reset the second factor"), permissions=["change"])
    @asks_who_you_are
    def reset_second_factor(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse | None:
        form = ReasonForm(request.POST if "reason" in request.POST else None)
        people = list(queryset)
        if form.is_bound and form.is_valid():
            for person in people:
                forget_devices(person)
                record(
                    request,
                    action="reset",
                    kind="second factor",
                    object_id=str(person.pk),
                    reason=form.cleaned_data["reason"],
                )
            text = ngettext("%d person sets up a new device.", "%d people set up a new device.", len(people))
            messages.success(request, text % len(people))
            return None
        return ask_reason(
            request,
            site=self.admin_site,
            form=form,
            title=_("Reset the second factor"),
            explanation=_("For somebody who lost their device: the next log-in sets up a new one."),
            submit=_("Reset the second factor"),
            back=request.get_full_path(),
            hidden=[
                ("action", "reset_second_factor"),
                *((ACTION_CHECKBOX_NAME, str(person.pk)) for person in people),
            ],
        )


@admin.register(Group, site=desk)
class StaffGroupAdmin(_RightsAdmin, GroupAdmin):
    pass


ACTIONS = (
    *("open", "close", "hold", "release", "lift", "import", "search", "add", "change"),
    *("publish", "unpublish"),
    *("approve", "refuse", "review again"),
    *("send test", "send again", "show secret", "replace secret"),
    *("second factor", "recovery code", "reset"),
)


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
    options = [(each, each) for each in ACTIONS]


@admin.register(AuditEntry, site=desk)
class AuditEntryAdmin(ReadOnly):
    list_display = ("at", "actor", "action", "object_type", "object_id", "count", "reason")
    list_select_related = ("actor",)
    list_filter = (ActionFilter, ActorFilter)
    fields = ("at", "actor", "action", "object_type", "object_id", "count", "reason")
