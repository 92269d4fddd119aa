"""Who works at the desk: their logins, their roles, and the petitions they reach."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, Permission, User
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from signatures.desk.audit.recorded import Recorded, record
from signatures.desk.entrance.pages import asks_who_you_are
from signatures.desk.entrance.second_factor import forget_devices
from signatures.desk.reasons import ReasonForm, ask_reason
from signatures.desk.site import desk
from signatures.models import Reach

from .roles import ROLES, role_label
from .scope import reaches_all


class _RightsAdmin(Recorded):
    """Whoever changes what others may do shows first that it is they, and reaches every petition themselves.

    Otherwise somebody with one petition could give themselves the others.
    """

    def has_module_permission(self, request: HttpRequest) -> bool:
        return reaches_all(request.user) and super().has_module_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return reaches_all(request.user) and super().has_view_permission(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return reaches_all(request.user) and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return reaches_all(request.user) and super().has_change_permission(request, obj)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Called what it lists, as every list of the desk is."""
        title = {"title": capfirst(self.opts.verbose_name_plural)}
        return super().changelist_view(request, title | (extra_context or {}))

    @asks_who_you_are
    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().changeform_view(request, *args, **kwargs)


class _Boxes(forms.ModelMultipleChoiceField):
    """Roles, groups or permissions as boxes to tick, by the name that staff read."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj: Model) -> str:
        return role_label(obj) if isinstance(obj, Group) else str(getattr(obj, "name", obj))


class ReachInline(admin.StackedInline):
    model = Reach
    can_delete = False
    max_num = min_num = 1
    fields = ("every_petition", "petitions")
    verbose_name = verbose_name_plural = gettext_lazy("Petitions")

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return super().formfield_for_manytomany(
            db_field, request, **kwargs | {"widget": forms.CheckboxSelectMultiple, "help_text": ""}
        )

    # Whoever may change a person may change where that person works; there is no other page for it.
    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("auth.change_user"))  # type: ignore[union-attr]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_add_permission(request, obj)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("auth.view_user")) or self.has_add_permission(request, obj)  # type: ignore[union-attr]


@admin.register(User, site=desk)
class StaffAdmin(_RightsAdmin, UserAdmin):
    """Nobody is deleted: whoever leaves is made inactive, and what they did stays theirs.

    What a person may do follows from their roles. Superusers, whom no role limits, are made on the command line alone.
    """

    list_display = ("username", "first_name", "last_name", "roles", "where", "is_active", "last_login")
    list_filter = ("groups", "is_active")
    filter_horizontal = ()
    inlines = (ReachInline,)
    actions = ("reset_second_factor",)
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (gettext_lazy("Person"), {"fields": ("first_name", "last_name", "email")}),
        (gettext_lazy("Rights"), {"fields": ("is_active", "is_staff", "groups")}),
        (gettext_lazy("Life"), {"fields": ("last_login", "date_joined")}),
    )
    readonly_fields = ("last_login", "date_joined")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).select_related("reach").prefetch_related("groups", "reach__petitions")

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return self.inlines if obj else ()

    @admin.display(description=gettext_lazy("roles"))
    def roles(self, person: User) -> str:
        if person.is_superuser:
            return _("superuser")
        return ", ".join(role_label(group) for group in person.groups.all()) or "-"

    @admin.display(description=gettext_lazy("petitions"))
    def where(self, person: User) -> str:
        reach = getattr(person, "reach", None)
        if person.is_superuser or (reach and reach.every_petition):
            return _("every petition")
        return ", ".join(petition.slug for petition in reach.petitions.all()) if reach else "-"

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "groups":
            return _Boxes(Group.objects.order_by("name"), required=False, label=gettext_lazy("Roles"))
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A superuser is changed by superusers alone: their password would be the way around every role."""
        above = getattr(obj, "is_superuser", False) and not getattr(request.user, "is_superuser", False)
        return not above and super().has_change_permission(request, obj)

    @asks_who_you_are
    def user_change_password(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().user_change_password(request, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Whoever is added here works here."""
        if not change:
            obj.is_staff = True
        super().save_model(request, obj, form, change)

    @admin.action(description=gettext_lazy("Reset the second factor"), permissions=["change"])
    @asks_who_you_are
    def reset_second_factor(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse | None:
        form = ReasonForm(request.POST if "reason" in request.POST else None)
        people = [person for person in queryset if self.has_change_permission(request, person)]
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
    """The five roles are looked at; groups of somebody's own are made and changed."""

    filter_horizontal = ()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return (obj is None or obj.name not in ROLES) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest | None = None, **kwargs: Any) -> Any:
        """What roles are made of, and nothing that the desk never asks for: as boxes, which work in a hand too."""
        if db_field.name != "permissions":
            return super().formfield_for_manytomany(db_field, request, **kwargs)
        offered = frozenset[str]().union(*ROLES.values())
        of_ours = {"codename__in": offered, "content_type__app_label__in": ("signatures", "auth")}
        rows = Permission.objects.filter(**of_ours).order_by(
            "content_type__app_label", "content_type__model", "codename"
        )
        return _Boxes(rows, required=False, label=gettext_lazy("Permissions"))
