from typing import Any

from django.core.management.base import BaseCommand

from petition.catalogues import compile_all


class Command(BaseCommand):
    help = "Compile the translations that changed. Needs no database and no GNU gettext."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        for path in compile_all():
            self.stdout.write(str(path))
