from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SignaturesConfig(AppConfig):
    name = "signatures"
    verbose_name = _("Campaigns")

    def ready(self) -> None:
        # Tasks bind to whichever Celery application was made first: make it ours in every process.
        import_module("petition.celery")
        import_module("petition.database")
