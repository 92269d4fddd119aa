"""What is done with a checked form: taken, taken and held for review, or given back with something to do first.

Nothing here looks at whether the address has signed, so nothing in the answer can tell. A doubtful form is stored, held
with a reason that staff see, and its owner is told "under review": it may be a person with an odd browser. Nobody is
turned away for where they come from; Tor's exits are networks like any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.http import HttpRequest

from .limits import limited
from .patience import make_pass, read_pass
from .pressure import measure
from .proof import make_challenge, read_proof
from .watching import Newcomer, held_by

TRAP = "website"  # a field that people neither see nor reach


class Doubt(StrEnum):
    """Why the guard holds a signature as it is made, in the words that are stored with it. A rule's: `watching`."""

    TRAP = "a field that people do not see was filled in"
    PATIENCE = "many from one network, without proof of work"
    DOMAIN = "many addresses of one mail domain"


@dataclass(frozen=True, slots=True)
class Asked:
    """What stands in a form that was given back: a challenge for a script, a pass and a wait for everybody else."""

    challenge: str
    token: str
    wait: int
    by_itself: bool  # whether the script may send the form when it is done; not twice, or it could go on for ever


@dataclass(frozen=True, slots=True)
class Judgement:
    """`busy` or `asked`: nothing is to be stored. Else sign, held if there is a doubt, spending `spends`."""

    busy: bool = False
    asked: Asked | None = None
    doubt: str = ""  # the reason to store
    spends: tuple[bytes, ...] = ()


def judge(request: HttpRequest, *, petition_id: int, new: Newcomer, form: Mapping[str, str]) -> Judgement:
    """What to do with a form whose fields, those in `new`, have passed their checks. Counts it."""
    pressure = measure(request, petition_id=petition_id, domain=new.email.rpartition("@")[2])
    if pressure.busy:
        return Judgement(busy=True)
    doubt = ""
    if form.get(TRAP):
        doubt = Doubt.TRAP
    elif pressure.domain_overrun:
        doubt = Doubt.DOMAIN
    spends: tuple[bytes, ...] = ()
    if pressure.high:
        if proof := read_proof(form.get("proof", ""), petition_id=petition_id):
            spends = (proof,)
        else:
            waited = read_pass(form.get("pass", ""), petition_id=petition_id)
            if waited is None or waited.wait:
                return ask(petition_id=petition_id, form=form)
            spends = (waited.nonce,)
            if limited(request, action="patience"):
                doubt = doubt or Doubt.PATIENCE
    by_rule = held_by(new, petition_id=petition_id, request=request)  # asked whatever the doubt: it costs all the same
    return Judgement(doubt=doubt or by_rule, spends=spends)


def ask(*, petition_id: int, form: Mapping[str, str], anew: bool = False) -> Judgement:
    """Give the form back with a challenge; who is waiting already goes on waiting, unless it has to begin `anew`."""
    waiting = None if anew else read_pass(form.get("pass", ""), petition_id=petition_id)
    waiting = waiting or make_pass(petition_id=petition_id)
    return Judgement(
        asked=Asked(
            challenge=make_challenge(petition_id=petition_id),
            token=waiting.token,
            wait=waiting.wait,
            by_itself=not form.get("proof"),
        )
    )
