"""The ledger of counted signatures, and the figures folded from it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from .petition import Petition

NOT_SAID = ""  # the country bucket of signers who preferred not to say: in the total, in no country's number


class TallyEntry(models.Model):
    """One step of the count: +1 when a signature is counted, -1 when it no longer is. Names nobody.

    Append-only but for `folded`. `day` is the UTC day of the confirmation, also on the -1 that takes it back, so that
    no day's figure falls below zero.
    """

    petition = models.ForeignKey(Petition, models.PROTECT, db_index=False, verbose_name=_("petition"))
    country = models.CharField(_("country"), max_length=2, blank=True, default=NOT_SAID)
    day = models.DateField(_("day"))
    delta = models.SmallIntegerField(_("change"))
    paper = models.BooleanField(_("on paper"), default=False, db_default=False)  # counted apart
    folded = models.BooleanField(_("folded"), default=False)
    # Only until it is folded: an exact time beside a country would outlive an erased signature.
    waiting_since = models.DateTimeField(_("waiting since"), null=True, db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("tally entry")
        verbose_name_plural = _("tally entries")
        ordering = ["-id"]
        indexes = [
            models.Index("id", name="tally_entry_unfolded", condition=Q(folded=False)),
            models.Index("petition", "id", name="tally_entry_of_petition"),
        ]
        constraints = [models.CheckConstraint(name="a_step_is_one", condition=Q(delta__in=[-1, 1]))]

    def __str__(self) -> str:
        return f"{self.delta:+d} {self.country} {self.day}"


class Tally(models.Model):
    """A petition's folded total. `version` rises with every fold or publication that changed something.

    `paper` is the folded number on paper, in no other figure here; what the public is told of it is `paper_shown`,
    rounded, as it was last published (see `tally.published`). `countries` is how many are named in the
    published figures: counted live, it would tell when the first signer of a small country came.
    """

    petition = models.OneToOneField(Petition, models.PROTECT, primary_key=True, verbose_name=_("petition"))
    total = models.PositiveIntegerField(_("total"), default=0)
    countries = models.PositiveSmallIntegerField(_("countries and territories"), default=0)
    paper = models.PositiveIntegerField(_("on paper"), default=0, db_default=0)
    paper_shown = models.PositiveIntegerField(_("on paper, as published"), null=True, blank=True)
    paper_shown_of = models.PositiveIntegerField(default=0, db_default=0, editable=False)  # exact; never shown
    paper_shown_at = models.DateTimeField(null=True, blank=True, editable=False)
    version = models.PositiveBigIntegerField(_("version"), default=0)
    as_of = models.DateTimeField(_("as of"))

    class Meta:
        verbose_name = _("tally")
        verbose_name_plural = _("tallies")

    def __str__(self) -> str:
        return f"{self.petition_id}: {self.total}"


class CountryTally(models.Model):
    """The folded figure of one country (or of those who did not say) for one petition."""

    petition = models.ForeignKey(Petition, models.PROTECT, db_index=False, verbose_name=_("petition"))
    country = models.CharField(_("country"), max_length=2, blank=True, default=NOT_SAID)
    total = models.PositiveIntegerField(_("total"), default=0)
    paper = models.PositiveIntegerField(_("on paper"), default=0, db_default=0)  # not in the total

    class Meta:
        verbose_name = _("country's tally")
        verbose_name_plural = _("tallies by country")
        constraints = [models.UniqueConstraint(name="one_tally_per_country", fields=["petition", "country"])]

    def __str__(self) -> str:
        return f"{self.country}: {self.total}"


class DayTally(models.Model):
    """The folded figure of one UTC day for one petition."""

    petition = models.ForeignKey(Petition, models.PROTECT, db_index=False, verbose_name=_("petition"))
    day = models.DateField(_("day"))
    total = models.PositiveIntegerField(_("total"), default=0)

    class Meta:
        verbose_name = _("day's tally")
        verbose_name_plural = _("tallies by day")
        constraints = [models.UniqueConstraint(name="one_tally_per_day", fields=["petition", "day"])]

    def __str__(self) -> str:
        return f"{self.day}: {self.total}"


class PublishedFigures(models.Model):
    """What the public is told by country and by day, as it was last published (see `tally.published`).

    Here and not in Redis, so that every process and every cache says the same, and a flush does not publish anew.
    """

    petition = models.OneToOneField(
        Petition, models.PROTECT, primary_key=True, related_name="published_figures", verbose_name=_("petition")
    )
    version = models.PositiveIntegerField(_("version"), default=1)
    as_of = models.DateTimeField(_("as of"))
    total = models.PositiveIntegerField(_("total"))  # exact, to know how much has changed since; never shown
    countries = models.JSONField(_("by country"), default=dict)  # code → number, null: named without one
    days = models.JSONField(_("by day"), default=dict)  # ISO day → number or null, without a gap

    class Meta:
        verbose_name = _("published figures")
        verbose_name_plural = _("published figures")

    def __str__(self) -> str:
        return f"{self.petition_id}: {self.as_of:%Y-%m-%d %H:%M}"


class SourceTally(models.Model):
    """How many confirmed signatures came with one source tag, as it was when last counted (see `tally.sources`).

    No part of the ledger: nobody sees it rise by one at the moment when somebody confirms.
    """

    petition = models.ForeignKey(Petition, models.CASCADE, db_index=False, verbose_name=_("petition"))
    source = models.CharField(_("source tag"), max_length=40)
    total = models.PositiveIntegerField(_("total"))
    as_of = models.DateTimeField(_("as of"))

    class Meta:
        verbose_name = _("source tag's tally")
        verbose_name_plural = _("tallies by source tag")
        constraints = [models.UniqueConstraint(name="one_tally_per_source", fields=["petition", "source"])]

    def __str__(self) -> str:
        return f"{self.source}: {self.total}"
