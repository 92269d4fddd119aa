"""Hold, release, invalidate and erase a selection of signatures."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from signatures.models import Job
from signatures.privacy.erasure import blank_items
from signatures.signing.review.moves import HOLD, INVALIDATE, RELEASE, TAKE_OFF, Move, move, undo

from .kinds import Step, Stepwise, register
from .selection import Selection


class Moving(Stepwise):
    """Params: {"selection": Selection.params()}. The words are those of the page that asks before it begins."""

    move: ClassVar[Move]
    moves = True
    explanation: ClassVar[Any]

    def selection(self, job: Job) -> Selection:
        return Selection.from_params(job.params["selection"])

    def step(self, job: Job, *, limit: int) -> Step:
        selection = self.selection(job)
        if selection.ids is None:
            selection = selection.narrowed(self.move.states)
        ids, cursor, finished = selection.next_ids(job.cursor, limit=limit)
        done = move(self.move, signature_ids=ids, reason=job.reason, job_id=job.pk) if ids else 0
        return Step(done=done, skipped=len(ids) - done, cursor=cursor, finished=finished)

    def undo_step(self, job: Job, *, limit: int) -> Step:
        items, back = undo(self.move, job_id=job.pk, limit=limit)
        return Step(done=back, skipped=items - back, finished=items < limit)

    def audited(self, job: Job) -> tuple[str, str]:
        """One signature that was chosen by itself stands in the audit by its id."""
        ids = job.params.get("selection", {}).get("ids", ())
        return ("signature", ids[0]) if len(ids) == 1 else super().audited(job)

    def remembered(self, job: Job) -> dict[str, Any]:
        return {"selection": self.selection(job).summary()} if "selection" in job.params else {}


@register
class Hold(Moving):
    name = "hold"
    title = _("Hold for review")
    permission = "signatures.change_signature"
    move = HOLD
    explanation = _("They leave the count until they are released. Nobody is written to.")


@register
class Release(Moving):
    name = "release"
    title = _("Release from review")
    permission = "signatures.change_signature"
    move = RELEASE
    explanation = _(
        "Each goes back to the state it came from. Who confirmed meanwhile is told that it counts; who did not "
        "gets the confirmation mail again."
    )


@register
class Invalidate(Moving):
    name = "invalidate"
    title = _("Remove as not genuine")
    permission = "signatures.invalidate_signature"
    move = INVALIDATE
    explanation = _(
        "They leave the count for good, and the public record says how many. Nobody is written to, but whoever signs "
        "with the same address again is told by mail that it is not counted, and whom to ask."
    )
    grave = True


@register
class Erase(Moving):
    name = "erase"
    title = _("Erase")
    permission = "signatures.erase_signature"
    move = TAKE_OFF
    explanation = _(
        "They leave the count now. Names and addresses are destroyed in an hour; until then it can be undone, after "
        "that by nobody."
    )
    grave = True

    def settle_step(self, job: Job, *, limit: int) -> Step:
        """The second half: destroy what the signatures hold. What somebody changed since (signed anew) is not ours."""
        if job.state == Job.State.UNDONE:
            return super().settle_step(job, limit=limit)
        items, erased = blank_items(job_id=job.pk, limit=limit)
        before = (job.result or {}).get("erased", 0)
        return Step(finished=items < limit, result={"erased": before + erased})
