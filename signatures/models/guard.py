"""What the guard remembers: which proofs and passes have been used."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class SpentProof(models.Model):
    """A proof of work, a waiting pass or a change of address that was used: each is good for one person, once.

    The row commits with the signature it let in, so of twenty forms with one proof one is taken, whatever the others'
    timing. `used_for` stands for the person (see `signing.sign`), so that a double click is not refused. Nothing in it
    is readable, and it goes within hours.
    """

    nonce = models.BinaryField(primary_key=True)
    used_for = models.BinaryField()
    expires_at = models.DateTimeField(_("forgotten after"))

    class Meta:
        verbose_name = _("spent proof")
        verbose_name_plural = _("spent proofs")
        indexes = [models.Index(fields=["expires_at"], name="spent_proof_expires")]

    def __str__(self) -> str:
        return str(self.expires_at)
