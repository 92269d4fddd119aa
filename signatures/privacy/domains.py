"""The domain index of signatures that were stored before there was one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from signatures.models import Signature

from .indexes import domain_index
from .sealing import Unreadable, unseal

CHUNK = 2000  # rows read, and then written, at a time

# Guarded by the very address that was read: what was erased, signed again or filled meanwhile stays as it is.
_FILL = """
UPDATE signatures_signature AS s SET domain_index = new.domain_index
FROM unnest(%(ids)s::uuid[], %(sealed)s::bytea[], %(indexes)s::bytea[]) AS new (id, email_sealed, domain_index)
WHERE s.id = new.id AND s.domain_index IS NULL AND s.email_sealed = new.email_sealed
"""


@dataclass
class Filled:
    """How many rows have their index now, and how many addresses could not be read."""

    filled: int = 0
    unreadable: int = 0


def fill_domains(*, chunk: int = CHUNK, progress: Callable[[int], object] | None = None) -> Filled:
    """Fill `domain_index` where it is missing, oldest first, a chunk in a transaction.

    Stopped at any moment it keeps what is done, and run again it goes on: what is filled is passed over. Safe while
    people sign. `progress` is told how many rows each chunk had.
    """
    done, last = Filled(), UUID(int=0)
    waiting = Signature.objects.filter(domain_index=None, email_sealed__isnull=False, person_index__isnull=False)
    columns = ("pk", "petition_id", "person_index", "email_sealed")
    while rows := list(waiting.filter(pk__gt=last).order_by("pk").values_list(*columns)[:chunk]):
        found: list[tuple[UUID, bytes, bytes]] = []
        for pk, petition_id, person, sealed in rows:
            try:
                address = unseal(sealed or b"", petition_id=petition_id, person_index=person or b"", field="email")
                found.append((pk, bytes(sealed or b""), domain_index(address)))
            except (Unreadable, UnicodeError):
                done.unreadable += 1
        if found:
            ids, addresses, indexes = zip(*found, strict=True)
            with connection.cursor() as cursor:
                cursor.execute(_FILL, {"ids": list(ids), "sealed": list(addresses), "indexes": list(indexes)})
                done.filled += cursor.rowcount
        last = rows[-1][0]
        if progress:
            progress(len(rows))
    return done
