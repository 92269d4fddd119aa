"""An update on its way to those who asked for updates: one sending of it, and one row for each person."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .signature import Signature
from .update import CampaignUpdate

NOBODY = UUID(int=0)  # before every signature's id


class UpdateSending(models.Model):
    """The one sending of an update. Its figures are counts and stay when the rows of its recipients go."""

    class State(models.TextChoices):
        RUNNING = "running", pgettext_lazy("sending", "running")
        PAUSED = "paused", pgettext_lazy("sending", "paused")
        STOPPED = "stopped", pgettext_lazy("sending", "stopped")
        FINISHED = "finished", pgettext_lazy("sending", "finished")

    update = models.OneToOneField(CampaignUpdate, models.PROTECT, related_name="sending", verbose_name=_("update"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.RUNNING)
    started_at = models.DateTimeField(_("started"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    paused_because = models.CharField(_("why it paused by itself"), max_length=200, blank=True)
    expected = models.PositiveIntegerField(_("recipients when it started"))

    # How far through the signatures it is, by their ids; those made after it started are not in it.
    reached = models.UUIDField(default=NOBODY, editable=False)
    until = models.UUIDField(editable=False)
    all_listed = models.BooleanField(default=False, editable=False)

    sent = models.PositiveIntegerField(_("sent"), default=0)
    bounced = models.PositiveIntegerField(_("bounced"), default=0)
    failed = models.PositiveIntegerField(_("failed"), default=0)
    unknown = models.PositiveIntegerField(_("not known"), default=0)
    passed_over = models.PositiveIntegerField(_("passed over"), default=0)
    unsubscribed = models.PositiveIntegerField(_("unsubscribed since"), default=0)

    class Meta:
        verbose_name = _("sending of an update")
        verbose_name_plural = _("sendings of updates")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="sending_over_has_a_time",
                condition=Q(state__in=["running", "paused"], ended_at__isnull=True)
                | Q(state__in=["stopped", "finished"], ended_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.update_id}: {self.state}"


class UpdateRecipient(models.Model):
    """One person's mail of a sending. It goes with its signature: the database deletes it, whoever deletes that.

    `sending` is marked, and that is on the disk, before the mail is handed over; nothing leads from there back to
    `waiting` but the mail server's own word that it did not take it.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        SENDING = "sending"
        SENT = "sent"
        BOUNCED = "bounced"
        FAILED = "failed"
        UNKNOWN = "unknown"  # handed over, and nobody heard what became of it

    sending = models.ForeignKey(UpdateSending, models.CASCADE, related_name="recipients", db_index=False)
    # The constraint is the migration's: with ON DELETE CASCADE, which Django does not write.
    signature = models.ForeignKey(Signature, models.DO_NOTHING, db_constraint=False, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    due_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    began_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("recipient of an update")
        verbose_name_plural = _("recipients of updates")
        indexes = [
            models.Index("sending", "due_at", name="update_recipient_due", condition=Q(due_at__isnull=False)),
            models.Index("sending", "began_at", name="update_recipient_under_way", condition=Q(state="sending")),
        ]
        constraints = [
            models.UniqueConstraint(name="one_update_mail_per_signature", fields=["sending", "signature"]),
            models.CheckConstraint(
                name="waiting_recipient_is_due",
                condition=Q(state="waiting", due_at__isnull=False) | (~Q(state="waiting") & Q(due_at__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sending_id}: {self.state}"


class UpdateTest(models.Model):
    """An update mailed to the staff member who asked for it, to be looked at before it goes to anybody else."""

    update = models.ForeignKey(CampaignUpdate, models.CASCADE, related_name="tests", verbose_name=_("update"))
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("who"))
    language = models.CharField(_("language"), max_length=10)
    asked_at = models.DateTimeField(_("asked"), auto_now_add=True)
    waiting = models.BooleanField(default=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    error = models.CharField(_("last error"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("test of an update")
        verbose_name_plural = _("tests of updates")
        ordering = ["-id"]
        indexes = [models.Index("id", name="update_test_waiting", condition=Q(waiting=True))]

    def __str__(self) -> str:
        return str(self.pk)


class SendingPace(models.Model):
    """The one clock of all sendings: from when on the next mail may go. A single row, made when it is first needed."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    free_from = models.DateTimeField()

    class Meta:
        verbose_name = _("pace of sendings")
        verbose_name_plural = _("pace of sendings")
        constraints = [models.CheckConstraint(name="one_pace_for_all", condition=Q(id=1))]

    def __str__(self) -> str:
        return f"{self.free_from:%H:%M:%S}"
