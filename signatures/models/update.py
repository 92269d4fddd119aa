"""What a campaign tells its signers and readers after the letter."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from .petition import Petition


class CampaignUpdate(models.Model):
    """One piece of news, in one or more languages. Public from `published_at` on; without it, a draft."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    petition = models.ForeignKey(
        Petition, models.PROTECT, related_name="updates", db_index=False, verbose_name=_("petition")
    )
    original_language = models.CharField(_("original language"), max_length=10, default="en")
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    published_at = models.DateTimeField(_("published"), null=True, blank=True)

    class Meta:
        verbose_name = _("update")
        verbose_name_plural = _("updates")
        ordering = ["-created_at"]
        permissions = [
            ("publish_campaignupdate", "Can publish update"),
            ("send_campaignupdate", "Can send update to supporters"),
        ]
        indexes = [
            models.Index(
                fields=["petition", "-published_at"],
                name="update_published",
                condition=Q(published_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.petition_id}: {self.created_at:%Y-%m-%d}"


class UpdateText(models.Model):
    """An update's words in one language: a title, and Markdown as letters have it."""

    update = models.ForeignKey(CampaignUpdate, models.CASCADE, related_name="texts", verbose_name=_("update"))
    language = models.CharField(_("language"), max_length=10)
    title = models.CharField(_("title"), max_length=200)
    body = models.TextField(_("text"), max_length=20_000, help_text=_("Markdown"))

    class Meta:
        verbose_name = _("text of an update")
        verbose_name_plural = _("texts of an update")
        ordering = ["language"]
        constraints = [
            models.UniqueConstraint(name="one_update_text_per_language", fields=["update", "language"]),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.language})"
