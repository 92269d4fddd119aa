"""What retention deleted, in numbers."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .petition import Petition


class RetentionRun(models.Model):
    """How much of one kind went on one day. Written in the transaction that deletes; names nobody."""

    class Kind(models.TextChoices):
        UNCONFIRMED = "unconfirmed", pgettext_lazy("retention", "unconfirmed signatures")
        NAMES = "names", pgettext_lazy("retention", "names")
        EMAILS = "emails", pgettext_lazy("retention", "e-mail addresses")

    petition = models.ForeignKey(
        Petition, models.PROTECT, db_index=False, related_name="retention_runs", verbose_name=_("petition")
    )
    day = models.DateField(_("day"))
    kind = models.CharField(_("what"), max_length=12, choices=Kind)
    count = models.PositiveIntegerField(_("how many"))

    class Meta:
        verbose_name = _("deletion by retention")
        verbose_name_plural = _("deletions by retention")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(name="one_retention_run_a_day", fields=["petition", "day", "kind"]),
            models.CheckConstraint(
                name="retention_kind_is_known", condition=Q(kind__in=["unconfirmed", "names", "emails"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.kind} {self.count}"
