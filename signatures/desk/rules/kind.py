"""A rule run as a job: one kind for each of its actions, so that starting and undoing ask for that permission."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from signatures.desk.jobs.kinds import JobProblem, Step, Stepwise, register
from signatures.desk.jobs.moving import Hold, Invalidate, Moving, Release
from signatures.desk.jobs.selection import Selection
from signatures.models import Job, Rule, Signature
from signatures.signing.review.moves import move, undo

from .matching import with_such_names

NAMES_IN_A_STEP = 1000  # unsealed in one step, at most: some tens of milliseconds


class ByRule(Stepwise):
    """Params: {"rule": id, "edition": id, "selection": Selection.params()}.

    What the rule says of names stays in the rule: a pattern may be somebody's name, and params are kept with the job.
    """

    of: ClassVar[type[Moving]]
    moves = True

    def step(self, job: Job, *, limit: int) -> Step:
        rule = Rule.objects.filter(pk=job.params["rule"], edition=job.params["edition"]).first()
        if rule is None:
            raise JobProblem("The rule was changed or deleted since. Look at it and run it again.")
        selection = Selection.from_params(job.params["selection"]).narrowed(self.of.move.states)
        if rule.reads_names:
            limit = min(limit, NAMES_IN_A_STEP)
        ids, cursor, finished = selection.next_ids(job.cursor, limit=limit)
        result = None
        if rule.reads_names and ids:
            rows = Signature.objects.filter(pk__in=ids).only("petition_id", "person_index", "name_sealed")
            found, unreadable = with_such_names(rule, rows)
            ids = [row.pk for row in found]
            if unreadable:
                result = {"unreadable": (job.result or {}).get("unreadable", 0) + unreadable}
        done = move(self.of.move, signature_ids=ids, reason=job.reason, job_id=job.pk) if ids else 0
        return Step(done=done, skipped=len(ids) - done, cursor=cursor, finished=finished, result=result)

    def undo_step(self, job: Job, *, limit: int) -> Step:
        items, back = undo(self.of.move, job_id=job.pk, limit=limit)
        return Step(done=back, skipped=items - back, finished=items < limit)

    def audited(self, job: Job) -> tuple[str, str]:
        return "rule", str(job.params.get("rule", ""))

    def remembered(self, job: Job) -> dict[str, Any]:
        kept = {"rule": job.params["rule"]} if "rule" in job.params else {}
        if "selection" in job.params:
            kept["selection"] = Selection.from_params(job.params["selection"]).summary()
        return kept


@register
class HoldByRule(ByRule):
    name = "hold by rule"
    title = _("Hold by a rule")
    permission = Hold.permission
    of = Hold


@register
class ReleaseByRule(ByRule):
    name = "release by rule"
    title = _("Release by a rule")
    permission = Release.permission
    of = Release


@register
class InvalidateByRule(ByRule):
    name = "invalidate by rule"
    title = _("Remove by a rule")
    permission = Invalidate.permission
    grave = Invalidate.grave
    of = Invalidate


def kind_for(rule: Rule) -> ByRule:
    """The kind of job that does what the rule says."""
    return {"hold": HoldByRule, "release": ReleaseByRule, "invalidate": InvalidateByRule}[rule.action]()
