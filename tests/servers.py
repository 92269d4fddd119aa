"""The servers that the tests run on, started before Django reads its settings.

PostgreSQL and Valkey come from the wheels unless DATABASE_URL and REDIS_URL are set. With pytest-xdist the first
process starts them and the workers find them in the environment, each with a Redis database of its own.
"""

from __future__ import annotations

import atexit
import base64
import os
import shutil
import tempfile
from pathlib import Path

from petition.local.postgres import EmbeddedPostgres
from petition.local.valkey import EmbeddedValkey

SECRETS = ("SECRET_KEY", "LINK_KEY", "FIELD_KEY", "INDEX_KEY")


def _start() -> None:
    if os.environ.get("UNDERSIGNED_TESTS_READY"):
        return
    folder = Path(tempfile.mkdtemp(prefix="us-tests-"))
    folder.chmod(0o755)  # a PostgreSQL that runs as nobody must get through
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    if not os.environ.get("DATABASE_URL"):
        postgres = EmbeddedPostgres(folder, durable=False)
        atexit.register(postgres.discard)
        os.environ["DATABASE_URL"] = postgres.start()
    if not os.environ.get("REDIS_URL"):
        valkey = EmbeddedValkey(folder)
        atexit.register(valkey.stop)
        os.environ["REDIS_URL"] = valkey.start()
    os.environ["UNDERSIGNED_TESTS_READY"] = "1"


def _settle() -> None:
    """The environment that settings are read from: like production, with secrets of this run's own."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "petition.settings"
    os.environ["DEBUG"] = "false"
    for name in SECRETS:
        os.environ.setdefault(name, base64.b64encode(os.urandom(32)).decode())
    os.environ["PUBLIC_URL"] = "http://testserver"
    os.environ["ALLOWED_HOSTS"] = "testserver,127.0.0.1,localhost"
    os.environ["DESK_SECOND_FACTOR"] = "false"  # except where a test is about it
    # A busy machine may stop a test for a second: nothing that it counts may depend on that.
    os.environ |= {"PAGE_TTL": "60", "REDIS_TIMEOUT": "5"}
    if "STATIC_ROOT" not in os.environ:
        os.environ["STATIC_ROOT"] = tempfile.mkdtemp(prefix="us-statics-")
        atexit.register(shutil.rmtree, os.environ["STATIC_ROOT"], ignore_errors=True)
    for name in ("EMAIL_URL", "TRUSTED_PROXIES", "RATELIMIT_ENABLE"):
        os.environ.pop(name, None)
    if worker := os.environ.get("PYTEST_XDIST_WORKER", ""):
        base, _, number = os.environ["REDIS_URL"].rpartition("/")
        index = int(worker.removeprefix("gw"))
        os.environ["REDIS_URL"] = f"{base}/{(int(number or 0) + 1 + index) % 8}"
        os.environ["STACK_REDIS_URL"] = f"{base}/{8 + index % 8}"


_start()
_settle()
