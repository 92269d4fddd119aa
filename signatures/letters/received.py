"""A letter that has come in and is not stored yet: what was recognised in it, and what somebody should look at."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date


@dataclass(slots=True)
class Received:
    """The letter's parts and its petition's. `doubts` says of a field what to check, in words; `left_out` is text of
    the original that stands in no field; `notes` concern the whole of it."""

    slug: str = ""
    language: str = ""
    reference: str = ""
    dated: date | None = None
    organisation: str = ""
    goal: int | None = None
    title: str = ""
    addressee: str = ""
    salutation: str = ""
    body: str = ""
    closing: str = ""
    signatory: str = ""
    signatory_title: str = ""
    translator: str = ""
    doubts: dict[str, str] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
