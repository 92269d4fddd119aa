from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from signatures.counter.openapi import as_text

FILE: Path = settings.BASE_DIR / "docs" / "openapi.json"


class Command(BaseCommand):
    help = "Write docs/openapi.json, the document of the data addresses, from the code. --check only compares."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        text = as_text()
        if not options["check"]:
            FILE.write_text(text, encoding="utf-8")
        elif not FILE.exists() or FILE.read_text(encoding="utf-8") != text:
            raise CommandError("docs/openapi.json is not what the code says: run manage.py writeopenapi.")
