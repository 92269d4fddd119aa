"""Setting how long a petition keeps people's data, and the legal hold that stops every deletion of ours."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from signatures.models import AuditEntry, Petition

PERIODS = ("pending_kept_days", "names_kept_days", "emails_kept_days")


class KeepingProblem(ValueError):
    """Why this cannot be set, in words for staff. Nothing was changed."""


@transaction.atomic
def set_periods(*, petition_id: int, days: dict[str, int], actor: User | None, reason: str) -> None:
    """Set some of PERIODS, in days. Raises KeepingProblem.

    Once people may have signed, a period only becomes shorter: the longer one is not what they were told.
    """
    petition = Petition.objects.select_for_update().get(pk=petition_id)
    changed = {name: days[name] for name in PERIODS if name in days and getattr(petition, name) != days[name]}
    if not changed:
        raise KeepingProblem(_("Nothing is different."))
    longer = [name for name, value in changed.items() if value > getattr(petition, name)]
    if longer and petition.opened_at is not None:
        raise KeepingProblem(
            _(
                "People have signed, and were told how long we keep their data. It can become shorter, not longer. "
                "If a court or an authority obliges you to keep it, set a legal hold."
            )
        )
    said = [f"{name} {getattr(petition, name)} → {value}" for name, value in changed.items()]
    Petition.objects.filter(pk=petition_id).update(**changed)
    AuditEntry.of_petition(petition, action="set retention", reason=f"{'; '.join(said)}; {reason.strip()}", actor=actor)


@transaction.atomic
def set_legal_hold(*, petition_id: int, actor: User | None, reason: str) -> None:
    """Stop every deletion by retention. Signers can still erase their own. Raises KeepingProblem when there is one."""
    petition = Petition.objects.select_for_update().get(pk=petition_id)
    if petition.legal_hold_at is not None:
        raise KeepingProblem(_("There is a legal hold already."))
    Petition.objects.filter(pk=petition_id).update(legal_hold_at=timezone.now())
    AuditEntry.of_petition(petition, action="set legal hold", reason=reason, actor=actor)


@transaction.atomic
def lift_legal_hold(*, petition_id: int, actor: User | None, reason: str) -> None:
    """Let retention go on: what is overdue goes in the next night. Raises KeepingProblem when there is none."""
    petition = Petition.objects.select_for_update().get(pk=petition_id)
    if petition.legal_hold_at is None:
        raise KeepingProblem(_("There is no legal hold."))
    Petition.objects.filter(pk=petition_id).update(legal_hold_at=None)
    AuditEntry.of_petition(petition, action="lift legal hold", reason=reason, actor=actor)
