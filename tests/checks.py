"""What `make check` asks of Django itself: `python -m tests.checks`.

No model without its migration, no migration that would lock a large table or break the release before it, a production
environment that `check --deploy` finds nothing in, and no string without its translation.
"""

from __future__ import annotations

import logging
import subprocess
import sys

import django
from django_migration_linter import MigrationLinter

from tests import servers  # noqa: F401  a database for the migration linter
from tests.deploy.production import production_environment

COMMANDS = (
    ["makemigrations", "--check", "--dry-run"],
    ["check", "--deploy", "--fail-level", "WARNING"],
)


def migrations_are_safe() -> bool:
    """Whether each of our migrations can run beside the release before it, on tables in use."""
    logging.getLogger("django_migration_linter").setLevel(logging.WARNING)
    # It reads the condition of a partial unique index into its table's name, and so takes a new table for an old one.
    misread = ["0026_jobs"]
    linter = MigrationLinter(include_apps=["signatures"], all_warnings_as_errors=True, ignore_name=misread)
    linter.lint_all_migrations()
    return not linter.has_errors


def translations_are_whole() -> bool:
    """Whether every language has every string, with its placeholders and tags."""
    from petition import catalogues

    problems = [
        f"{language}: {problem}: {text}"
        for language in catalogues.files()
        for problem, texts in (("missing", catalogues.missing(language)), ("unlike", catalogues.misfits(language)))
        for text in texts
    ]
    print(*problems or ["Every string is translated."], sep="\n")
    return not problems


def main() -> int:
    env = production_environment()
    fine = True
    for command in COMMANDS:
        print("manage.py", *command, flush=True)
        fine &= subprocess.run([sys.executable, "manage.py", *command], env=env, check=False).returncode == 0
    django.setup()
    fine &= migrations_are_safe()
    fine &= translations_are_whole()
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
