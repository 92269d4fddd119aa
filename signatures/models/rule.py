"""What a wave of doubtful signatures has in common, written down by staff, and what to do with those that have it."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from uuid_utils.compat import uuid7

from .job import Job
from .petition import Petition


class Rule(models.Model):
    """Conditions on a petition's signatures, all of which must hold. It does nothing until somebody runs it, or lets it
    watch for new ones.

    The mail domain is kept as its index alone: a small one is a person. `edition` is drawn anew by each change of the
    conditions, so that what was looked at beforehand is what is run. No address is stored with a signature, so a
    `network` (as `signing.review.rules.network_in` writes it) can be asked of newcomers alone. `watches_until` stays
    when the watch is over, and says when it ended.
    """

    class Action(models.TextChoices):
        HOLD = "hold", pgettext_lazy("rule", "hold for review")
        RELEASE = "release", pgettext_lazy("rule", "release from review")
        INVALIDATE = "invalidate", pgettext_lazy("rule", "remove as not genuine")

    class Looks(models.TextChoices):
        ANY = "", pgettext_lazy("name", "anything")
        LINK = "link", pgettext_lazy("name", "contains a link")
        REPEATED = "repeated", pgettext_lazy("name", "the same character repeated")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    petition = models.ForeignKey(Petition, models.PROTECT, related_name="rules", verbose_name=_("petition"))
    name = models.CharField(_("name"), max_length=80)
    action = models.CharField(_("what it does"), max_length=10, choices=Action, default=Action.HOLD)

    domain_index = models.BinaryField(null=True, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)  # "-": those who did not say
    signed_from = models.DateTimeField(_("signed from"), null=True, blank=True)
    signed_before = models.DateTimeField(_("signed before"), null=True, blank=True)
    source = models.CharField(_("source tag"), max_length=40, blank=True)
    name_pattern = models.CharField(_("name of the signer"), max_length=80, blank=True)
    name_looks = models.CharField(_("kind of name"), max_length=10, choices=Looks, blank=True)

    network = models.CharField(_("network"), max_length=43, blank=True, db_default="")

    watches_until = models.DateTimeField(_("watches until"), null=True, blank=True, editable=False)
    edition = models.UUIDField(default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(_("made"), auto_now_add=True)
    last_run_at = models.DateTimeField(_("last run"), null=True, blank=True, editable=False)
    last_job = models.ForeignKey(Job, models.SET_NULL, null=True, blank=True, editable=False, related_name="+")

    class Meta:
        verbose_name = _("rule")
        verbose_name_plural = _("rules")
        constraints = [
            models.CheckConstraint(
                name="rule_does_what_is_known", condition=Q(action__in=("hold", "release", "invalidate"))
            ),
            models.CheckConstraint(name="rule_with_a_network_holds", condition=Q(network="") | Q(action="hold")),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def reads_names(self) -> bool:
        """Whether rows have to be unsealed to know whether they match."""
        return bool(self.name_pattern or self.name_looks)

    @property
    def watches(self) -> bool:
        """Whether it holds new signatures at this moment."""
        return (
            self.action == self.Action.HOLD and self.watches_until is not None and self.watches_until > timezone.now()
        )
