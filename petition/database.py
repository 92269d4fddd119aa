"""Two things about connections: a statement that runs prepared, and a lost connection noticed in time.

A connection that PostgreSQL has closed is noticed before it is used, without a query. Health checks by `SELECT 1` cost
a round trip on every request. A connection whose server went away has something to read (the end of the stream), which
one poll of its socket tells; the next query then opens a new one. So a restart of PostgreSQL costs no request after it
is back.
"""

from __future__ import annotations

import select
from typing import Any

import psycopg
from django.core.signals import request_started
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.dispatch import receiver


@receiver(request_started)
def drop_dead_connections(**_kwargs: Any) -> None:
    """Close the thread's connection if its server has closed it; costs no query, and some microseconds."""
    wrapper = connections[DEFAULT_DB_ALIAS]
    raw = wrapper.connection
    if raw is None or wrapper.in_atomic_block:
        return
    if raw.closed:
        wrapper.close()
        return
    poll = select.poll()
    poll.register(raw.fileno(), select.POLLIN | select.POLLHUP | select.POLLERR)
    if poll.poll(0):
        wrapper.close()


def run_prepared(statement: str, values: dict[str, Any]) -> tuple[int, list[tuple[Any, ...]]]:
    """Run one of the few statements that carry the load, prepared on the server; (rows affected, rows returned).

    Django's own cursors write the values into the text, which PostgreSQL then plans anew: for signing that is half of
    its time. Joins a transaction that is open; raises Django's database errors. Set DATABASE_PREPARE_THRESHOLD=0 behind
    a pooler that hands each transaction another connection.
    """
    connection.ensure_connection()
    raw = connection.connection
    with connection.wrap_database_errors, psycopg.Cursor(raw) as cursor:
        cursor.execute(statement, values, prepare=raw.prepare_threshold is not None)
        return cursor.rowcount, cursor.fetchall() if cursor.description else []
