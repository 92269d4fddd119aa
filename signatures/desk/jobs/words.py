"""What a job is and how far it has come, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from signatures.models import Job, Rule, Signature
from signatures.signing.countries.names import country_name
from signatures.signing.guard.watching import reason_of, rule_in
from signatures.templatetags.figures import figure

from .kinds import kinds
from .selection import NOT_SAID

HELD_REASONS = {
    "trap": gettext_lazy("a hidden field was filled in"),
    "patience": gettext_lazy("many from one network, without proof of work"),
    "domain": gettext_lazy("many addresses of one mail domain"),
    "rule": gettext_lazy("held by a rule that watches"),
    "staff": gettext_lazy("held by staff"),
}
MAILS = {
    "due": gettext_lazy("waiting to be sent"),
    "failed": gettext_lazy("failed, will be tried again"),
    "bounced": gettext_lazy("bounced"),
    "sent": gettext_lazy("sent"),
}


def names_of_rules(reasons: Iterable[str], *, petition_id: int | None = None) -> dict[str, str]:
    """The present names of the rules that stand in reasons, by reason; of one petition's, if it is named. No query
    where no rule is among them.
    """
    ids = {rule for reason in reasons if (rule := rule_in(reason))}
    if not ids:
        return {}
    rules = Rule.objects.filter(pk__in=ids)
    rules = rules if petition_id is None else rules.filter(petition_id=petition_id)
    return {reason_of(pk): name for pk, name in rules.values_list("pk", "name")}


def reason_in_words(reason: str, rules: Mapping[str, str]) -> str:
    """What a list was narrowed to: a key of HELD_REASONS, or a rule's reason, as `held_by_rule` has it."""
    return held_by_rule(reason, rules) if rule_in(reason) else str(HELD_REASONS.get(reason, reason))


def held_by_rule(reason: str, rules: Mapping[str, str]) -> str:
    """A rule's reason in words; its name stands in `rules` if it is there still."""
    name = rules.get(reason)
    return _("held by the rule “%(name)s”") % {"name": name} if name else _("held by a rule that was deleted")


def title_of(job: Job) -> str:
    """What it does, as on the button that began it."""
    kind = kinds().get(job.kind)
    return str(kind.title) if kind else job.kind


def state_of(job: Job) -> str:
    """Its state, and which way it goes."""
    if job.undoing and job.state in Job.ACTIVE:
        return _("being undone")
    if job.undoing and job.state in (Job.State.PAUSED, Job.State.FAILED):
        return _("%(state)s, half undone") % {"state": job.get_state_display()}
    if job.state == Job.State.WAITING and job.error:
        return _("failed, will be tried again")
    return str(job.get_state_display())


def progress_of(job: Job) -> tuple[int, int | None]:
    """How many are through, and of how many; None when nobody knows."""
    if job.undoing:
        return job.undone + job.not_undone, job.done
    if job.state == Job.State.DONE:
        return job.done + job.skipped, job.done + job.skipped
    through = job.done + job.skipped
    return through, None if job.total is None else max(job.total, through)


def counted(number: int) -> dict[str, str]:
    """A number as it stands in a sentence."""
    return {"count": figure(number, get_language() or "en")}


def not_undone(job: Job) -> list[str]:
    """That some could not be undone, if so."""
    text = ngettext(
        "%(count)s could not be undone: it was changed since.",
        "%(count)s could not be undone: they were changed since.",
        job.not_undone,
    )
    return [text % counted(job.not_undone)] if job.not_undone else []


def come_to(job: Job) -> list[str]:
    """What it has come to so far, in whole sentences."""
    kind = kinds().get(job.kind)
    if kind and (own := kind.come_to(job)) is not None:
        return own
    said = []
    if job.moves and job.done:
        said.append(
            ngettext("%(count)s signature was moved.", "%(count)s signatures were moved.", job.done) % counted(job.done)
        )
    if job.skipped:
        text = ngettext(
            "%(count)s stayed as it was: its state did not allow it.",
            "%(count)s stayed as they were: their state did not allow it.",
            job.skipped,
        )
        said.append(text % counted(job.skipped))
    if job.undoing:
        said.append(ngettext("%(count)s is back.", "%(count)s are back.", job.undone) % counted(job.undone))
    said += not_undone(job)
    if erased := (job.result or {}).get("erased"):
        text = ngettext(
            "The personal data of %(count)s signature is destroyed.",
            "The personal data of %(count)s signatures is destroyed.",
            erased,
        )
        said.append(text % counted(erased))
    if unreadable := (job.result or {}).get("unreadable"):
        text = ngettext(
            "%(count)s name could not be read: a key is missing.",
            "%(count)s names could not be read: a key is missing.",
            unreadable,
        )
        said.append(text % counted(unreadable))
    return said


def minutes_left(job: Job) -> int:
    """Whole minutes in which it can still be undone; 0 when that is over or does not end yet."""
    if job.undo_until is None:
        return 0
    return max(0, int((job.undo_until - timezone.now()).total_seconds() // 60))


def conditions(selection: dict[str, Any]) -> list[tuple[str, str]]:
    """A selection's params as labels and values; also those of a job whose selection was cut to what may be kept."""
    language = get_language() or "en"
    states = dict(Signature.State.choices)
    said = []
    if chosen := selection.get("chosen") or len(selection.get("ids", ())):
        said.append((_("chosen"), ngettext("%d signature", "%d signatures", chosen) % chosen))
    if values := selection.get("states"):
        said.append((_("state"), ", ".join(str(states.get(each, each)) for each in values)))
    if values := selection.get("countries"):
        names = (country_name(None if code == NOT_SAID else code, language) for code in values)
        said.append((_("country"), ", ".join(names)))
    if moment := selection.get("signed_from"):
        said.append((_("signed from"), _moment(moment)))
    if moment := selection.get("signed_before"):
        said.append((_("signed before"), _moment(moment)))
    if moment := selection.get("confirmed_from"):
        said.append((_("confirmed from"), _moment(moment)))
    if selection.get("domain_index"):
        said.append((_("mail domain"), _("one mail domain")))
    if selection.get("paper"):
        said.append((_("on paper"), _("those alone")))
    if source := selection.get("source"):
        said.append((_("source tag"), source))
    if reason := selection.get("held_reason"):
        said.append((_("reason it is held"), reason_in_words(reason, _names_of_its_rules(selection))))
    if mail := selection.get("mail"):
        said.append((_("mail"), str(MAILS.get(mail, mail))))
    return said or [(_("chosen"), _("all signatures of the petition"))]


def _names_of_its_rules(selection: dict[str, Any]) -> dict[str, str]:
    """Of the selection's petition alone: what is in a selection may have been sent by anybody at the desk."""
    return names_of_rules([selection["held_reason"]], petition_id=selection.get("petition_id", 0))


def _moment(text: str) -> str:
    return date_format(timezone.localtime(datetime.fromisoformat(text)), "DATETIME_FORMAT")
