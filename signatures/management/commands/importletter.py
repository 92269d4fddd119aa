from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from signatures.letters.importing import ImportProblem, import_letter


class Command(BaseCommand):
    help = "Import a letter from a Markdown file with a metadata head; a new petition comes in as a draft."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--slug", help="the petition's address, instead of the head's or the title's")
        parser.add_argument("--language", help="the letter's language, instead of the head's")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            text = options["file"].read_bytes().decode("utf-8")
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise CommandError(f"{options['file']} is not UTF-8 text.") from error
        try:
            petition = import_letter(text, slug=options["slug"], language=options["language"])
        except ImportProblem as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write(f"Imported into “{petition.slug}” ({petition.get_state_display()}).")
