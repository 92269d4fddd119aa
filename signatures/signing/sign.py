"""Sign: one statement that stores a signature and makes its mail due."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from uuid_utils.compat import uuid7

from petition.database import run_prepared
from signatures.privacy.indexes import domain_index, email_index, person_index
from signatures.privacy.sealing import seal


@dataclass(frozen=True, slots=True)
class Signed:
    """What became of a form: the row it made, or None where it met an earlier row or a suppressed address.

    The answer to the signer must not depend on it. `spent` is False when a proof that came with the form had been used
    for somebody else before: then nothing was stored.
    """

    created: UUID | None
    spent: bool = True


# What a form sent again replaces while the signature is unconfirmed or withdrawn. A doubtful form changes no signature
# that was made without doubt: nobody can have somebody else's held.
_RENEWED = "(s.state = 'withdrawn' OR (s.state = 'pending' AND EXCLUDED.state = 'pending'))"
_REPLACED = ",\n    ".join(
    f"{column} = CASE WHEN {_RENEWED} THEN EXCLUDED.{column} ELSE s.{column} END"
    for column in (
        *("name_sealed", "email_sealed", "email_index", "domain_index", "country", "language"),
        *("show_name", "hand_over", "wants_updates", "source", "consent_id", "consented_at", "created_at"),
    )
)

# Under concurrency: the unique constraint makes twenty forms of one person one row; the first inserts, the others
# wait for it and update. Every outcome (new, pending, confirmed, held, withdrawn, removed, suppressed) is one statement
# that writes one row and commits once, so that none is quicker than another.
#
# The mail: a row whose mail is due already is left alone; else it is due now, unless one went out a short while ago or
# enough have (this day, or in all). A counted, held or removed signature changes nothing but that: its owner learns by
# mail, nobody else does.
_REFUSED = """
WITH refused AS (
    UPDATE signatures_suppression SET last_tried_on = CURRENT_DATE
    WHERE petition_id = %(petition_id)s AND person_index = %(person_index)s
    RETURNING 1
)"""
_STORE = f"""
INSERT INTO signatures_signature AS s (
    id, petition_id, state, name_sealed, email_sealed, email_index, person_index, domain_index, country,
    language, show_name, hand_over, wants_updates, source, consent_id, consented_at, revision, created_at,
    held_at, held_from, held_reason, mail_due_at, mail_attempts, mail_count, mail_error
)
SELECT
    %(id)s, %(petition_id)s, CASE %(held_reason)s::text WHEN '' THEN 'pending' ELSE 'held' END,
    %(name_sealed)s, %(email_sealed)s, %(email_index)s, %(person_index)s, %(domain_index)s, %(country)s,
    %(language)s, %(show_name)s, %(hand_over)s, %(wants_updates)s, %(source)s, %(consent_id)s, now(), 0, now(),
    CASE %(held_reason)s::text WHEN '' THEN NULL ELSE now() END,
    CASE %(held_reason)s::text WHEN '' THEN '' ELSE 'pending' END, %(held_reason)s, now(), 0, 0, ''
WHERE NOT EXISTS (SELECT 1 FROM refused) {{and_spent}}
ON CONFLICT (petition_id, person_index) DO UPDATE SET
    {_REPLACED},
    revision = CASE WHEN {_RENEWED} THEN (s.revision + 1) %% 32767 ELSE s.revision END,
    state = CASE WHEN s.state = 'withdrawn' THEN EXCLUDED.state ELSE s.state END,
    held_at = CASE WHEN s.state = 'withdrawn' THEN EXCLUDED.held_at ELSE s.held_at END,
    held_from = CASE WHEN s.state = 'withdrawn' THEN EXCLUDED.held_from ELSE s.held_from END,
    held_reason = CASE WHEN s.state = 'withdrawn' THEN EXCLUDED.held_reason ELSE s.held_reason END,
    confirmed_at = CASE WHEN s.state = 'withdrawn' THEN NULL ELSE s.confirmed_at END,
    withdrawn_at = NULL,
    bounced_at = NULL,
    mail_attempts = CASE WHEN s.mail_due_at IS NULL THEN 0 ELSE s.mail_attempts END,
    mail_due_at = CASE
        WHEN s.mail_due_at IS NOT NULL THEN s.mail_due_at
        WHEN s.mail_count >= %(mails)s THEN NULL
        WHEN s.mail_times[%(mails_a_day)s] > now() - interval '24 hours' THEN NULL
        WHEN s.mail_sent_at > now() - make_interval(secs => %(again_after)s) THEN NULL
        ELSE now()
    END
RETURNING s.id, xmax = 0
"""
_SIGN = _REFUSED + _STORE.format(and_spent="")

# With proofs to spend, in the same statement: of forms with the same proof one inserts its nonce, the others wait for
# it. The same person's then find it used for them, and are as good as a form sent again; anybody else's store nothing.
# A suppressed address spends its proof like any other, so that a second use tells nobody that it is suppressed.
_SIGN_SPENDING = f"""
{_REFUSED}, spent AS (
    INSERT INTO signatures_spentproof AS p (nonce, used_for, expires_at)
    SELECT each.nonce, each.used_for, now() + make_interval(secs => %(remembered)s)
    FROM unnest(%(nonces)s::bytea[], %(used_for)s::bytea[]) AS each (nonce, used_for)
    ON CONFLICT (nonce) DO UPDATE SET expires_at = p.expires_at WHERE p.used_for = EXCLUDED.used_for
    RETURNING 1
), stored AS ({_STORE.format(and_spent="AND (SELECT count(*) FROM spent) = cardinality(%(nonces)s::bytea[])")})
SELECT stored.id, stored.created, spending.done
FROM (SELECT count(*) = cardinality(%(nonces)s::bytea[]) AS done FROM spent) AS spending
LEFT JOIN stored AS stored (id, created) ON true
"""
REMEMBERED = 3 * 3600  # seconds: longer than anything to be spent is good for


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
    held_because: str = "",
    spends: Sequence[bytes] = (),
) -> Signed:
    """Store a checked form as a pending signature whose confirmation mail is due at once.

    `name`, `email`, `country`, `source` have passed their checks. With `held_because` a new signature is held for that
    reason, and its mail says so. `spends` are nonces of proofs, each good for one person. Safe to repeat. Raises only
    when PostgreSQL is away.
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
        "domain_index": domain_index(email),
        "country": country,
        "language": language,
        "show_name": show_name,
        "hand_over": hand_over,
        "wants_updates": wants_updates,
        "source": source,
        "consent_id": consent_id,
        "held_reason": held_because,
        "mails_a_day": settings.MAIL_PER_DAY,
        "mails": settings.MAIL_PER_SIGNATURE,
        "again_after": settings.MAIL_AGAIN_AFTER,
    }
    if not spends:
        _count, rows = run_prepared(_SIGN, values)
        return Signed(created=rows[0][0] if rows and rows[0][1] else None)
    nonces = sorted(spends)  # two forms with the same two never wait for each other
    values |= {
        "nonces": nonces,
        "used_for": [hashlib.blake2b(nonce, key=person, digest_size=16).digest() for nonce in nonces],
        "remembered": REMEMBERED,
    }
    _count, [(stored, created, spent)] = run_prepared(_SIGN_SPENDING, values)
    return Signed(created=stored if created else None, spent=spent)
