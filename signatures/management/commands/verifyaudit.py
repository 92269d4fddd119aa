from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from signatures.desk.audit.chain import verify_audit
from signatures.models import Check
from signatures.tally.checks import remember_check


class Command(BaseCommand):
    help = "Check that no audit entry was changed or removed; exits non-zero if one was, and prints the chain's head."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--head", default="", help="a head printed earlier and kept elsewhere: it must still occur")

    def handle(self, *args: Any, **options: Any) -> None:
        verdict = verify_audit(expected_head=options["head"])
        remember_check(Check.Name.AUDIT, findings=verdict.problems)
        for problem in verdict.problems:
            self.stdout.write(problem)
        if verdict.problems:
            raise CommandError(f"{len(verdict.problems)} problems in {verdict.entries:,} entries.")
        self.stdout.write(f"{verdict.entries:,} entries, unbroken. Head: {verdict.head or 'none yet'}")
