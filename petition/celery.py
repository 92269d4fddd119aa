"""The Celery application and its clock. Messages carry ids at most; the truth is in PostgreSQL."""

from __future__ import annotations

import os

from celery import Celery
from celery.schedules import crontab
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "petition.settings")

app = Celery("undersigned")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(
    [f"signatures.{each}" for each in "desk letters mail privacy sending signing tally webhooks".split()]
)


def _tick(task: str, seconds: float, *args: object) -> dict[str, object]:
    # A tick that nobody took before the next one is worthless: let it expire, so that none pile up.
    return {"task": task, "schedule": seconds, "args": args, "options": {"expires": max(seconds, 1.0)}}


app.conf.beat_schedule = {
    "fold": _tick("signatures.tally.tasks.fold", settings.FOLD_EVERY),
    **{
        f"deliver in lane {lane}": _tick("signatures.mail.tasks.deliver", settings.MAIL_EVERY, lane)
        for lane in range(settings.MAIL_LANES)
    },
    "open and close petitions": _tick("signatures.letters.tasks.keep_time", settings.CLOCK_EVERY),
    "notice milestones": _tick("signatures.webhooks.tasks.notice", settings.WEBHOOK_EVERY),
    "deliver webhooks": _tick("signatures.webhooks.tasks.deliver", settings.WEBHOOK_EVERY),
    "count by source tag": _tick("signatures.tally.tasks.count_sources", settings.SOURCES_EVERY),
    "answer link requests": _tick("signatures.mail.tasks.answer", settings.MAIL_EVERY),
    "remind the unconfirmed": _tick("signatures.mail.tasks.remind", settings.REMIND_EVERY),
    **{
        f"work on jobs in lane {lane}": _tick("signatures.desk.tasks.run_jobs", settings.JOBS_EVERY, lane)
        for lane in range(settings.JOB_LANES)
    },
    # One lane alone, the last: while a slow server holds it up, mail that is due has the others.
    "send updates": _tick("signatures.sending.tasks.send", settings.MAIL_EVERY, settings.MAIL_LANES - 1),
    "forget who got updates": {
        "task": "signatures.sending.tasks.forget",
        "schedule": crontab(minute="57"),
    },
    "recount": {
        "task": "signatures.tally.tasks.recount",
        "schedule": crontab(hour=str(settings.RECOUNT_AT), minute="0"),
    },
    "verify the audit": {
        "task": "signatures.desk.tasks.verify_audit",
        "schedule": crontab(hour=str(settings.RECOUNT_AT), minute="30"),
    },
    "count for the desk": _tick("signatures.desk.tasks.count_figures", settings.DESK_FIGURES_EVERY),
    "count arrivals anew": {
        "task": "signatures.desk.tasks.count_figures",
        "schedule": crontab(hour=str(settings.RECOUNT_AT), minute="50"),
        "kwargs": {"whole": True},
    },
    "forget the unconfirmed": {
        "task": "signatures.privacy.tasks.forget_unconfirmed",
        "schedule": crontab(minute="17"),
    },
    "forget exports": {"task": "signatures.desk.tasks.forget_exports", "schedule": crontab(minute="27")},
    "forget paper files": {"task": "signatures.desk.tasks.forget_paper", "schedule": crontab(minute="37")},
    "forget after closing": {
        "task": "signatures.privacy.tasks.forget_after_closing",
        "schedule": crontab(hour=str(settings.RETENTION_AT), minute="11"),
    },
    "publish names": {
        "task": "signatures.signing.tasks.publish_names",
        "schedule": crontab(hour=str(settings.NAMES_AT), minute="41"),
    },
    "forget old webhook deliveries": {
        "task": "signatures.webhooks.tasks.forget",
        "schedule": crontab(hour=str(settings.RECOUNT_AT), minute="50"),
    },
    "forget spent proofs": {
        "task": "signatures.privacy.tasks.forget_spent_proofs",
        "schedule": crontab(minute="47"),
    },
}
