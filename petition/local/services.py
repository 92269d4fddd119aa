"""The product's own processes, as `make run`, the tests and the bench start them."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

from . import front, mailbox
from .children import Child, StartFailed, answers, free_port

ROOT = Path(__file__).resolve().parent.parent.parent
BIN = Path(sys.executable).parent


def _child(name: str, argv: list[str], *, folder: Path, env: dict[str, str], stop_with: signal.Signals) -> Child:
    log = folder / "logs" / f"{name}.log"
    return Child(name, argv, log=log, env=env, cwd=ROOT, stop_with=stop_with)


def start_mailbox(*, folder: Path, env: dict[str, str], smtp: int, http: int) -> Child:
    argv = [sys.executable, "-m", "petition.local.mailbox", "--smtp", str(smtp), "--http", str(http)]
    argv += ["--folder", str(folder / "mail")]
    child = _child("mailbox", argv, folder=folder, env=env, stop_with=signal.SIGTERM)
    child.wait_until(lambda: mailbox.LISTENING in child.said())  # another program might answer in its stead
    return child


def start_mailbox_somewhere(*, folder: Path, env: dict[str, str]) -> tuple[Child, int, int]:
    """On the usual ports when nobody has them; returns (child, SMTP port, HTTP port)."""
    try:
        smtp, http = some_port(1025), some_port(8025)
        return start_mailbox(folder=folder, env=env, smtp=smtp, http=http), smtp, http
    except StartFailed:  # somebody took one at the same moment
        smtp, http = free_port(), free_port()
        return start_mailbox(folder=folder, env=env, smtp=smtp, http=http), smtp, http


def granian(interface: str, application: str, port: int, *, threads: int) -> list[str]:
    """The command that serves `application` on the loopback: one process, `threads` for blocking views."""
    argv = [str(BIN / "granian"), "--interface", interface, "--host", "127.0.0.1", "--port", str(port)]
    argv += ["--workers", "1", "--no-ws", "--log-level", "warning"]
    if interface == "wsgi":
        argv += ["--blocking-threads", str(threads)]
    return [*argv, application]


def start_web(*, folder: Path, env: dict[str, str], port: int, threads: int = 4) -> Child:
    argv = granian("wsgi", "petition.wsgi:application", port, threads=threads)
    child = _child("web", argv, folder=folder, env=env, stop_with=signal.SIGTERM)
    child.wait_until(lambda: answers(port))
    return child


def start_stream(*, folder: Path, env: dict[str, str], port: int) -> Child:
    argv = granian("asgi", "petition.asgi:application", port, threads=1)
    child = _child("stream", argv, folder=folder, env=env, stop_with=signal.SIGTERM)
    child.wait_until(lambda: answers(port))
    return child


def start_worker(*, folder: Path, env: dict[str, str], processes: int = 4) -> Child:
    argv = [str(BIN / "celery"), "-A", "petition", "worker", "--loglevel", "warning", "--concurrency", str(processes)]
    argv += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    return _child("worker", argv, folder=folder, env=env, stop_with=signal.SIGTERM)


def start_beat(*, folder: Path, env: dict[str, str]) -> Child:
    # The schedule is a file of last runs; ours has nothing worth keeping, and a killed run may leave it broken.
    schedule = folder / "beat-schedule"
    for stale in folder.glob("beat-schedule*"):
        stale.unlink()
    argv = [str(BIN / "celery"), "-A", "petition", "beat", "--loglevel", "warning", "--schedule", str(schedule)]
    argv += ["--pidfile", ""]
    return _child("beat", argv, folder=folder, env=env, stop_with=signal.SIGTERM)


def start_front(*, folder: Path, env: dict[str, str], port: int, web: int, stream: int) -> Child:
    argv = [sys.executable, "-m", "petition.local.front", "--listen", str(port), "--web", str(web)]
    argv += ["--stream", str(stream)]
    child = _child("front", argv, folder=folder, env=env, stop_with=signal.SIGTERM)
    child.wait_until(lambda: front.LISTENING in child.said())
    return child


def some_port(preferred: int) -> int:
    """`preferred` when nobody has it, else any free one."""
    return free_port() if answers(preferred) else preferred
