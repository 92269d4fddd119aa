"""A petition's life: draft → scheduled → open ⇄ paused → closed → delivered, and the ways back.

Each step is a function. It takes the petition's row lock, refuses what cannot follow on the state it finds, and is
recorded with who took it and why (`actor` None: the clock, see `clock`). All raise LifecycleProblem.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from signatures.models import AuditEntry, Petition

from .read import forget

State = Petition.State
Change = Callable[[Petition, datetime], str]  # sets fields other than the state; returns what the audit says of it


class LifecycleProblem(ValueError):
    """Why a petition cannot take this step now, in words for staff."""


def _step(
    petition_id: int,
    *,
    action: str,
    came_from: tuple[str, ...],
    to: str,
    change: Change,
    actor: User | None,
    reason: str,
) -> Petition:
    """Take one step in a transaction. Of two that race, the second finds the state that the first left."""
    if not reason.strip():
        raise LifecycleProblem(_("Say why."))
    with transaction.atomic():
        petition = Petition.objects.select_for_update().get(pk=petition_id)
        if petition.state not in came_from:
            raise LifecycleProblem(
                _("A petition that is %(state)s cannot become %(to)s.")
                % {"state": petition.get_state_display(), "to": State(to).label}
            )
        detail = change(petition, timezone.now())
        petition.state = to
        petition.save()
        AuditEntry.of_petition(
            petition, action=action, reason="; ".join(filter(None, (detail, reason.strip()))), actor=actor
        )
    forget(petition.slug)
    return petition


def _needs_its_letter(petition: Petition) -> None:
    if not petition.letters.filter(language=petition.original_language).exists():
        raise LifecycleProblem(_("It has no letter in its original language yet."))


def _check_closing(closes_at: datetime | None, *, after: datetime) -> None:
    if closes_at is not None and closes_at <= after:
        raise LifecycleProblem(_("It cannot close by itself before it is open, or in the past."))


def _minute(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def schedule_petition(
    *, petition_id: int, opens_at: datetime, closes_at: datetime | None = None, actor: User | None, reason: str
) -> Petition:
    """Let it open by itself at a time to come, and close by itself if `closes_at` is given; or set other times."""

    def change(petition: Petition, now: datetime) -> str:
        if opens_at <= now:
            raise LifecycleProblem(_("This time is over. Open the petition, or choose a time to come."))
        _check_closing(closes_at, after=opens_at)
        _needs_its_letter(petition)
        petition.opens_at, petition.closes_at = opens_at, closes_at
        return _minute(opens_at) + (f" – {_minute(closes_at)}" if closes_at else "")

    from_here = (State.DRAFT, State.SCHEDULED)
    return _step(
        petition_id,
        action="schedule",
        came_from=from_here,
        to=State.SCHEDULED,
        change=change,
        actor=actor,
        reason=reason,
    )


def unschedule_petition(*, petition_id: int, actor: User | None, reason: str) -> Petition:
    """Make a scheduled petition a draft again, which nothing opens but a person."""

    def change(petition: Petition, now: datetime) -> str:
        petition.opens_at = petition.closes_at = None
        return ""

    from_here = (State.SCHEDULED,)
    return _step(
        petition_id, action="unschedule", came_from=from_here, to=State.DRAFT, change=change, actor=actor, reason=reason
    )


def open_petition(*, petition_id: int, actor: User | None, reason: str, only_if_due: bool = False) -> Petition:
    """Let people sign, now. With `only_if_due` only a petition whose own time has come: it may have been set anew."""

    def change(petition: Petition, now: datetime) -> str:
        if only_if_due and (petition.opens_at is None or petition.opens_at > now):
            raise LifecycleProblem(_("Its time has not come."))
        _needs_its_letter(petition)
        petition.opened_at = petition.opened_at or now
        petition.opens_at = None
        return ""

    from_here = (State.SCHEDULED,) if only_if_due else (State.DRAFT, State.SCHEDULED)
    return _step(
        petition_id, action="open", came_from=from_here, to=State.OPEN, change=change, actor=actor, reason=reason
    )


def pause_petition(*, petition_id: int, words: str = "", actor: User | None, reason: str) -> Petition:
    """Take no signatures for a while; those made can still be confirmed. Readers are told `words`, `reason` is ours."""

    def change(petition: Petition, now: datetime) -> str:
        petition.paused_at, petition.paused_words = now, " ".join(words.split())[:300]
        return ""

    from_here = (State.OPEN,)
    return _step(
        petition_id, action="pause", came_from=from_here, to=State.PAUSED, change=change, actor=actor, reason=reason
    )


def resume_petition(*, petition_id: int, actor: User | None, reason: str) -> Petition:
    """Let people sign again after a pause."""

    def change(petition: Petition, now: datetime) -> str:
        petition.paused_at, petition.paused_words = None, ""
        return ""

    from_here = (State.PAUSED,)
    return _step(
        petition_id, action="resume", came_from=from_here, to=State.OPEN, change=change, actor=actor, reason=reason
    )


def close_petition(*, petition_id: int, actor: User | None, reason: str, only_if_due: bool = False) -> Petition:
    """Take no more signatures; those made in time can still be confirmed. `only_if_due` as for `open_petition`."""

    def change(petition: Petition, now: datetime) -> str:
        if only_if_due and (petition.closes_at is None or petition.closes_at > now):
            raise LifecycleProblem(_("Its time has not come."))
        petition.closed_at, petition.closes_at = now, None
        petition.paused_at, petition.paused_words = None, ""
        return ""

    from_here = (State.OPEN, State.PAUSED)
    return _step(
        petition_id, action="close", came_from=from_here, to=State.CLOSED, change=change, actor=actor, reason=reason
    )


def plan_closing(*, petition_id: int, closes_at: datetime | None, actor: User | None, reason: str) -> Petition:
    """Let an open or paused petition close by itself at a time to come; None takes that back."""
    state = Petition.objects.values_list("state", flat=True).get(pk=petition_id)

    def change(petition: Petition, now: datetime) -> str:
        _check_closing(closes_at, after=now)
        petition.closes_at = closes_at
        return _minute(closes_at) if closes_at else ""

    if state not in (State.OPEN, State.PAUSED):
        raise LifecycleProblem(_("Only an open or paused petition has a time at which it closes."))
    return _step(
        petition_id, action="plan closing", came_from=(state,), to=state, change=change, actor=actor, reason=reason
    )


def reopen_petition(*, petition_id: int, actor: User | None, reason: str) -> Petition:
    """Let people sign again after it was closed: not when nobody could be recognised who signed before."""

    def change(petition: Petition, now: datetime) -> str:
        _needs_its_letter(petition)
        if set(petition.retention_runs.values_list("kind", flat=True)) >= {"names", "emails"}:
            raise LifecycleProblem(
                _("Names and addresses were deleted as announced: people could sign twice. Begin a new petition.")
            )
        petition.opened_at, petition.closed_at = petition.opened_at or now, None
        petition.names_gone_at = petition.emails_gone_at = None  # there will be new ones
        return ""

    from_here = (State.CLOSED,)
    return _step(
        petition_id, action="reopen", came_from=from_here, to=State.OPEN, change=change, actor=actor, reason=reason
    )


def deliver_petition(*, petition_id: int, on: date, actor: User | None, reason: str) -> Petition:
    """Say that the letter was handed over, on a UTC day. From then on nothing more is confirmed."""

    def change(petition: Petition, now: datetime) -> str:
        if on > now.astimezone(UTC).date():
            raise LifecycleProblem(_("This day has not come yet."))
        if petition.opened_at and on < petition.opened_at.astimezone(UTC).date():
            raise LifecycleProblem(_("On this day nobody could have signed yet."))
        petition.delivered_at = datetime.combine(on, time(), UTC)
        return on.isoformat()

    from_here = (State.CLOSED,)
    return _step(
        petition_id,
        action="deliver",
        came_from=from_here,
        to=State.DELIVERED,
        change=change,
        actor=actor,
        reason=reason,
    )


def undo_delivery(*, petition_id: int, actor: User | None, reason: str) -> Petition:
    """Say that it was not delivered after all: it is closed again, and what is pending can be confirmed."""

    def change(petition: Petition, now: datetime) -> str:
        petition.delivered_at = None
        return ""

    from_here = (State.DELIVERED,)
    return _step(
        petition_id,
        action="undo delivery",
        came_from=from_here,
        to=State.CLOSED,
        change=change,
        actor=actor,
        reason=reason,
    )
