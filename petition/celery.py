"""The Celery application and its clock. Messages carry ids at most; the truth is in PostgreSQL."""

from __future__ import annotations

import os

from celery import Celery
from celery.schedules import crontab
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "petition.settings")

app = Celery("undersigned")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks([f"signatures.{each}" for each in "desk mail privacy signing tally webhooks".split()])


def _tick(task: str, seconds: float, *args: object) -> dict[str, object]:
    # A tick that nobody took before the next one is worthless: let it expire, so that none pile up.
    return {"task": task, "schedule": seconds, "args": args, "options": {"expires": max(seconds, 1.0)}}


app.conf.beat_schedule = {
    "fold": _tick("signatures.tally.tasks.fold", settings.FOLD_EVERY),
    **{
        f"deliver in lane {lane}": _tick("signatures.mail.tasks.deliver", settings.MAIL_EVERY, lane)
        for lane in range(settings.MAIL_LANES)
    },
    "notice milestones": _tick("signatures.webhooks.tasks.notice", settings.WEBHOOK_EVERY),
    "deliver webhooks": _tick("signatures.webhooks.tasks.deliver", settings.WEBHOOK_EVERY),
    "count by source tag": _tick("signatures.tally.tasks.count_sources", settings.SOURCES_EVERY),
    "answer link requests": _tick("signatures.mail.tasks.answer", settings.MAIL_EVERY),
    "remind the unconfirmed": _tick("signatures.mail.tasks.remind", settings.REMIND_EVERY),
    "recount": {
        "task": "signatures.tally.tasks.recount",
        "schedule": crontab(hour=str(settings.RECOUNT_AT), minute="0"),
    },
    "verify the audit": {
        "task": "signatures.desk.tasks.verify_audit",
        "schedule": crontab(hour=str(settings.RECOUNT_AT), minute="30"),
    },
    "forget the unconfirmed": {
        "task": "signatures.privacy.tasks.forget_unconfirmed",
        "schedule": crontab(minute="17"),
    },
    "publish names": {
        "task": "signatures.signing.tasks.publish_names",
        "schedule": crontab(hour=str(settings.NAMES_AT), minute="41"),
    },
    "forget spent proofs": {
        "task": "signatures.privacy.tasks.forget_spent_proofs",
        "schedule": crontab(minute="47"),
    },
}
