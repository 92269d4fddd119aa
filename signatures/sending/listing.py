"""Listing the recipients, a slice at a time, when those listed before have had their turn."""

from __future__ import annotations

from django.db import OperationalError, connection, transaction

from .supporters import NOT_SUPPRESSED, WANTS_UPDATES

SLICE = 500  # recipients listed in one transaction

# The sending that is to be listed further: one that runs, of an update that is public, with nobody due. Its row is
# locked, so that one worker lists and `reached` only ever rises; another one passes it by.
_NEXT = """
SELECT g.id, g.reached, g.until, u.petition_id
FROM signatures_updatesending AS g
JOIN signatures_campaignupdate AS u ON u.id = g.update_id AND u.published_at IS NOT NULL
WHERE g.state = 'running' AND NOT g.all_listed AND NOT EXISTS (
    SELECT 1 FROM signatures_updaterecipient AS r WHERE r.sending_id = g.id AND r.due_at <= now()
)
ORDER BY g.id LIMIT 1
FOR NO KEY UPDATE OF g SKIP LOCKED
"""

# SHARE, so that whoever withdraws or erases either does so before (the row is read again and drops out) or waits for
# this commit and then finds the recipient's row to delete. NOWAIT, so that this never waits with locks in its hand:
# somebody else's lock ends the statement, and the next turn tries again.
_LIST = f"""
WITH slice AS (
    SELECT s.id FROM signatures_signature AS s
    WHERE s.petition_id = %(petition)s AND {WANTS_UPDATES} AND s.id > %(reached)s AND s.id <= %(until)s
      AND {NOT_SUPPRESSED}
    ORDER BY s.id LIMIT %(slice)s
    FOR SHARE OF s NOWAIT
), listed AS (
    INSERT INTO signatures_updaterecipient (sending_id, signature_id, state, due_at, attempts, error)
    SELECT %(sending)s, id, 'waiting', clock_timestamp(), 0, '' FROM slice ORDER BY id
    ON CONFLICT (sending_id, signature_id) DO NOTHING
)
UPDATE signatures_updatesending AS g SET reached = last.id
FROM (SELECT id FROM slice ORDER BY id DESC LIMIT 1) AS last
WHERE g.id = %(sending)s
RETURNING (SELECT count(*) FROM slice)
"""

# Asked anew when a slice came out empty, because rows may drop out of a slice that were changed at that moment.
_NOBODY_LEFT = f"""
UPDATE signatures_updatesending AS g SET all_listed = true
WHERE g.id = %(sending)s AND NOT EXISTS (
    SELECT 1 FROM signatures_signature AS s
    WHERE s.petition_id = %(petition)s AND {WANTS_UPDATES} AND s.id > %(reached)s AND s.id <= %(until)s
      AND {NOT_SUPPRESSED}
)
"""


def list_more() -> bool:
    """List the next slice of one sending. False when there is nobody to list in any of them, or not at this moment.

    Killed at any point, it has listed a slice and noted how far it came, or neither.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_NEXT)
            row = cursor.fetchone()
            if row is None:
                return False
            sending, reached, until, petition = row
            values = {"sending": sending, "petition": petition, "reached": reached, "until": until, "slice": SLICE}
            cursor.execute(_LIST, values)
            if cursor.fetchone() is None:
                cursor.execute(_NOBODY_LEFT, values)
            return True
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != "55P03":  # lock_not_available
            raise
        return False  # somebody holds one of these signatures: the next run tries again, instead of this one spinning
