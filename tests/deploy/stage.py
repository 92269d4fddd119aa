"""Starting the shipped commands as their containers would, and ending them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from django.db import connection

from .proxy import free_port, wait_for_port
from .shipped import ROOT


def run(command: list[str], *, cwd: Path = ROOT, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, two minutes at most; the caller looks at its exit code and at what it said."""
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=120, check=False)


def in_folder(words: list[str], folder: Path) -> list[str]:
    """A container's command with what it writes in its own /tmp put into `folder`."""
    return [word.replace("/tmp/", f"{folder}/") for word in words]


def database_url() -> str:
    """The database that this test uses, for another process."""
    here = connection.settings_dict
    who = quote(here["USER"] or os.environ.get("USER", "postgres"), safe="")
    password = f":{quote(here['PASSWORD'], safe='')}" if here["PASSWORD"] else ""
    host = quote(here["HOST"] or "127.0.0.1", safe="")
    return f"postgres://{who}{password}@{host}:{here['PORT'] or 5432}/{here['NAME']}"


@contextmanager
def running(command: list[str], *, cwd: Path, environment: dict[str, str]) -> Iterator[int]:
    """Run a granian command on a free port until the block ends; yields the port once it listens."""
    port = free_port()
    with tempfile.NamedTemporaryFile() as errors:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=environment | {"GRANIAN_PORT": str(port)},
            stdout=errors,
            stderr=errors,
            start_new_session=True,
        )
        try:
            wait_for_port(port, process=process, errors=Path(errors.name), seconds=60)
            yield port
        except BaseException:
            # What failed here is often explained there.
            print(Path(errors.name).read_text(errors="replace")[-3000:], file=sys.stderr)
            raise
        finally:
            end(process)


def said_within(
    command: list[str],
    *,
    words: str,
    cwd: Path,
    environment: dict[str, str],
    seconds: float,
) -> tuple[str, int]:
    """Start a command, wait until it has said `words`, ask it to stop. What it said, and its exit code."""
    with tempfile.NamedTemporaryFile() as output:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        ends = time.monotonic() + seconds
        try:
            while words not in Path(output.name).read_text(errors="replace"):
                if time.monotonic() > ends or process.poll() is not None:
                    break
                time.sleep(0.1)
        finally:
            end(process)
        return Path(output.name).read_text(errors="replace"), process.returncode


def end(process: subprocess.Popen[bytes], *, seconds: float = 30) -> None:
    """SIGTERM to the process, as Docker sends it; SIGKILL to its whole group when that is not heard."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
