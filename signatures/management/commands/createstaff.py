from __future__ import annotations

import secrets
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    help = "Make a staff login, or give an existing one a new password, and print the password once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--superuser", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        user, _made = get_user_model().objects.get_or_create(username=options["name"])
        password = secrets.token_urlsafe(12)
        user.set_password(password)
        user.is_staff = user.is_active = True
        user.is_superuser = user.is_superuser or options["superuser"]
        user.save()
        self.stdout.write(password)
