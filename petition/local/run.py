"""`make run`: everything on one machine, from nothing, until Ctrl-C.

PostgreSQL and Valkey from wheels, a mailbox, the web process, the stream process, a Celery worker and beat, and one
address in front. DATABASE_URL, REDIS_URL and EMAIL_URL each replace a part. Data stays in `.local/`.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from . import services
from .children import Child, StartFailed, answers, die_with_parent, free_port
from .postgres import EmbeddedPostgres
from .secrets import kept_secrets
from .valkey import EmbeddedValkey


class Interrupted(Exception):
    """Somebody asked us to stop before everything had started."""


class Run:
    """The children of one local run, in the order they started."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        self.children: list[Child] = []
        self.stops: list[Callable[[], None]] = []
        self.env = dict(os.environ)
        self.mailbox_url = ""

    def start(self) -> None:
        """Start all of it; raises StartFailed with words for a person."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)  # keys, and mails with links that act for a signer
        self._only_one()
        if answers(self.port):
            raise StartFailed(f"Port {self.port} is taken. Stop what uses it, or choose another: make run PORT=8010")
        say("Starting PostgreSQL, Valkey and the mailbox …")
        self._start_servers()
        self.env |= kept_secrets(self.folder) | {
            "DJANGO_SETTINGS_MODULE": "petition.settings",
            "DEBUG": "false",
            "DESK_SECOND_FACTOR": self.env.get("DESK_SECOND_FACTOR", "false"),  # the login is made anew for each run
            "PUBLIC_URL": f"http://127.0.0.1:{self.port}",
            "TRUSTED_PROXIES": "127.0.0.1",
            "STATIC_ROOT": str(self.folder / "static"),
        }
        say("Preparing the database and the pages …")
        for command in (
            ["migrate", "-v0"],
            ["compilecatalogues"],
            ["collectstatic", "--no-input", "-v0"],
            ["loadcampaign"],
        ):
            self._manage(*command)
        password = self._manage("createstaff", "staff").strip().split()[-1]
        self._keep_env()
        say("Starting web, stream, worker and beat …")
        web, stream = free_port(), free_port()
        shared: Any = {"folder": self.folder, "env": self.env}
        for start in (
            lambda: services.start_web(**shared, port=web),
            lambda: services.start_stream(**shared, port=stream),
            lambda: services.start_worker(**shared),
            lambda: services.start_beat(**shared),
            lambda: services.start_front(**shared, port=self.port, web=web, stream=stream),
        ):
            if stop_asked():
                raise Interrupted
            self._take(start())
        self._greet(password)

    def _only_one(self) -> None:
        """Two runs on one data folder would fight; the lock goes with the process, however it ends."""
        self.lock = (self.folder / "run.lock").open("w")
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StartFailed("Undersigned is running from this folder already.") from None

    def _take(self, child: Child) -> None:
        self.children.append(child)
        self.stops.append(child.stop)

    def _start_servers(self) -> None:
        if not self.env.get("DATABASE_URL"):
            postgres = EmbeddedPostgres(self.folder)
            self.stops.append(postgres.stop)
            self.env["DATABASE_URL"] = postgres.start()
            if postgres.child:
                self.children.append(postgres.child)
        if not self.env.get("REDIS_URL"):
            valkey = EmbeddedValkey(self.folder)
            self.stops.append(valkey.stop)
            self.env["REDIS_URL"] = valkey.start()
            if valkey.child:
                self.children.append(valkey.child)
        if not self.env.get("EMAIL_URL"):
            mailbox, smtp, http = services.start_mailbox_somewhere(folder=self.folder, env=self.env)
            self._take(mailbox)
            self.env["EMAIL_URL"] = f"smtp://127.0.0.1:{smtp}"
            self.mailbox_url = f"http://127.0.0.1:{http}/"

    def _manage(self, *command: str) -> str:
        """Run a management command to its end, out of Ctrl-C's reach: a migration is not for interrupting."""
        if stop_asked():
            raise Interrupted
        done = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=services.ROOT,
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
            start_new_session=True,
            preexec_fn=lambda: die_with_parent(signal.SIGTERM),
        )
        if done.returncode:
            raise StartFailed(f"manage.py {command[0]} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def _keep_env(self) -> None:
        """What `make manage` needs to talk to this run."""
        names = ("DATABASE_URL", "REDIS_URL", "EMAIL_URL", "PUBLIC_URL", "TRUSTED_PROXIES", "STATIC_ROOT")
        file = self.folder / "run.env"
        file.touch(mode=0o600)
        secret = kept_secrets(self.folder)
        values = {name: self.env[name] for name in names} | secret
        file.write_text("".join(f"{name}={shlex.quote(value)}\n" for name, value in values.items()))

    def _greet(self, password: str) -> None:
        base = self.env["PUBLIC_URL"]
        say(
            f"\n  The letter      {base}/en/xinjiang/\n"
            f"  The count       {base}/api/v1/petitions/xinjiang/tally\n"
            f"  The desk        {base}/desk/   (staff / {password})\n"
            + (f"  The mailbox     {self.mailbox_url}\n" if self.mailbox_url else "")
            + f"  All well?       {base}/readyz\n\n  Ctrl-C ends it; the data stays in {self.folder}."
        )

    def watch(self) -> int:
        """Until a child ends by itself (1) or somebody asks us to stop (0)."""
        while not stop_asked():
            for child in self.children:
                if not child.running:
                    say(f"\n{child.name} ended with {child.process.returncode}:\n{child.last_lines()}")
                    return 1
            time.sleep(0.2)
        return 0

    def stop(self) -> None:
        """The last started first: the web before the worker's servers, PostgreSQL at the end."""
        if self.stops:
            say("Stopping …")
        for stop in reversed(self.stops):
            try:
                stop()
            except Exception as problem:  # the others must end all the same
                say(f"Could not stop one: {problem!r}")


_asked: list[int] = []


def stop_asked() -> bool:
    return bool(_asked)


def _ask_to_stop(number: int, _frame: FrameType | None) -> None:
    _asked.append(number)


def say(text: str) -> None:
    print(text, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=services.ROOT / ".local")
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))
    options = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _ask_to_stop)
    run = Run(options.folder.resolve(), options.port)
    try:
        run.start()
        return run.watch()
    except Interrupted:
        return 0
    except StartFailed as problem:
        say(str(problem))
        return 1
    finally:
        run.stop()


if __name__ == "__main__":
    sys.exit(main())
