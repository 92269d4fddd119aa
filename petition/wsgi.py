"""Pages, forms and JSON: `granian --interface wsgi petition.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "petition.settings")
_django = get_wsgi_application()

from signatures.counter.answers import ReadyAnswers  # noqa: E402  once Django is set up

application = ReadyAnswers(_django)
