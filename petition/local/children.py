"""Child processes that never outlive their parent, and end in the order we choose.

Each child leads a process group of its own, so that Ctrl-C in a terminal reaches only us, and asks the kernel
(PR_SET_PDEATHSIG, prctl(2)) for a signal when we die, so that a killed run leaves nothing behind.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_CLONE_NEWUSER = 0x10000000
NOBODY = 65534
_libc = ctypes.CDLL(None, use_errno=True)


class StartFailed(Exception):
    """A child did not come up; the message says which and shows the end of its log."""


def free_port() -> int:
    """A TCP port on the loopback that nobody uses at this moment, and no outgoing connection takes in the next."""
    for _attempt in range(100):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", random.randrange(10_000, _first_ephemeral_port())))
            return int(probe.getsockname()[1])
    raise StartFailed("No free port was found on 127.0.0.1.")


def _first_ephemeral_port() -> int:
    """Where the kernel's own choice for outgoing connections begins (ip(7)), if it leaves us anything below."""
    try:
        first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    except OSError:
        first = 0
    return first if first > 11_000 else 32_768


def die_with_parent(how: signal.Signals) -> None:
    """Ask for `how` when the parent dies. Runs between fork and exec; only Linux can do it."""
    if prctl := getattr(_libc, "prctl", None):
        prctl(_PR_SET_PDEATHSIG, int(how))


def enter_user_namespace() -> None:
    """Become `nobody` in a new user namespace: files of ours stay ours outside. Raises OSError where not allowed."""
    uid, gid = os.getuid(), os.getgid()
    if _libc.unshare(_CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "user namespaces are not allowed here")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{NOBODY} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{NOBODY} {gid} 1")


class Child:
    """One process, its log, and how it is asked to stop."""

    def __init__(
        self,
        name: str,
        argv: list[str],
        *,
        log: Path,
        env: dict[str, str] | None = None,
        cwd: Path | None = None,
        stop_with: signal.Signals = signal.SIGTERM,
        first: Callable[[], None] | None = None,
    ) -> None:
        self.name, self.log, self.stop_with = name, log, stop_with
        log.parent.mkdir(parents=True, exist_ok=True)
        self._log_from = log.stat().st_size if log.exists() else 0  # what came before is another run's
        parent = os.getpid()

        def prepare() -> None:
            if first:
                first()
            die_with_parent(stop_with)  # after `first`: a change of credentials would clear it
            if os.getppid() != parent:  # it died before we could ask
                os._exit(1)

        with log.open("ab") as out:
            self.process = subprocess.Popen(
                argv,
                env=env,
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=prepare,
            )

    @property
    def running(self) -> bool:
        return self.process.poll() is None

    def said(self) -> str:
        """What it has written to its log."""
        with self.log.open("rb") as file:
            file.seek(self._log_from)
            return file.read().decode(errors="replace")

    def last_lines(self, count: int = 15) -> str:
        """The end of its log."""
        return "\n".join(self.said().splitlines()[-count:])

    def wait_until(self, ready: Callable[[], bool], *, seconds: float = 30) -> None:
        """Block until `ready()`; raises StartFailed when the child ends or the time is over."""
        deadline = time.monotonic() + seconds
        while not ready():
            if not self.running:
                raise StartFailed(f"{self.name} ended with {self.process.returncode}:\n{self.last_lines()}")
            if time.monotonic() > deadline:
                raise StartFailed(f"{self.name} is not ready after {seconds:.0f} s:\n{self.last_lines()}")
            time.sleep(0.05)

    def stop(self, *, seconds: float = 15) -> None:
        """Ask it to stop, wait, and kill its whole group if it does not."""
        if self.running:
            self.process.send_signal(signal.SIGCONT)  # a frozen child could not hear the rest
            self.process.send_signal(self.stop_with)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(seconds)
        self.kill()

    def kill(self) -> None:
        """End it and everything it started, at once."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def answers(port: int) -> bool:
    """Whether something accepts connections on this loopback port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
