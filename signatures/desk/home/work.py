"""The jobs that staff started: whether they are at work, and what has to be looked after."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from signatures.models import Job, Petition
from signatures.templatetags.figures import figure

from ..periods import beginning
from .health import FINE, Sign
from .lists import Lists
from .todo import WAITS, WORSE, Matter


def jobs_by_state(petitions: Sequence[Petition], *, now: datetime) -> dict[str, int]:
    """How many jobs of these petitions wait, run, are paused, or failed within seven days."""
    lately = Q(state=Job.State.FAILED, created_at__gte=beginning("week", now=now))
    open_ones = Q(state__in=[*Job.ACTIVE, Job.State.PAUSED])
    jobs = Job.objects.filter(open_ones | lately, petition__in=[petition.pk for petition in petitions])
    return dict(jobs.order_by().values_list("state").annotate(Count("pk")))


def matters_of_jobs(states: dict[str, int], lists: Lists, *, language: str) -> Iterator[Matter]:
    if failed := states.get(Job.State.FAILED, 0):
        words = ngettext("%s job failed this week", "%s jobs failed this week", failed)
        yield Matter(WORSE, words % figure(failed, language), lists.to(Job, state=Job.State.FAILED))
    if paused := states.get(Job.State.PAUSED, 0):
        words = ngettext("%s job is paused", "%s jobs are paused", paused)
        yield Matter(WAITS, words % figure(paused, language), lists.to(Job, state=Job.State.PAUSED))


def sign_of_jobs(states: dict[str, int], lists: Lists, *, language: str) -> Sign:
    running, waiting = states.get(Job.State.RUNNING, 0), states.get(Job.State.WAITING, 0)
    words = _("None is at work.")
    if running or waiting:
        words = _("%(running)s at work, %(waiting)s waiting.") % {
            "running": figure(running, language),
            "waiting": figure(waiting, language),
        }
    return Sign(FINE, _("Jobs"), words, lists.to(Job))
