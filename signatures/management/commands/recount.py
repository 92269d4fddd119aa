from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from signatures.tally.recount import recount


class Command(BaseCommand):
    help = "Compare ledger, folded figures and signatures; exits non-zero on any difference."

    def handle(self, *args: Any, **options: Any) -> None:
        differences = recount()
        for each in differences:
            self.stdout.write(
                f"{each.petition}  {each.where}  {each.what}: expected {each.expected:,}, found {each.found:,}"
            )
        if differences:
            raise CommandError(f"{len(differences)} differences.")
        self.stdout.write("Ledger, folded figures and signatures agree.")
