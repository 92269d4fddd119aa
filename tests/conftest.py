"""What every test starts from: nothing remembered from the one before."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django
import pytest
from django.conf import settings

from petition.catalogues import compile_all
from tests import servers  # noqa: F401  before Django reads its settings
from tests.stack import Stack

django.setup()  # pytest-django would do so after other conftests have imported models
# The workers of pytest-xdist inherit our environment. Found there, this name would make pytest-django read the settings
# before `servers` gave the worker a Redis database of its own.
os.environ.pop("DJANGO_SETTINGS_MODULE")
assert os.environ["REDIS_URL"] == settings.REDIS_URL, "the settings were read too early"
compile_all()  # a language that Django has read once stays as it was read


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """Processes remember pages, letters, figures and consent texts for a second or more; tests do not."""
    from django.core.cache import cache

    from petition import redis
    from signatures.counter import answers, data
    from signatures.letters import read, updates
    from signatures.record import ready
    from signatures.signing.form import consent
    from signatures.signing.guard import pressure, watching
    from signatures.signing.pages import letter_page, picture
    from signatures.tally import published, snapshot

    redis.wake()
    try:  # petitions of earlier tests had the same ids
        for forgotten in ("tally:*", "pressure:*", "guard:*"):
            redis.ask(lambda client, names=forgotten: [client.delete(key) for key in client.scan_iter(names)])
    except redis.Unavailable:
        redis.wake()
    for memory in (read._published, read._open, letter_page._ready, picture._drawn, consent._cache):
        memory.clear()
    cache.clear()
    snapshot.forget()
    published.forget()
    updates.forget()
    pressure.forget()
    watching.forget()
    answers.forget()
    data.forget()
    ready.forget()


@pytest.fixture(scope="session", autouse=True)
def _statics_without_a_build() -> None:
    """Templates name static files as they are: nothing was collected for a test."""
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """A test that commits is cleaned up after with TRUNCATE, which the audit refuses everywhere else."""
    from django.db import connection

    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE signatures_auditentry DISABLE TRIGGER audit_not_emptied")


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The product's own processes on a database of their own, for tests that only look and sign."""
    running = Stack(tmp_path_factory.mktemp("stack"))
    running.start()
    yield running
    running.stop()


@pytest.fixture
def own_stack(tmp_path: Path) -> Iterator[Stack]:
    """A stack with a PostgreSQL and a Valkey of its own, for tests that stop, freeze and kill its parts."""
    running = Stack(tmp_path, own_servers=True)
    running.start()
    yield running
    running.stop()
