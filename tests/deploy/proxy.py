"""Debian's nginx with the configuration that is shipped, for the tests and the bench."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TEMPLATE = Path(__file__).resolve().parents[2] / "deploy" / "nginx" / "undersigned.conf.template"


class MissingProgramError(Exception):
    """A program of the system is not there and may not be installed."""


def need(program: str, *, package: str) -> str:
    """The path of a program, installed from Debian's `package` first when we are root. Raises MissingProgramError."""
    if found := shutil.which(program):
        return found
    if os.geteuid() == 0 and shutil.which("apt-get"):
        install = ["apt-get", "install", "-y", "--no-install-recommends", package]
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for command in (["apt-get", "update"], install):
            subprocess.run(
                command,
                env=environment,
                stdout=subprocess.DEVNULL,
                check=False,
                timeout=300,
            )
    if found := shutil.which(program):
        return found
    raise MissingProgramError(f"{program} is needed and not installed: `apt-get install {package}` as root brings it.")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def filled_in(template: str, values: dict[str, str]) -> str:
    """What envsubst makes of the template: only the names given are replaced."""
    for name, value in values.items():
        template = template.replace(f"${{{name}}}", value)
    return template


@dataclass(frozen=True)
class Proxy:
    """A running nginx."""

    url: str
    port: int
    pid: int
    folder: Path

    @property
    def log(self) -> str:
        """What its access log says. Lines arrive up to a second late."""
        return (self.folder / "access.log").read_text()


@contextmanager
def nginx_folder() -> Iterator[Path]:
    """A folder that nginx may write in, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="undersigned-nginx-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write_configuration(
    folder: Path,
    *,
    web: str,
    stream: str,
    port: int,
    scheme: str = "http",
    trusts: str = "unix:",
    workers: int = 1,
    template: Path = TEMPLATE,
) -> Path:
    """The shipped configuration with addresses (host:port) of this machine. Returns its path."""
    values = {
        "NGINX_LISTEN": f"127.0.0.1:{port}",
        "NGINX_WEB": web,
        "NGINX_STREAM": stream,
        "NGINX_SCHEME": scheme,
        "NGINX_TRUSTS": trusts,
        "NGINX_WORKERS": str(workers),
        "NGINX_RUN": str(folder),
        "NGINX_LOG": str(folder / "access.log"),
    }
    path = folder / "nginx.conf"
    path.write_text(filled_in(template.read_text(), values))
    return path


def command(configuration: Path, *more: str) -> list[str]:
    """nginx in the foreground; where we are root its workers are too, as the folder belongs to us."""
    directives = "daemon off;" + (" user root;" if os.geteuid() == 0 else "")
    return [
        need("nginx", package="nginx-light"),
        "-c",
        str(configuration),
        "-g",
        directives,
        *more,
    ]


@contextmanager
def running_proxy(
    *,
    web: str,
    stream: str = "127.0.0.1:9",
    scheme: str = "http",
    trusts: str = "unix:",
    workers: int = 1,
    template: Path = TEMPLATE,
) -> Iterator[Proxy]:
    """nginx with the shipped configuration in front of `web` and `stream` (host:port)."""
    with nginx_folder() as folder:
        port = free_port()
        configuration = write_configuration(
            folder,
            web=web,
            stream=stream,
            port=port,
            scheme=scheme,
            trusts=trusts,
            workers=workers,
            template=template,
        )
        errors = folder / "stderr"
        with errors.open("wb") as stderr:
            process = subprocess.Popen(command(configuration), stderr=stderr)
        try:
            wait_for_port(port, process=process, errors=errors)
            yield Proxy(
                url=f"http://127.0.0.1:{port}",
                port=port,
                pid=process.pid,
                folder=folder,
            )
        finally:
            process.terminate()
            process.wait(timeout=10)


def wait_for_port(port: int, *, process: subprocess.Popen[bytes], errors: Path, seconds: float = 20) -> None:
    """Until something listens. Raises RuntimeError with what the process said when it ended or time is up."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends and process.poll() is None:
        with socket.socket() as client:
            client.settimeout(0.2)
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(errors.read_text(errors="replace")[-4000:] or "nothing listens")
