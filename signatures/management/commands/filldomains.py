from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from signatures.privacy.domains import fill_domains


class Command(BaseCommand):
    help = "Let signatures from before version 0022 of the database be found by their mail domain. Can be run again."

    def handle(self, *args: Any, **options: Any) -> None:
        with tqdm(unit=" signatures", disable=not self.stderr.isatty()) as bar:
            done = fill_domains(progress=bar.update)
        self.stdout.write(f"{done.filled:,} signatures can be found by their mail domain now.")
        if done.unreadable:
            raise CommandError(f"{done.unreadable:,} addresses cannot be read: is a key missing from FIELD_KEYS?")
