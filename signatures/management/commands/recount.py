from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from signatures.models import Check
from signatures.tally.checks import remember_check
from signatures.tally.recount import recount


class Command(BaseCommand):
    help = "Compare ledger, folded figures and signatures; exits non-zero on any difference."

    def handle(self, *args: Any, **options: Any) -> None:
        differences = recount()
        remember_check(Check.Name.RECOUNT, findings=differences)
        for each in differences:
            self.stdout.write(str(each))
        if differences:
            raise CommandError(f"{len(differences)} differences.")
        self.stdout.write("Ledger, folded figures and signatures agree.")
