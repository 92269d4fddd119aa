"""The outbox of every mail but the one that answers a signing form (that one waits in its signature's own row)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .petition import Petition
from .signature import Signature


class OutgoingMail(models.Model):
    """A mail that waits to be sent, or was. It names a signature and a kind; its words are written when it is sent."""

    class Kind(models.TextChoices):
        WITHDRAWN = "withdrawn", pgettext_lazy("mail", "your signature is withdrawn")
        RELEASED = "released", pgettext_lazy("mail", "your signature is counted after review")

    signature = models.ForeignKey(Signature, models.CASCADE, verbose_name=_("signature"))
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    error = models.CharField(_("last error"), max_length=200, blank=True)
    bounced_at = models.DateTimeField(_("bounced"), null=True, blank=True)

    class Meta:
        verbose_name = _("outgoing mail")
        verbose_name_plural = _("outgoing mails")
        ordering = ["-id"]
        indexes = [
            models.Index("due_at", name="outgoing_mail_due", condition=Q(due_at__isnull=False)),
            # What the desk lists, by falling id.
            models.Index("kind", "id", name="outgoing_mail_by_kind"),
            models.Index("id", name="outgoing_mail_bounced", condition=Q(bounced_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class LinkRequest(models.Model):
    """Somebody asked for the link to their signature, and nobody has looked yet whether there is one.

    The request only stores this, whoever asks; a worker answers it a moment later and deletes the row. So neither the
    page nor its timing can tell whether an address has signed.
    """

    petition = models.ForeignKey(Petition, models.CASCADE, db_index=False, verbose_name=_("petition"))
    person_index = models.BinaryField()
    asked_at = models.DateTimeField(_("asked"))

    class Meta:
        verbose_name = _("request for a link")
        verbose_name_plural = _("requests for a link")
        constraints = [
            models.UniqueConstraint(name="one_link_request_per_person", fields=["petition", "person_index"]),
        ]

    def __str__(self) -> str:
        return str(self.pk)
