"""The Dockerfile's steps, replayed in an empty folder with this environment's packages."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .production import production_environment
from .shipped import ROOT, build_context, copy_into, dockerfile, health_check, last_command, services
from .stage import database_url, in_folder, run, running, said_within


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The image's /app: what is copied, then what its manage.py steps made. No key but the steps' own."""
    folder = tmp_path_factory.mktemp("image")
    copy_into(folder)
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    replayed = 0
    for step in dockerfile():
        if step.word == "RUN" and "manage.py " in step.rest and "compileall" not in step.rest:
            done = run(["/bin/sh", "-c", step.rest], cwd=folder, environment={"PATH": path})
            assert done.returncode == 0, done.stderr
            replayed += 1
    assert replayed == 2
    return folder


def test_everything_copied_exists_and_is_sent() -> None:
    context = build_context()
    for step in dockerfile():
        if step.word == "COPY" and not step.rest.startswith("--from"):
            source = Path(step.words[0])
            assert any(path == source or source in path.parents for path in context), step.rest


def test_nothing_private_is_sent() -> None:
    context = {str(path) for path in build_context()}
    assert "requirements/runtime.lock" in context
    assert not [path for path in context if re.match(r"tests/|docs/|\.|petition/local/|requirements/(dev|local)", path)]


def test_what_is_installed_is_locked_by_hash() -> None:
    lock = (ROOT / "requirements" / "runtime.lock").read_text()
    pinned = re.findall(r"^([a-z0-9-]+)==\S+", lock, flags=re.MULTILINE)
    assert {"django", "granian", "celery", "psycopg"} <= set(pinned)
    for block in re.split(r"\n(?=[a-z0-9])", lock):
        if "==" in block:
            assert "--hash=sha256:" in block
    install = next(step for step in dockerfile() if "pip install" in step.rest)
    assert "--require-hashes" in install.rest


def test_it_runs_as_nobody_in_particular() -> None:
    last_stage = dockerfile()[max(n for n, step in enumerate(dockerfile()) if step.word == "FROM") :]
    users = [step.rest for step in last_stage if step.word == "USER"]
    assert users == ["10001"]
    assert not [step for step in dockerfile() if step.word == "ENTRYPOINT"]


def test_the_build_compiles_every_catalogue(image: Path) -> None:
    sources = sorted((image / "signatures" / "locale").rglob("*.po"))
    assert sources
    for source in sources:
        assert source.with_suffix(".mo").is_file()


def test_the_build_hashes_and_compresses_static_files(image: Path) -> None:
    manifest = json.loads((image / "staticfiles" / "staticfiles.json").read_text())["paths"]
    style = image / "staticfiles" / manifest["css/site.css"]
    assert re.fullmatch(r"site\.[0-9a-f]{12}\.css", style.name)
    assert style.with_name(f"{style.name}.gz").is_file()


@pytest.fixture
def environment(transactional_db: None) -> dict[str, str]:
    """A container's environment, with the test's own database."""

    return production_environment(
        DATABASE_URL=database_url(),
        PUBLIC_URL="http://letters.example",
        EMAIL_URL="smtp://127.0.0.1:9",
        GRANIAN_HOST="127.0.0.1",
        PATH=f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    )


@pytest.fixture
def web(image: Path, environment: dict[str, str]) -> Iterator[dict[str, str]]:

    with running(last_command(), cwd=image, environment=environment) as port:
        yield environment | {"GRANIAN_PORT": str(port)}


def test_the_images_command_answers_its_own_health_check(web: dict[str, str]) -> None:
    healthy = run(health_check(), environment=web)
    assert healthy.returncode == 0, healthy.stderr
    unhealthy = run(health_check(), environment=web | {"GRANIAN_PORT": "9"})
    assert unhealthy.returncode != 0


def test_the_streams_command_answers_the_same_health_check(image: Path, environment: dict[str, str]) -> None:
    with running(services()["stream"]["command"], cwd=image, environment=environment) as port:
        healthy = run(health_check(), environment=environment | {"GRANIAN_PORT": str(port)})
        assert healthy.returncode == 0, healthy.stderr


@pytest.mark.parametrize("name", ["worker", "beat"])
def test_celerys_commands_start_and_stop_when_told(name: str, image: Path, environment: dict[str, str]) -> None:

    tells = {"worker": "ready.", "beat": "beat: Starting"}[name]
    command = in_folder(services()[name]["command"], image)
    command = ["INFO" if word == "WARNING" else word for word in command]  # so that it says that it started
    said, code = said_within(command, words=tells, cwd=image, environment=environment, seconds=60)
    assert tells in said
    assert code == 0


def test_the_migration_runs_and_has_nothing_left_to_do(image: Path, environment: dict[str, str]) -> None:
    done = run(services()["migrate"]["command"], cwd=image, environment=environment)
    assert done.returncode == 0, done.stderr
