from importlib import import_module
from typing import Any

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class SignaturesConfig(AppConfig):
    name = "signatures"
    verbose_name = _("Campaigns")

    def ready(self) -> None:
        # Tasks bind to whichever Celery application was made first: make it ours in every process.
        import_module("petition.celery")
        import_module("petition.database")
        # After Django's own receiver, which makes the permissions that the roles are made of.
        post_migrate.connect(_make_roles, sender=self)
        user_logged_in.connect(_forgive_typos)


def _make_roles(using: str = "default", **signal: Any) -> None:
    if using == "default":
        import_module("signatures.desk.people.roles").make_roles()


def _forgive_typos(request: Any, user: Any, **signal: Any) -> None:
    if request is not None:
        import_module("signatures.desk.entrance.lockout").forgive_typos(request, user)
