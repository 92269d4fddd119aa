"""The outbox, for looking at. The mail that answers a signing form is found with its signature."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from signatures.models import OutgoingMail

from .lists.filters import Choice, PetitionFilter
from .lists.listing import ReadOnly
from .people.scope import Scoped, petitions_for, reaches_all
from .site import desk


class FateFilter(Choice):
    title = gettext_lazy("state")
    parameter_name = "fate"
    options = [
        ("waiting", gettext_lazy("waiting to be sent")),
        ("failed", gettext_lazy("failed, will be tried again")),
        ("bounced", gettext_lazy("bounced")),
        ("sent", gettext_lazy("sent")),
    ]

    def narrowed(self, queryset: QuerySet[OutgoingMail], value: str) -> QuerySet[OutgoingMail]:
        if value == "waiting":
            return queryset.filter(due_at__isnull=False)
        if value == "failed":
            return queryset.filter(due_at__isnull=False).exclude(error="")
        if value == "bounced":
            return queryset.filter(bounced_at__isnull=False)
        return queryset.filter(sent_at__isnull=False)


class KindFilter(Choice):
    title = gettext_lazy("kind")
    parameter_name = "kind"
    options = list(OutgoingMail.Kind.choices)


class MailPetitionFilter(PetitionFilter):
    petition_path = "signature__petition_id"


@admin.register(OutgoingMail, site=desk)
class OutgoingMailAdmin(Scoped, ReadOnly):
    petition_path = "signature__petition"
    list_display = ("created_at", "kind", "fate", "attempts", "due_at", "sent_at", "error", "signature_id")
    list_filter = (FateFilter, KindFilter, MailPetitionFilter)
    fields = ("signature", "kind", "fate", "created_at", "due_at", "attempts", "sent_at", "error", "bounced_at")
    readonly_fields = ("fate",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutgoingMail]:
        """By the ids of petitions and no subquery: so PostgreSQL knows how many mails they have, and begins with their
        signatures when those are few, instead of reading all mails for them.
        """
        if reaches_all(request.user):
            return super().get_queryset(request)
        reached = list(petitions_for(request.user).values_list("pk", flat=True))
        return ModelAdmin.get_queryset(self, request).filter(signature__petition_id__in=reached)

    @admin.display(description=gettext_lazy("state"))
    def fate(self, mail: OutgoingMail) -> str:
        if mail.bounced_at:
            return _("bounced")
        if mail.due_at:
            return _("failed, will be tried again") if mail.error else _("waiting to be sent")
        return _("sent") if mail.sent_at else "-"
