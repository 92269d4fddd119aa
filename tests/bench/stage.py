"""Everything the bench runs against: databases of its own, the product as it is shipped, and its limits beside it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psutil
import psycopg
from psycopg import sql

from tests.deploy.production import production_environment
from tests.deploy.proxy import Proxy, running_proxy
from tests.deploy.shipped import ROOT, copy_into, dockerfile, last_command, services
from tests.deploy.stage import end, in_folder, run, running

STATIC = Path(__file__).parent / "static.conf.template"


def with_database(url: str, name: str) -> str:
    """The same server's address for another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


@contextmanager
def database(server: str, name: str) -> Iterator[str]:
    """An empty database on `server`, gone afterwards; yields its address."""
    identifier = sql.Identifier(name)
    with psycopg.connect(with_database(server, "postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(identifier))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(identifier))
    try:
        yield with_database(server, name)
    finally:
        with psycopg.connect(with_database(server, "postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(identifier))


@contextmanager
def servers(folder: Path) -> Iterator[tuple[str, str]]:
    """Addresses of a PostgreSQL and a Redis: DATABASE_URL and REDIS_URL, else embedded ones made for this run."""
    from petition.local.postgres import EmbeddedPostgres
    from petition.local.valkey import EmbeddedValkey

    with ExitStack() as open_servers:
        addresses = []
        for name, embedded in (("DATABASE_URL", EmbeddedPostgres), ("REDIS_URL", EmbeddedValkey)):
            if not (address := os.environ.get(name, "")):
                server = embedded(folder / name.lower())
                address = server.start()
                open_servers.callback(server.stop)
            addresses.append(address)
        yield addresses[0], addresses[1]


def image(folder: Path) -> Path:
    """What the Dockerfile would put into /app: the bench serves what is shipped, hashed static files included."""
    copy_into(folder)
    for step in dockerfile():
        if step.word == "RUN" and " manage.py " in step.rest:
            done = run(["/bin/sh", "-c", step.rest], cwd=folder, environment={"PATH": path_with_python()})
            if done.returncode:
                raise RuntimeError(done.stderr)
    return folder


def path_with_python() -> str:
    return f"{Path(sys.executable).parent}:{os.environ['PATH']}"


@dataclass
class Stage:
    """The running whole. Addresses are http://host:port; processes by what they are called in the report."""

    folder: Path
    environment: dict[str, str]
    bare_environment: dict[str, str]
    web: str
    bare: str
    proxy: Proxy
    static: Proxy
    pids: dict[str, int]
    ended: dict[str, list[float]] = field(default_factory=dict)  # peaks of processes that have ended

    def manage(self, *words: str, seconds: float = 300) -> str:
        """Run a management command of the product. Raises RuntimeError when it fails."""
        return _manage(self.folder, self.environment, *words, seconds=seconds)

    @contextmanager
    def celery(self, **settings: str) -> Iterator[None]:
        """The worker and its clock, as docker-compose.yml starts them, with other settings where given."""
        environment = self.environment | settings
        with ExitStack() as stack:
            for name in ("worker", "beat"):
                words = in_folder(_command(name), self.folder)
                self.pids[name] = stack.enter_context(_process(words, cwd=self.folder, environment=environment))
            yield
            for name in ("worker", "beat"):
                self.ended[name] = max(self.ended.get(name, []), _peaks(self.pids.pop(name)), key=sum)

    @contextmanager
    def second_web(self, **settings: str) -> Iterator[str]:
        """Another web process with other settings; yields its address."""
        with running(last_command(), cwd=self.folder, environment=self.environment | settings) as port:
            yield f"http://127.0.0.1:{port}"

    @contextmanager
    def stream(self, **settings: str) -> Iterator[tuple[str, int]]:
        """The stream process, as docker-compose.yml starts it; yields its address and its process id."""
        words = in_folder(_command("stream"), self.folder)
        with running(words, cwd=self.folder, environment=self.environment | settings) as port:
            yield f"http://127.0.0.1:{port}", _listener(port)

    def peaks(self) -> dict[str, list[float]]:
        """Peak resident memory (VmHWM) in MB of each named process and of its children."""
        return self.ended | {name: _peaks(pid) for name, pid in self.pids.items()}


def _command(name: str) -> list[str]:
    words: list[str] = services()[name]["command"]
    return words


def _manage(folder: Path, environment: dict[str, str], *words: str, seconds: float = 300) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:] or done.stdout[-2000:])
    return done.stdout


def _peaks(pid: int) -> list[float]:
    if not psutil.pid_exists(pid):
        return []
    family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    return [peak for member in family if (peak := _peak(member.pid))]


def _peak(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0.0)


@contextmanager
def _process(words: list[str], *, cwd: Path, environment: dict[str, str]) -> Iterator[int]:
    with (cwd / f"{words[0]}.log").open("ab") as log:
        process = subprocess.Popen(words, cwd=cwd, env=environment, stdout=log, stderr=log, start_new_session=True)
        try:
            yield process.pid
        finally:
            end(process)


def _listener(port: int) -> int:
    """The process that listens on a port of ours: the parent of a granian's workers."""
    for process in psutil.process_iter():
        try:
            if process.cmdline() and any(item.laddr.port == port for item in process.net_connections(kind="tcp")):
                parent = process.parent()
                return parent.pid if parent and "granian" in " ".join(parent.cmdline()) else process.pid
        except psutil.Error:
            continue
    return 0


@contextmanager
def staged(folder: Path, *, smtp_port: int) -> Iterator[Stage]:
    """Start it all: fresh databases, the web process, the bare one, the proxy, and nginx with a small file."""
    with ExitStack() as stack:
        postgres, redis = stack.enter_context(servers(folder / "servers"))
        ours = urlsplit(postgres).path.strip("/") or "undersigned"
        product_url = stack.enter_context(database(postgres, f"{ours}_bench"))
        bare_url = stack.enter_context(database(postgres, f"{ours}_bench_bare"))
        environment = production_environment(
            PATH=path_with_python(),
            DATABASE_URL=product_url,
            REDIS_URL=redis,
            EMAIL_URL=f"smtp://127.0.0.1:{smtp_port}",
            PUBLIC_URL="http://127.0.0.1",
            ALLOWED_HOSTS="127.0.0.1",
            TRUSTED_PROXIES="",
            GUARD_SIGN_RATE="100000000/m",  # never reached, always counted
            GUARD_LINK_RATE="100000000/m",
            PRESSURE_NETWORK="100000000",
            PRESSURE_DOMAIN="100000000",
            PRESSURE_PETITION="100000000",
            GUARD_DOMAIN_HOUR="100000000",
            LOG_LEVEL="WARNING",
        )
        bare_environment = environment | {
            "DATABASE_URL": bare_url,
            "DJANGO_SETTINGS_MODULE": "tests.bench.bare.settings",
        }
        product = image(folder / "app")
        _manage(product, environment, "migrate", "--noinput", "-v0")
        done = run([sys.executable, "-m", "django", "migrate", "--run-syncdb", "-v0"], environment=bare_environment)
        if done.returncode:
            raise RuntimeError(done.stderr)
        web = stack.enter_context(running(last_command(), cwd=product, environment=environment))
        bare_command = [*last_command()[:-1], "tests.bench.bare.wsgi:application"]
        bare = stack.enter_context(running(bare_command, cwd=ROOT, environment=bare_environment))
        proxy = stack.enter_context(running_proxy(web=f"127.0.0.1:{web}", workers=os.cpu_count() or 1))
        static = stack.enter_context(running_proxy(web="-", workers=os.cpu_count() or 1, template=STATIC))
        (static.folder / "files").mkdir()
        (static.folder / "files" / "hundred").write_bytes(b"." * 100)
        yield Stage(
            folder=product,
            environment=environment,
            bare_environment=bare_environment,
            web=f"http://127.0.0.1:{web}",
            bare=f"http://127.0.0.1:{bare}",
            proxy=proxy,
            static=static,
            pids={"web": _listener(web), "proxy": proxy.pid},
        )


Measure = Callable[[], float]


def alternate(measures: dict[str, Measure], *, rounds: int) -> dict[str, list[float]]:
    """Run the measures in turns, so that whatever else the machine does falls on all of them alike."""
    found: dict[str, list[float]] = {name: [] for name in measures}
    for _ in range(rounds):
        for name, measure in measures.items():
            found[name].append(measure())
    return found
