from typing import Any

from django.core.management.base import BaseCommand

from petition.catalogues import compile_all, update


class Command(BaseCommand):
    help = "Bring the translation files up to date with the source, and say what each language still lacks."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        for language, lacking in update().items():
            self.stdout.write(f"{language}: {lacking} to translate")
        compile_all()
