"""What the public record needs beside the figures: which names may be shown, and what staff took off the count."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .petition import Petition
from .signature import Signature


class NameReview(models.Model):
    """What staff decided on one name that its owner wants shown: on this very sealed name, and on no later one.

    `name_digest` is the SHA-256 of `Signature.name_sealed`, which is random: it tells nothing of the name. A name that
    changes, or whose signature is withdrawn, held or erased, is off the list at once: the list asks the signature.
    Shown names stand in the order of `place`, drawn by chance, and join the list in batches (`signing.review.names`).
    """

    class Verdict(models.TextChoices):
        SHOWN = "shown", pgettext_lazy("name", "shown")
        REFUSED = "refused", pgettext_lazy("name", "refused")

    class Reason(models.TextChoices):
        NOT_A_NAME = "not a name", _("not a name")
        INSULT = "insult", _("insult or hate")
        IMPERSONATION = "impersonation", _("somebody else's name")
        ADVERT = "advert", _("advertising or a message")
        OTHER = "other", pgettext_lazy("reason", "other")

    # The database deletes it with the signature (migration 0007), also when that is deleted in bulk for its age.
    signature = models.OneToOneField(
        Signature,
        models.CASCADE,
        primary_key=True,
        db_constraint=False,
        related_name="name_review",
        verbose_name=_("signature"),
    )
    petition = models.ForeignKey(Petition, models.PROTECT, db_index=False, verbose_name=_("petition"))
    name_digest = models.BinaryField()
    verdict = models.CharField(_("verdict"), max_length=10, choices=Verdict)
    reason = models.CharField(_("reason"), max_length=20, choices=Reason, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, db_index=False, verbose_name=_("who")
    )
    reviewed_at = models.DateTimeField(_("when"))
    place = models.UUIDField()
    public = models.BooleanField(_("on the list"), default=False)

    class Meta:
        verbose_name = _("reviewed name")
        verbose_name_plural = _("reviewed names")
        ordering = ["-reviewed_at"]
        indexes = [
            models.Index("petition", "place", name="name_in_its_place", condition=Q(verdict="shown", public=True)),
            models.Index("petition", name="name_for_the_next_batch", condition=Q(verdict="shown", public=False)),
        ]
        constraints = [
            models.CheckConstraint(name="verdict_is_known", condition=Q(verdict__in=["shown", "refused"])),
            models.CheckConstraint(name="a_refusal_says_why", condition=~Q(verdict="refused") | ~Q(reason="")),
            models.CheckConstraint(name="a_refused_name_is_not_public", condition=Q(verdict="shown") | Q(public=False)),
        ]

    def __str__(self) -> str:
        return f"{self.signature_id}: {self.verdict}"


class WaitingName(Signature):
    """A counted signature whose owner wants the name shown, and whose name nobody has looked at yet."""

    class Meta:
        proxy = True
        verbose_name = _("name to review")
        verbose_name_plural = _("names to review")


class Correction(models.Model):
    """Counted signatures that staff took off the count, or put back, in one step. Names nobody and no country.

    Written in the transaction that moves them; the public record adds them up by day.
    """

    class Kind(models.TextChoices):
        HELD = "held", pgettext_lazy("correction", "taken off for review")
        RELEASED = "released", pgettext_lazy("correction", "put back after review")
        REMOVED = "removed", pgettext_lazy("correction", "removed for good")

    petition = models.ForeignKey(Petition, models.PROTECT, db_index=False, verbose_name=_("petition"))
    day = models.DateField(_("day"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    delta = models.IntegerField(_("change"))

    class Meta:
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        ordering = ["-id"]
        indexes = [models.Index("petition", "day", name="correction_by_day")]
        constraints = [
            models.CheckConstraint(
                name="a_correction_goes_its_way",
                condition=Q(kind="released", delta__gt=0) | Q(kind__in=["held", "removed"], delta__lt=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.kind} {self.delta:+d}"
