"""Sign: one statement that stores a signature and makes its mail due."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from uuid_utils.compat import uuid7

from petition.database import run_prepared
from signatures.privacy.indexes import email_index, person_index
from signatures.privacy.sealing import seal


@dataclass(frozen=True, slots=True)
class Signed:
    """What became of a form: the row it made, or None where it met an earlier row or a suppressed address.

    The answer to the signer must not depend on it.
    """

    created: UUID | None


# What a form sent again replaces while the signature is unconfirmed or withdrawn.
_REPLACED = ",\n    ".join(
    f"{column} = CASE WHEN s.state IN ('pending', 'withdrawn') THEN EXCLUDED.{column} ELSE s.{column} END"
    for column in (
        *("name_sealed", "email_sealed", "email_index", "country", "language"),
        *("show_name", "hand_over", "wants_updates", "source", "consent_id", "consented_at", "created_at"),
    )
)

# Under concurrency: the unique constraint makes twenty forms of one person one row; the first inserts, the others
# wait for it and update. Every outcome (new, pending, confirmed, held, withdrawn, suppressed) is one statement that
# writes one row and commits once, so that none is quicker than another.
#
# The mail: a row whose mail is due already is left alone; else it is due now, unless one went out a short while ago or
# enough have. A counted or held signature changes nothing but that: its owner learns by mail, nobody else does.
_SIGN = f"""
WITH refused AS (
    UPDATE signatures_suppression SET last_tried_on = CURRENT_DATE
    WHERE petition_id = %(petition_id)s AND person_index = %(person_index)s
    RETURNING 1
)
INSERT INTO signatures_signature AS s (
    id, petition_id, state, name_sealed, email_sealed, email_index, person_index, country, language,
    show_name, hand_over, wants_updates, source, consent_id, consented_at, revision, created_at,
    held_from, held_reason, mail_due_at, mail_attempts, mail_count, mail_error
)
SELECT
    %(id)s, %(petition_id)s, 'pending', %(name_sealed)s, %(email_sealed)s, %(email_index)s, %(person_index)s,
    %(country)s, %(language)s, %(show_name)s, %(hand_over)s, %(wants_updates)s, %(source)s, %(consent_id)s,
    now(), 0, now(), '', '', now(), 0, 0, ''
WHERE NOT EXISTS (SELECT 1 FROM refused)
ON CONFLICT (petition_id, person_index) DO UPDATE SET
    {_REPLACED},
    revision = CASE WHEN s.state IN ('pending', 'withdrawn') THEN (s.revision + 1) %% 32767 ELSE s.revision END,
    state = CASE WHEN s.state = 'withdrawn' THEN 'pending' ELSE s.state END,
    confirmed_at = CASE WHEN s.state = 'withdrawn' THEN NULL ELSE s.confirmed_at END,
    withdrawn_at = NULL,
    bounced_at = NULL,
    mail_attempts = CASE WHEN s.mail_due_at IS NULL THEN 0 ELSE s.mail_attempts END,
    mail_due_at = CASE
        WHEN s.mail_due_at IS NOT NULL THEN s.mail_due_at
        WHEN s.mail_count >= %(mails)s THEN NULL
        WHEN s.mail_sent_at > now() - make_interval(secs => %(again_after)s) THEN NULL
        ELSE now()
    END
RETURNING s.id, xmax = 0
"""


def sign(
    *,
    petition_id: int,
    name: str,
    email: str,
    country: str | None,
    language: str,
    show_name: bool = False,
    hand_over: bool = False,
    wants_updates: bool = False,
    source: str = "",
    consent_id: int,
) -> Signed:
    """Store a checked form as a pending signature whose confirmation mail is due at once.

    `name`, `email`, `country`, `source` have passed their checks. Safe to repeat. Raises only when PostgreSQL is away.
    """
    person = person_index(email)
    signature_id = uuid7()
    values = {
        "id": signature_id,
        "petition_id": petition_id,
        "name_sealed": seal(name, petition_id=petition_id, person_index=person, field="name"),
        "email_sealed": seal(email, petition_id=petition_id, person_index=person, field="email"),
        "email_index": email_index(email),
        "person_index": person,
        "country": country,
        "language": language,
        "show_name": show_name,
        "hand_over": hand_over,
        "wants_updates": wants_updates,
        "source": source,
        "consent_id": consent_id,
        "mails": settings.MAIL_PER_SIGNATURE,
        "again_after": settings.MAIL_AGAIN_AFTER,
    }
    _count, rows = run_prepared(_SIGN, values)
    return Signed(created=rows[0][0] if rows and rows[0][1] else None)
