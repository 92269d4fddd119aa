"""Changing what one chose when signing, by the link in the mail."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from petition.database import run_prepared
from signatures.models import Signature
from signatures.sending.leaving import leave

from .form.forms import ChoiceBox

# Guarded by the state, as everything is: a withdrawn signature has no choices. Nothing is written when nothing changes,
# so that the date stays that of the last true change. What the signer agreed to when signing stays as it was; beside it
# goes the text in force now. An unconfirmed signature's revision rises, because the page that confirms it shows the
# choices, and nobody confirms others than those they saw.
_CHOOSE = """
WITH before AS (SELECT id, wants_updates FROM signatures_signature WHERE id = %(id)s FOR NO KEY UPDATE)
UPDATE signatures_signature AS s SET
    show_name = %(show_name)s, hand_over = %(hand_over)s, wants_updates = %(wants_updates)s,
    choices_changed_at = now(), choices_consent_id = %(consent_id)s,
    revision = CASE WHEN state = 'pending' THEN (revision + 1) %% 32767 ELSE revision END
FROM before
WHERE s.id = before.id AND state IN ('pending', 'confirmed', 'held')
  AND (show_name, hand_over, s.wants_updates) IS DISTINCT FROM (%(show_name)s, %(hand_over)s, %(wants_updates)s)
RETURNING before.wants_updates AND NOT s.wants_updates
"""


def change_choices(
    *, signature_id: UUID, show_name: bool, hand_over: bool, wants_updates: bool, consent_id: int
) -> bool:
    """Set the three choices; True when that changed something. `consent_id` is the text shown beside the button."""
    with transaction.atomic():
        changed, rows = run_prepared(
            _CHOOSE,
            {
                "id": signature_id,
                "show_name": show_name,
                "hand_over": hand_over,
                "wants_updates": wants_updates,
                "consent_id": consent_id,
            },
        )
        if rows and rows[0][0]:
            leave(signature_id)
    return changed > 0


# No text stands beside this button, so none is stored: nobody agrees to anything by leaving.
_UNSUBSCRIBE = """
UPDATE signatures_signature SET
    wants_updates = false, choices_changed_at = now(), choices_consent_id = NULL,
    revision = CASE WHEN state = 'pending' THEN (revision + 1) %% 32767 ELSE revision END
WHERE id = %s AND wants_updates AND state <> 'erased'
"""


def unsubscribe(*, signature_id: UUID) -> bool:
    """No more updates, also none that are queued. False when there were none to be had: asked twice, it is the same."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_UNSUBSCRIBE, [signature_id])
        if not cursor.rowcount:
            return False
        leave(signature_id)
    return True


def choices_of(signature: Signature) -> list[str]:
    """The boxes that were ticked, in words."""
    named = [
        (signature.show_name, _("My name is shown publicly")),
        (signature.hand_over, _("My name is handed to the addressees")),
        (signature.wants_updates, _("I receive updates by e-mail")),
    ]
    return [words for chosen, words in named if chosen]


class ChoicesForm(forms.Form):
    """The three choices as they stand."""

    show_name = ChoiceBox(label=gettext_lazy("Show my name publicly"), required=False)
    hand_over = ChoiceBox(label=gettext_lazy("Hand my name to the addressees"), required=False)
    updates = ChoiceBox(label=gettext_lazy("Send me updates by e-mail"), required=False)

    @classmethod
    def of(cls, signature: Signature) -> ChoicesForm:
        initial: dict[str, Any] = {
            "show_name": signature.show_name,
            "hand_over": signature.hand_over,
            "updates": signature.wants_updates,
        }
        return cls(initial=initial)
