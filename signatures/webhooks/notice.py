"""Notice what has happened to a petition, and put it into the outbox of every endpoint that is to hear of it."""

from __future__ import annotations

from uuid import uuid4

from django.db import connection

from signatures.models import WebhookDelivery, WebhookEndpoint

# What an event says: its kind, when it was noticed, and the petition's public figures. {more} adds what is special.
_PAYLOAD = """
jsonb_build_object(
    'type', {event},
    'timestamp', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
    'data', jsonb_build_object(
        'slug', {row}.slug, 'state', {row}.state, 'total', {row}.total, 'goal', {row}.goal,
        'countries', {row}.countries, 'version', {row}.version,
        'as_of', to_char({row}.as_of AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
    ) || {more}
)
"""
_FIGURES = """
    p.slug, p.state, p.goal, COALESCE(t.total, 0) AS total, COALESCE(t.countries, 0) AS countries,
    COALESCE(t.version, 0) AS version, COALESCE(t.as_of, now()) AS as_of
"""
_INSERT = """
INSERT INTO signatures_webhookdelivery
    (endpoint_id, event, key, message, payload, created_at, due_at, attempts, error)
"""

# One statement, so that what an endpoint has been told and the rows that tell it are never apart. Under READ COMMITTED
# an endpoint that another worker moved between our snapshot and our lock is looked at again, has been told by then and
# drops out; one that is being moved is left to who moves it. The unique key stands behind that.
#
# Many milestones passed at once are one event, of the highest. Only the folded figures are read, as readers see them.
_NOTICE = f"""
WITH seen AS (
    SELECT e.id, e.state_changes + 1 AS change, p.state <> e.state_told AS turned,
        COALESCE(t.total >= p.goal AND p.goal > e.goal_told, false) AS reached,
        COALESCE(t.total / e.step * e.step > e.milestone_told, false) AS passed,
        t.total / e.step * e.step AS milestone, {_FIGURES}
    FROM signatures_webhookendpoint AS e
    JOIN signatures_petition AS p ON p.id = e.petition_id
    LEFT JOIN signatures_tally AS t ON t.petition_id = p.id
    WHERE e.active AND p.state NOT IN ('draft', 'scheduled') AND (
        p.state <> e.state_told
        OR (t.total >= p.goal AND p.goal > e.goal_told)
        OR t.total / e.step * e.step > e.milestone_told
    )
    FOR NO KEY UPDATE OF e SKIP LOCKED
), event AS (
    SELECT id, 'petition.' || CASE state WHEN 'open' THEN 'opened' ELSE state END AS event,
        state || ':' || change AS key, '{{}}'::jsonb AS more
    FROM seen WHERE turned
    UNION ALL
    SELECT id, 'petition.milestone', 'milestone:' || milestone, jsonb_build_object('milestone', milestone)
    FROM seen WHERE passed
    UNION ALL
    SELECT id, 'petition.goal', 'goal:' || goal, '{{}}'::jsonb FROM seen WHERE reached
), told AS (
    UPDATE signatures_webhookendpoint AS e
    SET state_told = seen.state,
        state_changes = CASE WHEN seen.turned THEN seen.change ELSE e.state_changes END,
        milestone_told = CASE WHEN seen.passed THEN seen.milestone ELSE e.milestone_told END,
        goal_told = CASE WHEN seen.reached THEN seen.goal ELSE e.goal_told END
    FROM seen WHERE e.id = seen.id
)
{_INSERT}
SELECT seen.id, event.event, event.key, gen_random_uuid(),
    {_PAYLOAD.format(event="event.event", row="seen", more="event.more")}, now(), now(), 0, ''
FROM event JOIN seen ON seen.id = event.id
ON CONFLICT (endpoint_id, key) DO NOTHING
"""

_TEST = f"""
{_INSERT}
SELECT row.endpoint_id, 'test', %(key)s, gen_random_uuid(),
    {_PAYLOAD.format(event="'test'", row="row", more="'{}'::jsonb")}, now(), now(), 0, ''
FROM (
    SELECT e.id AS endpoint_id, {_FIGURES}
    FROM signatures_webhookendpoint AS e
    JOIN signatures_petition AS p ON p.id = e.petition_id
    LEFT JOIN signatures_tally AS t ON t.petition_id = p.id
    WHERE e.id = %(id)s
) AS row
"""

# Where a new endpoint starts: it hears of what happens from now on.
_START = """
UPDATE signatures_webhookendpoint AS e
SET state_told = p.state,
    milestone_told = COALESCE(t.total / e.step * e.step, 0),
    goal_told = CASE WHEN t.total >= p.goal THEN p.goal ELSE 0 END
FROM signatures_petition AS p LEFT JOIN signatures_tally AS t ON t.petition_id = p.id
WHERE p.id = e.petition_id AND e.id = %s
"""


def notice() -> int:
    """Make due what is to be told; returns how many events. Safe to run twice and in any number of workers."""
    with connection.cursor() as cursor:
        cursor.execute(_NOTICE)
        return cursor.rowcount


def start_from_now(endpoint: WebhookEndpoint) -> None:
    """Take what has happened already as told."""
    with connection.cursor() as cursor:
        cursor.execute(_START, [endpoint.pk])


def send_test(endpoint: WebhookEndpoint) -> WebhookDelivery:
    """Make a test event due for one endpoint, with the figures of now."""
    key = f"test:{uuid4().hex}"
    with connection.cursor() as cursor:
        cursor.execute(_TEST, {"key": key, "id": endpoint.pk})
    return WebhookDelivery.objects.get(endpoint=endpoint, key=key)
