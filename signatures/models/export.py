"""A file that staff asked for, in sealed parts, until it expires."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from uuid_utils.compat import uuid7

from .job import Job
from .petition import Petition


class ExportFile(models.Model):
    """What was exported, for whom and why; its parts go when it expires, this row stays as history.

    Holds no personal data: that stands in the parts alone, sealed (`privacy.sealing.seal_part`).
    """

    class Purpose(models.TextChoices):
        HAND_OVER = "hand-over", pgettext_lazy("export", "names for the addressees")
        PUBLIC_NAMES = "public-names", pgettext_lazy("export", "names on the public list")
        UPDATES = "updates", pgettext_lazy("export", "addresses of those who want updates")
        FIGURES = "figures", pgettext_lazy("export", "figures by country and week, no people")

    class Format(models.TextChoices):
        CSV = "csv", "CSV"
        XLSX = "xlsx", "Excel (XLSX)"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    petition = models.ForeignKey(Petition, models.PROTECT, related_name="+", verbose_name=_("petition"))
    job = models.OneToOneField(Job, models.CASCADE, null=True, related_name="export", verbose_name=_("job"))
    purpose = models.CharField(_("purpose"), max_length=20, choices=Purpose)
    format = models.CharField(_("format"), max_length=5, choices=Format)
    language = models.CharField(_("language"), max_length=10)
    reason = models.CharField(_("why"), max_length=200)
    made_for = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("who"))
    created_at = models.DateTimeField(_("asked for"), auto_now_add=True)
    complete_at = models.DateTimeField(_("complete"), null=True, blank=True)
    rows = models.PositiveIntegerField(_("rows"), default=0)
    bytes = models.PositiveBigIntegerField(_("bytes"), default=0)
    expires_at = models.DateTimeField(_("expires"))
    downloads = models.PositiveSmallIntegerField(_("downloads"), default=0)
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True)

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        default_permissions = ()
        permissions = [("export_signature", "Can export signatures")]
        ordering = ["-id"]
        indexes = [models.Index("expires_at", name="export_to_delete", condition=Q(deleted_at__isnull=True))]
        constraints = [
            models.CheckConstraint(
                name="export_purpose_is_known",
                condition=Q(purpose__in=["hand-over", "public-names", "updates", "figures"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.pk}"


class ExportPart(models.Model):
    """About a megabyte of a file, sealed."""

    file = models.ForeignKey(ExportFile, models.CASCADE, related_name="parts", db_index=False)
    number = models.PositiveIntegerField()
    sealed = models.BinaryField()

    class Meta:
        verbose_name = _("part of an export")
        verbose_name_plural = _("parts of an export")
        default_permissions = ()
        constraints = [models.UniqueConstraint(name="one_part_of_each_number", fields=["file", "number"])]

    def __str__(self) -> str:
        return f"{self.file_id}: {self.number}"
