"""A signature, and the addresses that said "I did not sign this"."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from uuid_utils.compat import uuid7

from .paper import PaperImport
from .petition import ConsentText, Petition

# A name waits for review when it is to be shown and is not the one that was last looked at. `name_sealed` changes with
# every change of the name, so nothing has to remember to ask again. Written once, for the index and its users.
NAME_WAITS = Q(state="confirmed", show_name=True) & (
    Q(name_reviewed__isnull=True) | ~Q(name_reviewed=Func(F("name_sealed"), function="sha256"))
)


class Signature(models.Model):
    """One person's name under one petition.

    The name and the e-mail address are sealed (see `privacy.sealing`); the three indexes are keyed hashes (see
    `privacy.indexes`). The row is its own outbox entry: the mail that answers a signing form is due at `mail_due_at`,
    and what it says follows from `state` at the moment it is written.
    """

    class State(models.TextChoices):
        PENDING = "pending", pgettext_lazy("signature", "pending")
        CONFIRMED = "confirmed", pgettext_lazy("signature", "confirmed")
        HELD = "held", pgettext_lazy("signature", "held for review")
        WITHDRAWN = "withdrawn", pgettext_lazy("signature", "withdrawn")
        INVALID = "invalid", pgettext_lazy("signature", "removed, not counted")
        ERASED = "erased", pgettext_lazy("signature", "erased")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    petition = models.ForeignKey(
        Petition, models.PROTECT, related_name="signatures", db_index=False, verbose_name=_("petition")
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PENDING)
    # The file that a signature on paper came in; NULL: signed here. Paper is counted apart and never written to.
    paper_import = models.ForeignKey(
        PaperImport, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("on paper")
    )

    # Who signed.
    name_sealed = models.BinaryField(null=True, blank=True)
    email_sealed = models.BinaryField(null=True, blank=True)
    email_index = models.BinaryField(null=True, blank=True)  # of the address as typed
    person_index = models.BinaryField(null=True, blank=True)  # of its canonical form: one signature per person
    domain_index = models.BinaryField(null=True, blank=True)  # of its domain; NULL also where nobody has filled it yet
    country = models.CharField(_("country"), max_length=2, null=True, blank=True)  # noqa: DJ001 NULL: not said
    language = models.CharField(_("language"), max_length=10)
    # Of paper alone: of name, country and line, so that a line counts once; and where it stands ("sheet 3, line 7").
    paper_index = models.BinaryField(null=True, blank=True, editable=False)
    reference_sealed = models.BinaryField(null=True, blank=True, editable=False)

    # What they chose, and what they read when they did.
    show_name = models.BooleanField(_("name may be shown publicly"), default=False)
    name_reviewed = models.BinaryField(null=True, editable=False)  # SHA-256 of the sealed name that staff looked at
    hand_over = models.BooleanField(_("name may go to the addressees"), default=False)
    wants_updates = models.BooleanField(_("wants updates"), default=False)
    source = models.CharField(_("source tag"), max_length=40, blank=True)
    # On paper people read another text than ours, and the day stands there or does not.
    consent = models.ForeignKey(
        ConsentText, models.PROTECT, null=True, blank=True, db_index=False, verbose_name=_("consent text")
    )
    consented_at = models.DateTimeField(_("consented"), null=True, blank=True)
    # Choices that were changed later, by the link: when, and the text in force then. What was agreed to when signing
    # stays as it was; a form sent again makes these older than `consented_at`, and so void.
    choices_changed_at = models.DateTimeField(_("choices changed"), null=True, blank=True)
    choices_consent = models.ForeignKey(
        ConsentText,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("consent text of the changed choices"),
    )

    # Its life. `revision` rises when the form is sent again before the confirmation, so that nobody confirms
    # details other than those they were shown.
    revision = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(_("signed"))
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    held_at = models.DateTimeField(_("held"), null=True, blank=True)
    held_from = models.CharField(_("state before it was held"), max_length=10, blank=True)
    held_reason = models.CharField(_("reason it is held"), max_length=200, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    invalid_at = models.DateTimeField(_("removed"), null=True, blank=True)
    invalid_reason = models.CharField(_("reason it was removed"), max_length=200, blank=True, db_default="")
    erased_at = models.DateTimeField(_("erased"), null=True, blank=True)

    # Its mail.
    mail_due_at = models.DateTimeField(_("mail due"), null=True, blank=True)
    mail_attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    mail_sent_at = models.DateTimeField(_("last mail sent"), null=True, blank=True)
    mail_count = models.PositiveSmallIntegerField(_("mails sent"), default=0)
    mail_times = ArrayField(models.DateTimeField(), null=True, editable=False)  # the newest MAIL_PER_DAY, newest first
    mail_error = models.CharField(_("last mail error"), max_length=200, blank=True)
    # Why the mail is due, when it is not the answer to a form: "remind" or "link". Empty whenever none is due.
    mail_asked = models.CharField(_("mail asked for"), max_length=10, blank=True, db_default="")
    # No PositiveSmallIntegerField: its check would read the whole table when the column is added.
    reminders_sent = models.SmallIntegerField(_("reminders"), db_default=0)
    bounced_at = models.DateTimeField(_("bounced"), null=True, blank=True)

    class Meta:
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")
        ordering = ["-id"]
        permissions = [
            ("find_signature", "Can find signatures by e-mail address or mail domain"),
            ("reveal_signature", "Can reveal a signer's name and address"),
            ("invalidate_signature", "Can remove signatures as not genuine"),
            ("erase_signature", "Can erase signatures"),
        ]
        indexes = [
            models.Index("mail_due_at", name="signature_mail_due", condition=Q(mail_due_at__isnull=False)),
            models.Index("bounced_at", name="signature_bounced", condition=Q(bounced_at__isnull=False)),
            models.Index("petition", "id", name="signature_name_waits", condition=NAME_WAITS),
            # What the desk lists, by falling id (see `desk.search.newest`).
            # All that do not count stand in one, with what a search asks of them: to look for a country among
            # a hundred thousand unconfirmed ones reads the index alone.
            models.Index(
                *("petition", "state", "id"),
                name="signature_uncounted",
                include=["country", "source", "domain_index"],
                condition=~Q(state="confirmed"),
            ),
            models.Index("petition", "id", name="signature_confirmed", condition=Q(state="confirmed")),
            models.Index("petition", "country", "id", name="signature_country", condition=Q(state="confirmed")),
            # Holds the tagged and counted alone: to count them reads no row.
            models.Index(
                *("petition", "source", "id"), name="signature_tagged", condition=Q(state="confirmed") & ~Q(source="")
            ),
            # Why signatures are held: to list and to count those of one reason reads no others.
            models.Index(
                fields=["petition", "held_reason", "id"], name="signature_held_for", condition=Q(state="held")
            ),
            # When signatures were counted; a form that is being sent does not enter it.
            models.Index(*("confirmed_at", "petition"), name="signature_confirmed_at", condition=Q(state="confirmed")),
            # One mail domain's, by falling id. The pending are in it: an unconfirmed flood is what it is for.
            models.Index("petition", "domain_index", "id", name="signature_domain"),
            # Who gets updates, in the order they are sent in; to count them by language reads no row.
            models.Index(
                fields=["petition", "id"],
                include=["language"],
                name="signature_wants_updates",
                condition=Q(state="confirmed", wants_updates=True, bounced_at__isnull=True),
            ),
            # Whom to remind. A row enters it when its first mail has gone, so a form being sent pays nothing for it.
            models.Index(
                *("petition", "reminders_sent", "mail_sent_at"),
                name="signature_unanswered",
                condition=Q(state="pending", mail_due_at__isnull=True, bounced_at__isnull=True),
            ),
            # Those on paper by state, as the desk lists them; and to take them off what it counts of the others.
            models.Index(
                *("petition", "state", "id"),
                name="signature_on_paper",
                include=["confirmed_at"],
                condition=Q(paper_import__isnull=False),
            ),
        ]
        constraints = [
            models.UniqueConstraint(name="one_signature_per_person", fields=["petition", "person_index"]),
            models.UniqueConstraint(
                name="one_signature_per_line",
                fields=["petition", "paper_index"],
                condition=Q(paper_index__isnull=False),
            ),
            models.CheckConstraint(
                name="state_is_known",
                condition=Q(state__in=["pending", "confirmed", "held", "withdrawn", "invalid", "erased"]),
            ),
            models.CheckConstraint(
                name="confirmed_has_a_time", condition=~Q(state="confirmed") | Q(confirmed_at__isnull=False)
            ),
            models.CheckConstraint(
                name="held_says_why_and_from_where",
                condition=~Q(state="held")
                | (Q(held_at__isnull=False) & ~Q(held_reason="") & Q(held_from__in=["pending", "confirmed"])),
            ),
            models.CheckConstraint(
                name="invalid_says_when_and_why",
                condition=~Q(state="invalid") | (Q(invalid_at__isnull=False) & ~Q(invalid_reason="")),
            ),
            models.CheckConstraint(
                name="erased_holds_nothing",
                condition=~Q(state="erased")
                | Q(
                    name_sealed__isnull=True,
                    email_sealed__isnull=True,
                    email_index__isnull=True,
                    person_index__isnull=True,
                    domain_index__isnull=True,
                    paper_index__isnull=True,
                    reference_sealed__isnull=True,
                    country__isnull=True,
                    mail_due_at__isnull=True,
                    erased_at__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="who_signs_here_agrees_to_a_text",
                condition=Q(paper_import__isnull=False)
                | Q(
                    consent__isnull=False,
                    consented_at__isnull=False,
                    paper_index__isnull=True,
                    reference_sealed__isnull=True,
                ),
            ),
            # Nobody has checked whose address stands on paper, nor asked whether the name may be shown.
            models.CheckConstraint(
                name="paper_is_neither_written_to_nor_shown",
                condition=Q(paper_import__isnull=True)
                | Q(
                    ~Q(state="pending"),
                    consent__isnull=True,
                    show_name=False,
                    wants_updates=False,
                    mail_due_at__isnull=True,
                    mail_sent_at__isnull=True,
                    source="",
                ),
            ),
            models.CheckConstraint(
                name="country_is_two_capitals", condition=Q(country__isnull=True) | Q(country__regex=r"^[A-Z]{2}$")
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Suppression(models.Model):
    """An address that said "I did not sign this": the petition never writes to it again."""

    petition = models.ForeignKey(Petition, models.CASCADE, verbose_name=_("petition"))
    person_index = models.BinaryField()
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    # Written whenever the address is typed again: that costs what storing a signature costs, and so looks the same
    # from outside.
    last_tried_on = models.DateField(_("last tried"), null=True, blank=True)

    class Meta:
        verbose_name = _("suppressed address")
        verbose_name_plural = _("suppressed addresses")
        constraints = [
            models.UniqueConstraint(name="one_suppression_per_person", fields=["petition", "person_index"]),
        ]

    def __str__(self) -> str:
        return str(self.pk)
