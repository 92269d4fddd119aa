"""Long work that staff started: one row that says what, why, and how far it is; and what it moved, for an hour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from uuid_utils.compat import uuid7

from .petition import Petition

if TYPE_CHECKING:
    from datetime import datetime


class Job(models.Model):
    """A piece of work in many small steps (see `desk.jobs`). Nothing in it is personal data.

    Its order is `state`, which staff set: a worker looks at it in every step, under the row's lock. Who works on it now
    holds `lease` until `leased_until`; a worker that was killed holds it no longer than that. `undoing` says which way
    it goes: while it is set, waiting, running and failed speak of the undoing.
    """

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("job", "waiting")
        RUNNING = "running", pgettext_lazy("job", "at work")
        PAUSED = "paused", pgettext_lazy("job", "paused")
        DONE = "done", pgettext_lazy("job", "done")
        CANCELLED = "cancelled", pgettext_lazy("job", "cancelled")
        FAILED = "failed", pgettext_lazy("job", "failed")
        UNDONE = "undone", pgettext_lazy("job", "undone")

    ACTIVE = (State.WAITING, State.RUNNING)
    ENDED = (State.DONE, State.CANCELLED, State.FAILED, State.UNDONE)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(_("what"), max_length=40)
    petition = models.ForeignKey(Petition, models.PROTECT, related_name="jobs", verbose_name=_("petition"))
    params = models.JSONField(default=dict)  # a selection, ids: what `kind` needs; never personal data
    reason = models.CharField(_("why"), max_length=200)

    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    undoing = models.BooleanField(default=False)
    moves = models.BooleanField(default=False)  # whether it moves signatures: one such job of a petition at a time

    total = models.PositiveIntegerField(_("how many"), null=True, blank=True)  # an estimate; NULL: unknown
    done = models.PositiveIntegerField(_("done"), default=0)
    skipped = models.PositiveIntegerField(_("left as they were"), default=0)
    undone = models.PositiveIntegerField(_("undone"), default=0)
    not_undone = models.PositiveIntegerField(_("could not be undone"), default=0)
    cursor = models.TextField(blank=True, default="")  # where the next step begins, in words of its kind
    result = models.JSONField(null=True, blank=True)  # what it came to; never personal data

    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("who")
    )
    created_at = models.DateTimeField(_("asked for"), auto_now_add=True)
    started_at = models.DateTimeField(_("began"), null=True, blank=True)
    finished_at = models.DateTimeField(_("ended"), null=True, blank=True)
    undo_until = models.DateTimeField(_("can be undone until"), null=True, blank=True)
    # When what it moved was forgotten (and what it had to erase was erased): after that it is only history.
    settled_at = models.DateTimeField(null=True, blank=True)

    due_at = models.DateTimeField(db_default=Now(), null=True)  # not before: later after a failure
    attempts = models.PositiveSmallIntegerField(default=0)  # in a row that failed
    error = models.CharField(_("problem"), max_length=200, blank=True)  # in words for staff
    lease = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        default_permissions = ("view", "change")
        ordering = ["-id"]
        indexes = [
            models.Index("due_at", name="job_to_do", condition=Q(state__in=["waiting", "running"])),
            models.Index("undo_until", name="job_to_settle", condition=Q(settled_at__isnull=True)),
        ]
        constraints = [
            models.CheckConstraint(
                name="job_state_is_known",
                condition=Q(state__in=["waiting", "running", "paused", "done", "cancelled", "failed", "undone"]),
            ),
            # Two that move a petition's signatures at once could each undo what the other did.
            models.UniqueConstraint(
                name="one_moving_job_per_petition", fields=["petition"], condition=Q(state="running", moves=True)
            ),
            models.CheckConstraint(
                name="a_lease_ends",
                condition=Q(lease__isnull=True, leased_until__isnull=True)
                | Q(lease__isnull=False, leased_until__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    def can_be_undone(self, *, now: datetime) -> bool:
        """Whether somebody may still ask for it. The rule itself is a guarded UPDATE (see `desk.jobs.orders`)."""
        if not self.moves or self.undoing:
            return False
        if self.state == self.State.PAUSED:
            return True
        return self.state in self.ENDED and self.undo_until is not None and now < self.undo_until


class JobItem(models.Model):
    """One signature that a job moved, and what it was before: kept until the job can no longer be undone.

    `left_at` is the time the move wrote into the signature: whoever changed it since has left another one.
    """

    job = models.ForeignKey(Job, models.CASCADE, related_name="items", db_index=False)
    signature_id = models.UUIDField()
    left_at = models.DateTimeField()
    before = models.JSONField()  # columns of the signature that the move changed; no personal data

    class Meta:
        verbose_name = _("signature that a job moved")
        verbose_name_plural = _("signatures that a job moved")
        default_permissions = ()
        indexes = [models.Index(F("job"), F("id"), name="job_item_of_its_job")]

    def __str__(self) -> str:
        return str(self.pk)
