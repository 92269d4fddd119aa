"""Connections: a statement that runs prepared, a lock of the session, and a lost connection noticed in time.

A connection that PostgreSQL has closed is noticed before it is used, without a query. Health checks by `SELECT 1` cost
a round trip on every request. A connection whose server went away has something to read (the end of the stream), which
one poll of its socket tells; the next query then opens a new one. So a restart of PostgreSQL costs no request after it
is back.
"""

from __future__ import annotations

import select
from collections.abc import Iterator
from contextlib import contextmanager
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


@contextmanager
def session_lock(*key: int) -> Iterator[bool]:
    """Hold an advisory lock, of one or two integers, or yield False when somebody else does. Never waits.

    It belongs to the database session and not to a transaction, so a dead worker's is free, and work that commits many
    times is done by one at a time.
    """
    places = ", ".join(["%s"] * len(key))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_try_advisory_lock({places})", key)
        (ours,) = cursor.fetchone()
    try:
        yield ours
    finally:
        if ours and connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT pg_advisory_unlock({places})", key)
