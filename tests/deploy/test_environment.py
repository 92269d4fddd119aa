"""Every setting is in .env.example, and nothing else is."""

from __future__ import annotations

import sys

from .production import production_environment
from .shipped import (
    ROOT,
    example_defaults,
    example_names,
    names_compose_uses,
    names_settings_read,
    settings_defaults,
)
from .stage import run


def test_every_setting_is_in_the_example() -> None:
    assert names_settings_read() - set(example_names()) == set()


def test_everything_in_the_example_is_read_by_something() -> None:
    assert set(example_names()) - names_settings_read() - names_compose_uses() == set()


def test_everything_compose_asks_for_is_in_the_example() -> None:
    assert names_compose_uses() - set(example_names()) == set()


def test_the_example_shows_the_true_defaults() -> None:
    true, shown = settings_defaults(), example_defaults()
    compared = true.keys() & shown.keys()
    assert len(compared) > 20
    assert {name: shown[name] for name in compared} == {name: true[name] for name in compared}


def test_only_the_settings_read_the_environment() -> None:
    readers = {
        str(path.relative_to(ROOT))
        for folder in ("petition", "signatures")
        for path in (ROOT / folder).rglob("*.py")
        if "petition/local" not in str(path)
        for line in path.read_text().splitlines()
        if ("os.environ" in line or "getenv" in line) and "DJANGO_SETTINGS_MODULE" not in line
    }
    assert readers <= {"petition/settings.py"}


def test_what_has_no_safe_default_is_left_empty() -> None:
    empty = {name for name, value in example_names().items() if value == ""}
    assert empty == {
        "SECRET_KEY",
        "LINK_KEY",
        "FIELD_KEY",
        "INDEX_KEY",
        "POSTGRES_PASSWORD",
    }


def test_a_deployment_without_its_keys_does_not_start() -> None:
    for missing in ("SECRET_KEY", "LINK_KEY", "FIELD_KEY", "INDEX_KEY"):
        environment = production_environment() | {missing: ""}
        done = run([sys.executable, "manage.py", "check"], environment=environment)
        assert done.returncode != 0
        assert f"Set {missing}" in done.stderr


def test_the_deployment_check_has_nothing_to_say() -> None:
    done = run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        environment=production_environment(),
    )
    assert done.returncode == 0, done.stderr
