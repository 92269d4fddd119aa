from __future__ import annotations

import secrets
from typing import Any

from django.contrib.auth.models import Group, User
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from signatures.desk.people.roles import ADMINISTRATOR, ROLES
from signatures.models import Petition, Reach


class Command(BaseCommand):
    help = (
        "Make a staff login with a role, on every petition or on those named; or give an existing login a new "
        "password. Prints the password once."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--role", choices=ROLES, help=f"{ADMINISTRATOR}, unless said otherwise")
        parser.add_argument(
            "--petition", action="append", default=[], metavar="SLUG", help="may be given several times"
        )

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        user, made = User.objects.get_or_create(username=options["name"])
        password = secrets.token_urlsafe(12)
        user.set_password(password)
        user.is_staff = user.is_active = True
        user.save()
        if made or options["role"]:
            user.groups.add(Group.objects.get(name=options["role"] or ADMINISTRATOR))
        if made or options["petition"]:
            self._let_reach(user, options["petition"])
        self.stdout.write(password)

    def _let_reach(self, user: User, slugs: list[str]) -> None:
        petitions = list(Petition.objects.filter(slug__in=slugs))
        if missing := set(slugs) - {petition.slug for petition in petitions}:
            raise CommandError(f"No petition has the address {', '.join(sorted(missing))}.")
        reach, _made = Reach.objects.update_or_create(user=user, defaults={"every_petition": not slugs})
        reach.petitions.set(petitions)
