"""The product as it runs: web, stream, worker, beat, front and a mailbox, each its own process."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import Any

import httpx
import psycopg

from petition.local import services
from petition.local.children import Child, free_port
from petition.local.postgres import EmbeddedPostgres
from petition.local.valkey import EmbeddedValkey

QUICK = {"REDIS_TIMEOUT": "0.2", "REDIS_PAUSE": "1.0", "MAIL_LEASE": "5", "PAGE_TTL": "0.5"}
QUICK |= {"FOLD_EVERY": "0.5", "MAIL_EVERY": "0.5"}


class Mail:
    """What the stack's mailbox received."""

    def __init__(self, url: str) -> None:
        self.url = url

    def to(self, address: str = "") -> list[dict[str, Any]]:
        """Mails to an address (or all), the newest first."""
        query = {"to": address} if address else {}
        return httpx.get(f"{self.url}/api/messages", params=query, timeout=30).json()

    def wait_for(self, address: str, *, count: int = 1, seconds: float = 30) -> list[dict[str, Any]]:
        """The mails to an address once there are `count` of them."""
        deadline = time.monotonic() + seconds
        while len(mails := self.to(address)) < count:
            assert time.monotonic() < deadline, f"{len(mails)} of {count} mails to {address} after {seconds} s"
            time.sleep(0.1)
        return mails


class Stack:
    """Started on a fresh database; with `own_servers` on a PostgreSQL and a Valkey that a test may stop and freeze."""

    def __init__(self, folder: Path, *, own_servers: bool = False, **env: str) -> None:
        self.folder, self.own_servers = folder, own_servers
        self.extra = QUICK | env
        self.children: dict[str, Child] = {}

    def start(self) -> None:
        for parent in (self.folder, *self.folder.parents):
            if parent.owner() == "root" and os.getuid() == 0 and str(parent).startswith("/tmp/"):
                parent.chmod(0o755)
        if self.own_servers:
            self.postgres = EmbeddedPostgres(self.folder, durable=False)
            self.valkey = EmbeddedValkey(self.folder)
            database, redis = self.postgres.start(), self.valkey.start()
        else:
            base = os.environ["DATABASE_URL"].rpartition("/")[0]
            self.name = f"stack_{uuid.uuid4().hex[:12]}"
            with psycopg.connect(os.environ["DATABASE_URL"].rpartition("/")[0] + "/postgres", autocommit=True) as admin:
                admin.execute(f"CREATE DATABASE {self.name}")
            database = f"{base}/{self.name}"
            redis = os.environ.get("STACK_REDIS_URL") or os.environ["REDIS_URL"].rpartition("/")[0] + "/15"
        self.ports = {name: free_port() for name in ("front", "web", "stream", "smtp", "http")}
        self.url = f"http://127.0.0.1:{self.ports['front']}"
        self.mail = Mail(f"http://127.0.0.1:{self.ports['http']}")
        statics = self.folder / "static"
        self.env = os.environ | {
            "DJANGO_SETTINGS_MODULE": "petition.settings",
            "DATABASE_URL": database,
            "REDIS_URL": redis,
            "EMAIL_URL": f"smtp://127.0.0.1:{self.ports['smtp']}",
            "PUBLIC_URL": self.url,
            "TRUSTED_PROXIES": "127.0.0.1",
            "GUARD_SIGN_RATE": "100000/m",
            "GUARD_LINK_RATE": "100000/m",
            **dict.fromkeys(
                ("PRESSURE_NETWORK", "PRESSURE_DOMAIN", "PRESSURE_PETITION", "GUARD_DOMAIN_HOUR"), "100000"
            ),
            "STATIC_ROOT": str(statics),
            **self.extra,
        }
        self.env.pop("PYTEST_CURRENT_TEST", None)
        for command in (
            ["migrate", "-v0"],
            ["compilecatalogues"],
            ["collectstatic", "--no-input", "-v0"],
            ["loadcampaign"],
        ):
            self.manage(*command)
        for name in ("mailbox", "web", "stream", "worker", "beat", "front"):
            self.start_process(name)

    def start_process(self, name: str) -> None:
        shared = {"folder": self.folder, "env": self.env}
        port = self.ports
        self.children[name] = {
            "mailbox": lambda: services.start_mailbox(**shared, smtp=port["smtp"], http=port["http"]),
            "web": lambda: services.start_web(**shared, port=port["web"]),
            "stream": lambda: services.start_stream(**shared, port=port["stream"]),
            "worker": lambda: services.start_worker(**shared, processes=3),
            "beat": lambda: services.start_beat(**shared),
            "front": lambda: services.start_front(**shared, port=port["front"], web=port["web"], stream=port["stream"]),
        }[name]()

    def manage(self, *command: str) -> str:
        """Run a management command on the stack's database; its output. Raises with its errors."""
        done = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=services.ROOT,
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.env["DATABASE_URL"], autocommit=True) as connection:
            cursor = connection.execute(statement, values)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []

    def stop(self) -> None:
        for name in ("front", "beat", "worker", "web", "stream", "mailbox"):
            if child := self.children.get(name):
                child.stop(seconds=8)
        if self.own_servers:
            self.valkey.stop()
            self.postgres.discard()
        else:
            with psycopg.connect(os.environ["DATABASE_URL"].rpartition("/")[0] + "/postgres", autocommit=True) as admin:
                admin.execute(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")
