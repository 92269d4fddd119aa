"""What the desk's home remembers: figures counted now and then, and how the nightly checks ended."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from .petition import Petition


class DeskFigures(models.Model):
    """What staff are told about one petition, as it was when last counted (see `desk.home.counting`).

    Here and not in Redis, so that a flush costs no figure. `received` remembers the signatures that arrived on each UTC
    day also when those that nobody confirmed have been forgotten; all the rest of it can be counted anew at any time.
    """

    petition = models.OneToOneField(
        Petition, models.CASCADE, primary_key=True, related_name="desk_figures", verbose_name=_("petition")
    )
    as_of = models.DateTimeField(_("as of"))
    took = models.PositiveIntegerField(_("milliseconds it took to count"), default=0)
    figures = models.JSONField(_("figures"), default=dict)
    received = models.JSONField(_("received by day"), default=dict)  # ISO day → number, days without any left out

    class Meta:
        verbose_name = _("desk's figures")
        verbose_name_plural = _("desk's figures")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.petition_id}: {self.as_of:%Y-%m-%d %H:%M}"


class Check(models.Model):
    """How one of the checks that the house makes of itself ended, the last time that it ran to its end.

    `details` says what it found, one finding a line, in ids and numbers alone.
    """

    class Name(models.TextChoices):
        RECOUNT = "recount", _("Recount of the signatures")
        AUDIT = "audit", _("Chain of the audit")

    name = models.CharField(_("check"), max_length=20, choices=Name, primary_key=True)
    ran_at = models.DateTimeField(_("last run"))
    problems = models.PositiveIntegerField(_("problems"), default=0)
    details = models.TextField(_("what it found"), blank=True)

    class Meta:
        verbose_name = _("check")
        verbose_name_plural = _("checks")
        default_permissions = ("view",)
        ordering = ["-name"]

    def __str__(self) -> str:
        return self.get_name_display()
