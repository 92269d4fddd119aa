"""The lists of the desk by what one comes for, instead of by the alphabet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

# By the name of the model. What is in none of them comes last, so that a new list is never missing.
GROUPS: Sequence[tuple[str | Promise, str]] = (
    (pgettext_lazy("desk", "Letter"), "Petition Letter LetterRevision CampaignUpdate ConsentText"),
    (
        pgettext_lazy("desk", "Signatures"),
        "Signature Rule Job PaperImport ExportFile Suppression Tally TallyEntry Correction",
    ),
    (pgettext_lazy("desk", "Names"), "WaitingName NameReview"),
    (pgettext_lazy("desk", "Mail"), "OutgoingMail UpdateSending"),
    (pgettext_lazy("desk", "Partners"), "WebhookEndpoint WebhookDelivery"),
    (pgettext_lazy("desk", "People and records"), "User Group AuditEntry Check RetentionRun"),
)
OTHER = pgettext_lazy("desk", "More")


@dataclass(frozen=True, slots=True)
class Group:
    """A heading, and the lists under it as `AdminSite.get_app_list` describes them."""

    name: str | Promise
    models: Sequence[dict[str, Any]]


def grouped(app_list: Sequence[dict[str, Any]]) -> list[Group]:
    """What a person may see, in groups; a group without a list is left out."""
    models = {model["object_name"]: model for app in app_list for model in app["models"] if model["admin_url"]}
    groups = []
    for name, members in GROUPS:
        groups.append(Group(name, [models.pop(each) for each in members.split() if each in models]))
    groups.append(Group(OTHER, list(models.values())))
    return [group for group in groups if group.models]
