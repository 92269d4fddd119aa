"""A petition, its open letter in each language, and the consent text that its signers see."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Petition(models.Model):
    """One campaign: an open letter, its lifecycle and its rules."""

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("petition", "draft")
        SCHEDULED = "scheduled", pgettext_lazy("petition", "scheduled")
        OPEN = "open", pgettext_lazy("petition", "open")
        PAUSED = "paused", pgettext_lazy("petition", "paused")
        CLOSED = "closed", pgettext_lazy("petition", "closed")
        DELIVERED = "delivered", pgettext_lazy("petition", "delivered")

    class Raising(models.TextChoices):
        NEVER = "never", pgettext_lazy("goal", "stays as it is")
        STEPS = "steps", pgettext_lazy("goal", "rises through the steps below")
        AUTOMATIC = "automatic", pgettext_lazy("goal", "rises by itself: 1,000, 2,500, 5,000, 10,000 and so on")

    PRIVATE = (State.DRAFT, State.SCHEDULED)  # to the public, no petition at all
    ENDED = (State.CLOSED, State.DELIVERED)  # nobody can sign any more, unless it is opened again
    COUNTING = (State.OPEN, State.PAUSED, State.CLOSED)  # who signed in time can still confirm

    slug = models.SlugField(_("address"), max_length=80, unique=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    original_language = models.CharField(_("original language"), max_length=10, default="en")

    # The letterhead: the same in every language.
    reference = models.CharField(_("reference"), max_length=80, blank=True)
    dated = models.DateField(_("date of the letter"), null=True, blank=True)
    organisation = models.CharField(_("organisation"), max_length=200, blank=True)

    goal = models.PositiveIntegerField(_("goal"), default=1000, validators=[MinValueValidator(1)])
    goal_raising = models.CharField(
        _("the goal"), max_length=10, choices=Raising, default=Raising.NEVER, db_default=Raising.NEVER
    )
    goal_steps = models.CharField(
        _("steps of the goal"),
        max_length=200,
        blank=True,
        default="",
        db_default="",
        help_text=_("Such as 1000, 5000, 10000. The goal shown goes to the next one before it is reached."),
    )
    goal_raise_percent = models.PositiveSmallIntegerField(
        _("raise the goal at (per cent)"),
        default=90,
        db_default=90,
        validators=[MinValueValidator(50), MaxValueValidator(99)],
        help_text=_("The goal rises when so much of it has signed. It never falls by itself."),
    )
    country_threshold = models.PositiveIntegerField(
        _("smallest number shown for a country"),
        default=10,
        help_text=_("Below it a country is named without a number, so that nobody can be singled out."),
    )
    show_names = models.BooleanField(
        _("show names"),
        default=True,
        db_default=True,
        help_text=_("Of signers who chose it, once staff have approved the name."),
    )

    # When it opens and closes by itself (`letters.clock`); empty: only by hand.
    opens_at = models.DateTimeField(_("opens by itself"), null=True, blank=True)
    closes_at = models.DateTimeField(_("closes by itself"), null=True, blank=True)

    # How long people's data is kept (`privacy.keeping`); docs/decisions/0016 says why these numbers.
    pending_kept_days = models.PositiveSmallIntegerField(
        _("days that an unconfirmed signature is kept"),
        default=14,
        db_default=14,
        validators=[MinValueValidator(1), MaxValueValidator(14)],
    )
    names_kept_days = models.PositiveSmallIntegerField(
        _("days that names are kept after the petition closes"),
        default=365,
        db_default=365,
        validators=[MinValueValidator(1), MaxValueValidator(3650)],
    )
    emails_kept_days = models.PositiveSmallIntegerField(
        _("days that e-mail addresses are kept after the petition closes"),
        default=180,
        db_default=180,
        validators=[MinValueValidator(1), MaxValueValidator(3650)],
    )
    legal_hold_at = models.DateTimeField(_("legal hold since"), null=True, blank=True, editable=False)
    # Since when nothing of a kind is left: no night looks for it again. Empty once more when it is opened again.
    names_gone_at = models.DateTimeField(_("names are gone since"), null=True, blank=True, editable=False)
    emails_gone_at = models.DateTimeField(_("e-mail addresses are gone since"), null=True, blank=True, editable=False)

    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    opened_at = models.DateTimeField(_("opened"), null=True, blank=True)
    paused_at = models.DateTimeField(_("paused"), null=True, blank=True)
    paused_words = models.CharField(
        _("what readers are told of the pause"), max_length=300, blank=True, default="", db_default=""
    )
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)

    # The link by which a draft can be read (`letters.preview`): until when, and which of those ever made.
    preview_until = models.DateTimeField(_("preview link until"), null=True, blank=True)
    preview_number = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        verbose_name = _("petition")
        verbose_name_plural = _("petitions")
        ordering = ["-created_at"]
        permissions = [
            ("run_petition", "Can schedule, open, pause, close and deliver petitions"),
            ("change_retention", "Can set how long people's data is kept"),
            ("change_legalhold", "Can set and lift a legal hold"),
        ]
        constraints = [
            models.CheckConstraint(
                name="scheduled_petition_has_a_time",
                condition=~models.Q(state="scheduled") | models.Q(opens_at__isnull=False),
            ),
            models.CheckConstraint(
                name="paused_petition_has_a_time",
                condition=~models.Q(state="paused") | models.Q(paused_at__isnull=False),
            ),
            models.CheckConstraint(
                name="it_opens_before_it_closes",
                condition=models.Q(closes_at__isnull=True)
                | models.Q(opens_at__isnull=True)
                | models.Q(closes_at__gt=models.F("opens_at")),
            ),
            models.CheckConstraint(name="goal_is_positive", condition=models.Q(goal__gte=1)),
            models.CheckConstraint(
                name="open_petition_has_a_time",
                condition=~models.Q(state="open") | models.Q(opened_at__isnull=False),
            ),
            # A campaign can raise the threshold, never lower it: the promise to signers is one number for all.
            models.CheckConstraint(name="small_groups_stay_hidden", condition=models.Q(country_threshold__gte=10)),
        ]

    def __str__(self) -> str:
        return self.slug


class Wording(models.Model):
    """What a letter says: Markdown, and the parts that a letter has around it."""

    PARTS = tuple("title addressee salutation body closing signatory signatory_title translator".split())

    title = models.CharField(_("title"), max_length=300)
    addressee = models.CharField(_("addressee"), max_length=300)
    salutation = models.CharField(_("salutation"), max_length=200, blank=True)
    body = models.TextField(_("letter"), help_text=_("Markdown"))
    closing = models.CharField(_("closing"), max_length=200, blank=True)
    signatory = models.CharField(_("signatory"), max_length=200, blank=True)
    signatory_title = models.CharField(_("signatory's title"), max_length=200, blank=True)
    translator = models.CharField(_("translated by"), max_length=200, blank=True)

    class Meta:
        abstract = True


class Letter(Wording):
    """The open letter of a petition in one language, as it is read now."""

    petition = models.ForeignKey(Petition, models.CASCADE, related_name="letters", verbose_name=_("petition"))
    language = models.CharField(_("language"), max_length=10)
    version = models.PositiveIntegerField(_("version"), default=1)
    # The version of the original that a translation was made from; NULL for the original, and where nobody said.
    translated_version = models.PositiveIntegerField(_("follows version"), null=True, blank=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        ordering = ["language"]
        constraints = [
            models.UniqueConstraint(name="one_letter_per_language", fields=["petition", "language"]),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.language})"


class LetterRevision(Wording):
    """A wording that people may have read and signed. Written once, never changed; it outlives its letter."""

    petition = models.ForeignKey(Petition, models.CASCADE, related_name="revisions", verbose_name=_("petition"))
    language = models.CharField(_("language"), max_length=10)
    version = models.PositiveIntegerField(_("version"))
    translated_version = models.PositiveIntegerField(_("follows version"), null=True, blank=True)
    written_at = models.DateTimeField(_("written"), auto_now_add=True)
    written_by = models.ForeignKey(
        "auth.User", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("who")
    )

    class Meta:
        verbose_name = _("letter's version")
        verbose_name_plural = _("letters' versions")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(name="one_wording_per_version", fields=["petition", "language", "version"]),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.language}, {self.version})"


class ConsentText(models.Model):
    """What a signer agreed to, word for word. Never edited: a change is a new version."""

    version = models.CharField(_("version"), max_length=20)
    language = models.CharField(_("language"), max_length=10)
    text = models.TextField(_("text"))
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("consent text")
        verbose_name_plural = _("consent texts")
        ordering = ["-created_at", "language"]
        constraints = [
            models.UniqueConstraint(name="one_text_per_version_and_language", fields=["version", "language"]),
        ]

    def __str__(self) -> str:
        return f"{self.version} ({self.language})"
