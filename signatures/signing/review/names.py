"""Names on the public list: looked at by staff, shown in batches, in an order that tells nothing.

- A name is shown only while its signature is counted, its owner wants it shown, and it is the very name that staff
  approved. All three are asked of the signature itself, so whatever takes one away takes the name off at once.
- **Approved names join the list once a day, at least a country threshold of them together, in the order of random
  places.** The total moves as people confirm; if a name appeared soon after, or next to those who signed with it,
  whoever watches could tell when (and with the map, perhaps where) its owner signed. A rest smaller than that waits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from heapq import nsmallest
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection, transaction
from django.db.models import OuterRef
from django.utils.translation import pgettext

from signatures.models import NAME_WAITS, AuditEntry, NameReview, Petition, Signature
from signatures.privacy.personal import signer_of
from signatures.privacy.sealing import Unreadable


@dataclass(frozen=True, slots=True)
class Waiting:
    """A name to look at. `digest` stands for the sealed name that is shown, and goes back with the verdict."""

    signature_id: UUID
    petition: str
    language: str
    signed_at: datetime
    digest: bytes = field(repr=False)
    name: str = field(repr=False)  # empty when it can no longer be read


def waiting_names(*, most: int, petition_ids: Iterable[int]) -> list[Waiting]:
    """The names of some petitions that waited longest.

    Looked for in each petition by itself: asked for several at once in the order of ids, PostgreSQL would read all
    signatures from the oldest on, and not the index over those alone.
    """
    oldest = Signature.objects.filter(NAME_WAITS, petition=OuterRef("pk")).order_by("id").values("pk")[:most]
    each = Petition.objects.filter(pk__in=list(petition_ids)).order_by()
    found = each.annotate(ids=ArraySubquery(oldest)).values_list("ids", flat=True)
    ids = nsmallest(most, (pk for petition in found for pk in petition))
    rows = Signature.objects.filter(NAME_WAITS, pk__in=ids).select_related("petition").order_by("id")
    return [
        Waiting(
            signature_id=row.id,
            petition=row.petition.slug,
            language=row.language,
            signed_at=row.created_at,
            digest=_digest(row),
            name=_name(row),
        )
        for row in rows
    ]


def name_standing(signature: Signature) -> str:
    """What became of the signer's wish to be shown, in words for that person; empty without such a wish."""
    if not signature.show_name:
        return ""
    review = NameReview.objects.filter(pk=signature.pk).first()
    if review is None or bytes(review.name_digest) != _digest(signature):
        return pgettext("name", "not read by the campaign yet")
    if review.verdict == NameReview.Verdict.REFUSED:
        return pgettext("name", "refused by the campaign: %(reason)s") % {"reason": review.get_reason_display()}
    return pgettext("name", "shown") if review.public else pgettext("name", "approved, shown with the next group")


def _digest(signature: Signature) -> bytes:
    """As PostgreSQL's sha256() makes it."""
    return hashlib.sha256(bytes(signature.name_sealed or b"")).digest()


def _name(row: Signature) -> str:
    try:
        return signer_of(row).name
    except Unreadable:
        return ""


# Guarded by the digest: a name that changed since the page was shown stays in the queue. The place is drawn anew with
# each verdict, from PostgreSQL's strong source of chance.
_JUDGE = """
WITH seen AS (
    UPDATE signatures_signature AS s SET name_reviewed = judged.digest
    FROM unnest(%(ids)s::uuid[], %(digests)s::bytea[]) AS judged (id, digest)
    WHERE s.id = judged.id AND sha256(s.name_sealed) = judged.digest
      AND s.state = 'confirmed' AND s.show_name AND s.name_reviewed IS DISTINCT FROM judged.digest
    RETURNING s.id, s.petition_id, s.name_reviewed
)
INSERT INTO signatures_namereview (
    signature_id, petition_id, name_digest, verdict, reason, reviewed_by_id, reviewed_at, place, public
)
SELECT id, petition_id, name_reviewed, %(verdict)s, %(reason)s, %(actor)s, now(), gen_random_uuid(), false FROM seen
ON CONFLICT (signature_id) DO UPDATE SET
    name_digest = EXCLUDED.name_digest, verdict = EXCLUDED.verdict, reason = EXCLUDED.reason,
    reviewed_by_id = EXCLUDED.reviewed_by_id, reviewed_at = EXCLUDED.reviewed_at, place = EXCLUDED.place, public = false
"""


def approve_names(names: Iterable[tuple[UUID, bytes]], *, actor: User | None) -> int:
    """Let names, each given by signature and digest, join the list with the next batch; returns how many."""
    return _judge(names, verdict=NameReview.Verdict.SHOWN, reason="", actor=actor)


def refuse_names(names: Iterable[tuple[UUID, bytes]], *, reason: str, actor: User | None) -> int:
    """Keep names off the list; the signatures count as before. Raises ValueError without one of `NameReview.Reason`."""
    if reason not in NameReview.Reason.values:
        raise ValueError("Say why.")
    return _judge(names, verdict=NameReview.Verdict.REFUSED, reason=reason, actor=actor)


def _judge(names: Iterable[tuple[UUID, bytes]], *, verdict: str, reason: str, actor: User | None) -> int:
    judged = list(names)
    ids = [each for each, _digest in judged]
    values: Any = {
        "ids": ids,
        "digests": [digest for _id, digest in judged],
        "verdict": verdict,
        "reason": reason,
        "actor": actor.pk if actor else None,
    }
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_JUDGE, values)
            count = cursor.rowcount
        if count:
            _record("approve" if verdict == NameReview.Verdict.SHOWN else "refuse", ids, count, reason, actor)
    return count


def review_again(*, signature_ids: Iterable[UUID], reason: str, actor: User | None) -> int:
    """Take verdicts back: shown names leave the list at once, and all of them wait in the queue again."""
    if not reason.strip():
        raise ValueError("Say why.")
    ids = list(signature_ids)
    with transaction.atomic():
        count, _each = NameReview.objects.filter(pk__in=ids).delete()
        Signature.objects.filter(pk__in=ids).update(name_reviewed=None)
        if count:
            _record("review again", ids, count, reason.strip(), actor)
    return count


def _record(action: str, ids: list[UUID], count: int, reason: str, actor: User | None) -> None:
    AuditEntry.objects.create(
        actor=actor,
        action=action,
        object_type="name",
        object_id=str(ids[0]) if len(ids) == 1 else "",
        count=count,
        reason=reason[:200],
    )


# Only names that would be on the list count towards a batch, and only those join it.
_PUBLISH = """
WITH ready AS (
    SELECT r.signature_id, r.petition_id FROM signatures_namereview AS r
    JOIN signatures_signature AS s ON s.id = r.signature_id
    WHERE r.verdict = 'shown' AND NOT r.public
      AND s.state = 'confirmed' AND s.show_name AND sha256(s.name_sealed) = r.name_digest
), due AS (
    SELECT p.id FROM signatures_petition AS p JOIN ready ON ready.petition_id = p.id
    GROUP BY p.id HAVING count(*) >= p.country_threshold
)
UPDATE signatures_namereview AS r SET public = true
FROM ready JOIN due ON due.id = ready.petition_id
WHERE r.signature_id = ready.signature_id AND r.verdict = 'shown' AND NOT r.public
"""


def publish_names() -> int:
    """Let the approved names of every petition that has enough of them join its list; returns how many did."""
    with connection.cursor() as cursor:
        cursor.execute(_PUBLISH)
        return cursor.rowcount
