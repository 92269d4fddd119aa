"""The five roles of staff: which permissions each has. `manage.py migrate` makes them, as groups of these names.

They are ours: whatever is changed in one of these groups is put right by the next `migrate`. Whoever needs another
mixture makes a group of their own. docs/staff.md tells staff what each role is for.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

ADMINISTRATOR = "administrator"

_LOOK = frozenset(
    {
        *("view_petition", "view_letterrevision", "view_consenttext", "view_campaignupdate"),
        *("view_signature", "view_outgoingmail", "view_tally", "view_tallyentry", "view_retentionrun"),
        *("view_job", "view_check", "view_paperimport"),
    }
)
_JUDGE_NAMES = frozenset({"change_waitingname", "view_namereview"})
_RULES = frozenset({"view_rule", "add_rule", "change_rule", "delete_rule"})
_REVIEW = _RULES | {"change_signature", "find_signature", "view_suppression", "change_job"}
ROLES: dict[str, frozenset[str]] = {
    "viewer": _LOOK,
    "moderator": _LOOK | _JUDGE_NAMES | _REVIEW,
    "campaigner": _LOOK
    | _JUDGE_NAMES
    | {
        *("add_petition", "change_petition", "run_petition"),
        *("add_campaignupdate", "change_campaignupdate", "delete_campaignupdate"),
        *("publish_campaignupdate", "send_campaignupdate"),
        *("view_webhookendpoint", "add_webhookendpoint", "change_webhookendpoint", "view_webhookdelivery"),
    },
    "data officer": _LOOK
    | _REVIEW
    | {
        *("reveal_signature", "export_signature", "invalidate_signature", "erase_signature", "add_paperimport"),
        *("change_retention", "change_legalhold", "delete_suppression", "view_namereview", "view_auditentry"),
    },
}
_PEOPLE = frozenset({"view_user", "add_user", "change_user", "view_group", "add_group", "change_group"})
ROLES[ADMINISTRATOR] = frozenset[str]().union(_PEOPLE, *ROLES.values())

NAMES: dict[str, Promise] = {
    "viewer": pgettext_lazy("role", "viewer"),
    "moderator": pgettext_lazy("role", "moderator"),
    "campaigner": pgettext_lazy("role", "campaigner"),
    "data officer": pgettext_lazy("role", "data officer"),
    ADMINISTRATOR: pgettext_lazy("role", "administrator"),
}


def role_label(group: Group) -> str:
    """A role's name in the reader's language; a group of somebody's own by the name they gave it."""
    return str(NAMES.get(group.name, group.name))


@transaction.atomic
def make_roles(**_signal: Any) -> None:
    """Make the groups and give each just its permissions. Safe to run at any time and twice (after each migration)."""
    of_ours = {"content_type__app_label__in": ("signatures", "auth")}
    known = dict(Permission.objects.filter(**of_ours).values_list("codename", "pk"))
    for name, may in ROLES.items():
        group, _made = Group.objects.get_or_create(name=name)
        group.permissions.set([known[codename] for codename in may if codename in known])
