"""Which petitions staff work on, and what they did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .petition import Petition

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class Reach(models.Model):
    """Which petitions a person at the desk works on: those named here, or every one. Without a row, none."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="reach", verbose_name=_("who")
    )
    every_petition = models.BooleanField(_("every petition"), default=False, help_text=_("Also those still to come."))
    petitions = models.ManyToManyField(Petition, blank=True, related_name="+", verbose_name=_("petitions"))

    class Meta:
        verbose_name = _("petitions of a person")
        verbose_name_plural = _("petitions of a person")

    def __str__(self) -> str:
        return str(self.user_id)


class AuditEntry(models.Model):
    """One staff action: who, what, when, why. Holds ids and numbers, never personal data.

    The database numbers and chains the entries and refuses every change of one (see `desk.audit.chain`). So a staff
    account with entries is never deleted, only deactivated.
    """

    at = models.DateTimeField(_("when"), auto_now_add=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, verbose_name=_("who"))
    action = models.CharField(_("what"), max_length=40)
    object_type = models.CharField(_("kind of object"), max_length=40)
    object_id = models.CharField(_("object"), max_length=40, blank=True)
    count = models.PositiveIntegerField(_("how many"), default=1)
    reason = models.CharField(_("why"), max_length=200, blank=True)
    hash = models.BinaryField(null=True, editable=False)  # SHA-256, by the database

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["object_type", "object_id", "-id"], name="audit_of_an_object"),
            models.Index("action", "id", name="audit_by_action"),
            models.Index("actor", "id", name="audit_by_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.object_type} {self.object_id}"

    @classmethod
    def of_petition(cls, petition: Petition, *, action: str, reason: str, actor: User | None = None) -> AuditEntry:
        """Write down what was done to a petition, in the caller's transaction; without an actor, by the clock."""
        return cls.objects.create(
            actor=actor,
            action=action,
            object_type="petition",
            object_id=petition.slug[:40],
            reason=reason.strip()[:200],
        )
