from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from signatures.letters.importing import import_letter
from signatures.letters.read import forget
from signatures.models import Letter, Petition

FOLDER = Path(__file__).resolve().parent.parent.parent / "letters" / "campaigns"
SLUG = "xinjiang"


class Command(BaseCommand):
    help = "Load the sample campaign. What is there already, edited by staff or not, is left as it is."

    def handle(self, *args: Any, **options: Any) -> None:
        fresh = not Petition.objects.filter(slug=SLUG).exists()
        # The original first: a translation is noted with the version of the original that it follows.
        for language in ("en", *(code for code, _name in settings.LANGUAGES if code != "en")):
            if not Letter.objects.filter(petition__slug=SLUG, language=language).exists():
                import_letter((FOLDER / f"{SLUG}.{language}.md").read_text(encoding="utf-8"))
        if fresh:
            Petition.objects.filter(slug=SLUG).update(state=Petition.State.OPEN, opened_at=timezone.now())
            forget(SLUG)
        self.stdout.write("The sample campaign is loaded." if fresh else "The sample campaign was there already.")
