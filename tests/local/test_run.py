"""`make run` as a person meets it: started, started again, interrupted, killed."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest

from petition.local.children import free_port
from petition.local.run import Run
from petition.local.services import ROOT

# Runs on one machine prefer the same ports for their mailboxes.
pytestmark = pytest.mark.xdist_group("run")


class Running:
    """One `python -m petition.local.run` on a folder of its own."""

    def __init__(self, folder: Path, port: int):
        self.folder, self.port = folder, port
        own = {"DATABASE_URL", "REDIS_URL", "EMAIL_URL", "STATIC_ROOT"}
        env = {name: value for name, value in os.environ.items() if name not in own}
        self.log = folder.parent / f"run-{time.time_ns()}.log"
        self.started = time.monotonic()
        with self.log.open("w") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "petition.local.run", "--folder", str(folder), "--port", str(port)],
                cwd=ROOT, env=env, stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip

    def wait(self, text: str, seconds: float = 60) -> str:
        while text not in (said := self.log.read_text()):
            assert time.monotonic() - self.started < seconds, said
            assert self.process.poll() is None or text in self.log.read_text(), said
            time.sleep(0.05)
        return said

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def set_goal(self, goal: int) -> None:
        """Change something that only the database holds."""
        database = re.search(r"DATABASE_URL=(\S+)", (self.folder / "run.env").read_text())[1]
        with psycopg.connect(database) as connection:
            connection.execute("UPDATE signatures_petition SET goal = %s", [goal])

    def goal(self) -> int:
        return httpx.get(f"http://127.0.0.1:{self.port}/api/v1/petitions/xinjiang/tally").json()["goal"]

    def end(self, how: signal.Signals = signal.SIGINT) -> float:
        asked = time.monotonic()
        os.killpg(self.process.pid, how)
        self.process.wait(60)
        return time.monotonic() - asked


@pytest.fixture
def run(tmp_path):
    for parent in (tmp_path, *tmp_path.parents):
        if str(parent).startswith("/tmp/") and parent.owner() == "root" and os.getuid() == 0:
            parent.chmod(0o755)
    runs, port = [], free_port()

    def start() -> Running:
        runs.append(Running(tmp_path / "local", port))
        return runs[-1]

    yield start
    for each in runs:
        if each.process.poll() is None:
            each.end(signal.SIGTERM)


def test_it_starts_says_where_ends_on_ctrl_c_and_starts_again_quickly_with_its_data(run):
    first = run()
    said = first.wait("Ctrl-C ends it")
    base = f"http://127.0.0.1:{first.port}"
    assert f"{base}/en/xinjiang/" in said
    assert re.search(r"staff / \S{12,}", said)
    assert httpx.get(f"{base}/en/xinjiang/").status_code == 200
    assert httpx.get(f"{base}/desk/login/").status_code == 200
    assert httpx.get(f"{base}/readyz").json()["redis"] == "ok"
    mailbox = re.search(r"mailbox\s+(http\S+)", said)[1]
    assert httpx.get(mailbox).status_code == 200
    assert first.folder.stat().st_mode & 0o077 == 0
    first.set_goal(777)
    family = first.family()
    assert len(family) >= 8
    assert first.end() < 30
    _gone, alive = psutil.wait_procs(family, timeout=5)
    assert not alive

    second = run()
    second.wait("Ctrl-C ends it")
    assert time.monotonic() - second.started < 20  # under 10 s alone; other tests share these cores
    assert second.goal() == 777


@pytest.mark.parametrize("how", ["its parent alone", "everything at once"])
def test_a_killed_run_leaves_nothing_that_stops_the_next(run, how):
    first = run()
    first.wait("Ctrl-C ends it")
    first.set_goal(888)
    secrets = (first.folder / "secrets.env").read_text()
    family = first.family()
    for process in (psutil.Process(first.process.pid), *(family if how == "everything at once" else ())):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    first.process.wait()
    second = run()
    second.wait("Ctrl-C ends it")
    assert second.goal() == 888
    assert (second.folder / "secrets.env").read_text() == secrets
    ours = {process.pid for process in second.family()}
    _gone, alive = psutil.wait_procs([process for process in family if process.pid not in ours], timeout=20)
    assert not alive


@pytest.mark.parametrize("reached", ["Preparing the database", "Starting web"])
def test_ctrl_c_while_it_is_starting_ends_it_quietly(run, reached):
    first = run()
    first.wait(reached)
    family = first.family()
    assert first.end() < 30
    assert first.process.returncode == 0
    assert "Traceback" not in first.log.read_text()
    assert "failed" not in first.log.read_text()
    _gone, alive = psutil.wait_procs(family, timeout=5)
    assert not alive


def test_a_port_that_is_taken_and_a_second_run_are_said_in_words(run):
    first = run()
    first.wait("Ctrl-C ends it")
    again = run()
    assert again.process.wait(30) == 1
    assert "running from this folder already" in again.log.read_text()
    elsewhere = Running(first.folder.parent / "other", first.port)
    assert elsewhere.process.wait(30) == 1
    assert f"Port {first.port} is taken" in elsewhere.log.read_text()


def test_a_child_that_dies_is_named_and_the_rest_is_stopped(run):
    first = run()
    first.wait("Ctrl-C ends it")
    family = first.family()
    beat = next(process for process in family if "beat" in process.cmdline())
    beat.kill()
    assert first.process.wait(60) == 1
    assert "beat ended" in first.log.read_text()
    _gone, alive = psutil.wait_procs(family, timeout=5)
    assert not alive


def test_what_is_kept_is_its_owners_alone_and_passes_a_shell_as_it_is(tmp_path):
    odd = "smtp://user:p%20a$HOME'`ss@127.0.0.1:2525/?a=1&b=2"
    local = Run(tmp_path, 8000)
    local.env |= dict.fromkeys(("DATABASE_URL", "REDIS_URL", "PUBLIC_URL", "TRUSTED_PROXIES", "STATIC_ROOT"), "x")
    local.env["EMAIL_URL"] = odd
    local._keep_env()
    for name in ("secrets.env", "run.env"):
        assert (tmp_path / name).stat().st_mode & 0o077 == 0
    said = subprocess.run(
        ["sh", "-c", 'set -a; . "$0"; printenv EMAIL_URL', tmp_path / "run.env"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert said.stdout.rstrip("\n") == odd
