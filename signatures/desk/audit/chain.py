"""The audit's chain: each entry carries a hash of itself and of the one before it.

The database appends, links and refuses every change (migration `0004_audit_chain`). Whoever can take its triggers away
could still rewrite entries, but not without changing every hash after them: a head that was noted elsewhere (the
nightly check logs it) then no longer fits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC

from signatures.models import AuditEntry


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a look at the whole chain found. `head` is the last entry's hash in hex, empty without entries."""

    entries: int
    head: str
    problems: list[str]


def verify_audit(*, expected_head: str = "") -> Verdict:
    """Follow the chain from its beginning; `expected_head` is a hash noted earlier, which must occur in it."""
    before, last, entries = b"", 0, 0
    problems: list[str] = []
    head_found = not expected_head
    for entry in _entries():
        entries += 1
        if entry.pk != last + 1:
            problems.append(f"Entries {last + 1} to {entry.pk - 1} are missing.")
        found = bytes(entry.hash or b"")
        if found != hashlib.sha256(before + _text(entry)).digest():
            problems.append(f"Entry {entry.pk} is not what was written, or does not follow the one before it.")
        before, last = found, entry.pk
        head_found = head_found or found.hex() == expected_head
    if not head_found:
        problems.append("The head that was noted is not in the chain: entries were rewritten or cut off.")
    return Verdict(entries=entries, head=before.hex(), problems=problems)


def _entries() -> Iterator[AuditEntry]:
    return AuditEntry.objects.order_by("pk").iterator(chunk_size=2000)


def _text(entry: AuditEntry) -> bytes:
    """The entry in netstrings, as the database function `signatures_audit_text` writes it."""
    parts = (
        str(entry.pk),
        entry.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f"),
        "" if entry.actor_id is None else str(entry.actor_id),
        entry.action,
        entry.object_type,
        entry.object_id,
        str(entry.count),
        entry.reason,
    )
    return b"".join(b"%d:%s," % (len(part.encode()), part.encode()) for part in parts)
