"""Updates to supporters: how fast they go, and whether anybody waits longer for a confirmation because of them."""

from __future__ import annotations

import time
from statistics import median, quantiles
from typing import Any
from uuid import uuid4

from django.utils import timezone

from .report import Report
from .sink import Sink
from .stage import Stage


def updates(stage: Stage, report: Report, *, sink: Sink, slug: str, people: int, times: int) -> None:
    """An update mailed without a limit on its pace, first with nothing else to do, then while people sign."""
    from signatures.models import Petition, Signature, UpdateSending
    from signatures.sending.begin import begin_sending
    from tests.factories import make_update

    Signature.objects.filter(mail_due_at__isnull=False).update(mail_due_at=None)
    stage.manage("simulate", "--signatures", str(people), "--countries", "184", "--slug", slug)
    petition = Petition.objects.get(slug=slug)
    signed = Signature.objects.filter(petition=petition, state="confirmed")
    signed.update(wants_updates=True)
    with stage.celery(UPDATE_MAILS_PER_MINUTE="0"):
        _signed_until_mailed(petition, 3)
        others = _drain(sink, signed, mails=people // 10)
        alone = _signed_until_mailed(petition, times)
        body = "We **met** them in Geneva, and they listened.\n\n- first\n- second\n\n" + "Some words of it. " * 60
        sending = begin_sending(update_id=make_update(petition, body=body).pk, actor=None, reason="a measure of it")
        sink.wait_for(sink.taken + 50, seconds=30)
        before, started = sink.taken, time.monotonic()
        time.sleep(5)
        rate = (sink.taken - before) / (time.monotonic() - started)
        beside = _signed_until_mailed(petition, times)
        sending.refresh_from_db()
        running = sending.state == UpdateSending.State.RUNNING
    report.add(
        "update mails drained, in one lane",
        rate,
        "/s",
        limit=others,
        limit_is="other mails, in all lanes",
    )
    report.add("signed to mailed, nothing else to send", median(alone), "s, median")
    report.add(
        "signed to mailed, while updates are sent",
        median(beside) if running else None,
        "s, median",
        limit=median(alone),
        limit_is="the same with nothing else to send",
        target="no slower",
        meets=lambda _value, ratio: ratio <= 1.1,
    )
    report.add("signed to mailed, while updates are sent, 95 of 100", quantiles(beside, n=20)[-1], "s")
    sent = UpdateSending.objects.values_list("sent", flat=True).get(pk=sending.pk)
    report.note(f"Updates sent when it was stopped: {sent:,} of {sending.expected:,}.")


def _drain(sink: Sink, signed: Any, *, mails: int) -> float:
    """Thank-you mails a second, as the outbox sends them in the same minute."""
    before = sink.taken
    signed.filter(pk__in=signed.values("pk")[:mails]).update(mail_due_at=timezone.now(), mail_attempts=0)
    sink.wait_for(before + 50, seconds=30)
    first, started = sink.taken, time.monotonic()
    sink.wait_for(before + mails, seconds=30)
    return (sink.taken - first) / (time.monotonic() - started)


def _signed_until_mailed(petition: object, times: int) -> list[float]:
    """Seconds from a form to its mail's handing over, for forms that come one after the other at odd moments."""
    from signatures.models import ConsentText, Signature
    from signatures.signing.sign import sign

    consent = ConsentText.objects.filter(language="en").latest("pk")
    found = []
    for turn in range(times):
        time.sleep((turn * 0.37) % 1)  # so that they meet the clock of the outbox at different moments
        started = time.monotonic()
        created = sign(
            petition_id=petition.pk,  # type: ignore[attr-defined]
            name="Ada Example",
            email=f"{uuid4().hex}@mail.example",
            country="FR",
            language="en",
            consent_id=consent.pk,
        ).created
        while not Signature.objects.filter(pk=created, mail_sent_at__isnull=False).exists():
            assert time.monotonic() - started < 30, "a confirmation waited for half a minute"
            time.sleep(0.005)
        found.append(time.monotonic() - started)
    return found
