"""Partners' servers that are told of a petition's milestones, and the outbox of what they are told."""

from __future__ import annotations

import uuid

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from uuid_utils.compat import uuid7

from .petition import Petition


class WebhookEndpoint(models.Model):
    """A partner's address for one petition, and how much it has been told."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    petition = models.ForeignKey(Petition, models.PROTECT, related_name="webhooks", verbose_name=_("petition"))
    partner = models.CharField(_("partner"), max_length=100)
    url = models.CharField(_("address"), max_length=500)
    step = models.PositiveIntegerField(
        _("milestone at every"),
        null=True,
        blank=True,
        validators=[MinValueValidator(10)],
        help_text=_(
            "So many signatures. Empty: only the goal, and when the petition opens, pauses, closes or is delivered."
        ),
    )
    active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    disabled_at = models.DateTimeField(_("switched off"), null=True, blank=True)
    disabled_why = models.CharField(_("why it was switched off"), max_length=200, blank=True)

    # Sealed like personal data (see `privacy.sealing`), bound to the endpoint's id. During a rotation both sign.
    secret_sealed = models.BinaryField()
    former_sealed = models.BinaryField(null=True, blank=True)
    former_until = models.DateTimeField(null=True, blank=True)

    # What it has been told, so that a count that falls and rises again is not told twice.
    milestone_told = models.PositiveIntegerField(default=0)
    goal_told = models.PositiveIntegerField(default=0)
    state_told = models.CharField(max_length=10, choices=Petition.State, default=Petition.State.DRAFT)
    state_changes = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="a_milestone_is_no_single_person", condition=Q(step__isnull=True) | Q(step__gte=10)
            ),
            models.CheckConstraint(
                name="a_former_secret_ends",
                condition=Q(former_sealed__isnull=True, former_until__isnull=True)
                | Q(former_sealed__isnull=False, former_until__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.partner


class WebhookDelivery(models.Model):
    """One event for one endpoint: it waits until it is delivered or given up. Holds public figures only."""

    class Event(models.TextChoices):
        MILESTONE = "petition.milestone", pgettext_lazy("webhook", "milestone")
        GOAL = "petition.goal", pgettext_lazy("webhook", "goal reached")
        OPENED = "petition.opened", pgettext_lazy("webhook", "petition opened")
        PAUSED = "petition.paused", pgettext_lazy("webhook", "petition paused")
        CLOSED = "petition.closed", pgettext_lazy("webhook", "petition closed")
        DELIVERED = "petition.delivered", pgettext_lazy("webhook", "petition delivered")
        TEST = "test", pgettext_lazy("webhook", "test")

    endpoint = models.ForeignKey(WebhookEndpoint, models.CASCADE, related_name="deliveries", verbose_name=_("webhook"))
    event = models.CharField(_("event"), max_length=30, choices=Event)
    key = models.CharField(max_length=60)  # which event of its kind, such as `milestone:5000`
    message = models.UUIDField(_("message"), default=uuid.uuid4, unique=True)  # the same for every try
    payload = models.JSONField(_("content"))
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    status = models.PositiveSmallIntegerField(_("last answer"), null=True, blank=True)  # of HTTP
    error = models.CharField(_("last error"), max_length=200, blank=True)
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)
    gave_up_at = models.DateTimeField(_("given up"), null=True, blank=True)

    class Meta:
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        ordering = ["-id"]
        indexes = [models.Index("due_at", name="webhook_delivery_due", condition=Q(due_at__isnull=False))]
        constraints = [
            models.UniqueConstraint(name="an_event_is_told_once", fields=["endpoint", "key"]),
            models.CheckConstraint(
                name="it_waits_or_it_is_over",
                condition=Q(due_at__isnull=False, delivered_at__isnull=True, gave_up_at__isnull=True)
                | Q(due_at__isnull=True, delivered_at__isnull=False, gave_up_at__isnull=True)
                | Q(due_at__isnull=True, delivered_at__isnull=True, gave_up_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.pk}"
