"""What waits for somebody: the first thing on the page, and nothing in it that needs nobody."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from signatures.models import OutgoingMail, Signature, WaitingName, WebhookDelivery
from signatures.templatetags.figures import figure

from ..jobs.words import HELD_REASONS
from .lists import Lists
from .reading import Queue, Standing

LATE = timedelta(minutes=10)  # that long a mail that is due may wait before anybody has to know
WORST, WORSE, WAITS = "worst", "worse", "waits"  # something is broken, something is stuck, somebody is to decide


@dataclass(frozen=True, slots=True)
class Matter:
    """One line of it. `parts` say it in detail: words and an address each, which is empty where one may not go."""

    kind: str
    words: str
    address: str = ""
    parts: Sequence[tuple[str, str]] = ()


def matters_of(standing: Standing, lists: Lists, *, now: datetime, language: str) -> Iterator[Matter]:
    """What follows from the figures. Expects the language to be active."""
    yield from _mail(standing.mail, lists.to(Signature, mail="due"), lists.to(Signature, mail="failed"), now, language)
    yield from _mail(
        standing.other_mail,
        lists.to(OutgoingMail, fate="waiting"),
        lists.to(OutgoingMail, fate="failed"),
        now,
        language,
    )
    for name, fate, what in (
        ("failed", "failed", _("tried again by itself")),
        ("over", "lately", _("given up this week")),
    ):
        if number := standing.webhooks.get(name, 0):
            words = ngettext("%s webhook delivery failed", "%s webhook deliveries failed", number)
            said = f"{words % figure(number, language)}: {what}"
            yield Matter(WORSE, said, lists.to(WebhookDelivery, fate=fate))
    if held := standing.held_in_all:
        words = ngettext("%s signature is held for review", "%s signatures are held for review", held)
        parts = [
            (f"{HELD_REASONS.get(key, key)}: {figure(number, language)}", lists.to(Signature, state="held", reason=key))
            for key, number in sorted(standing.held.items(), key=lambda each: -each[1])
        ]
        yield Matter(WAITS, words % figure(held, language), lists.to(Signature, state="held"), parts)
    if names := standing.names:
        words = ngettext("%s name waits to be read", "%s names wait to be read", names)
        yield Matter(WAITS, words % figure(names, language), lists.to(WaitingName))


def _mail(queue: Queue, waiting: str, failed: str, now: datetime, language: str) -> Iterator[Matter]:
    if queue.oldest and now - queue.oldest > LATE:
        words = ngettext(
            "%(number)s mail waits since %(when)s",
            "%(number)s mails wait, the first since %(when)s",
            queue.waiting,
        )
        number = figure(queue.waiting, language)
        yield Matter(WORSE, words % {"number": number, "when": clock(queue.oldest, now=now)}, waiting)
    if queue.failed:
        words = ngettext("%s mail failed", "%s mails failed", queue.failed) % figure(queue.failed, language)
        yield Matter(WORSE, f"{words}: {_('tried again by itself')}", failed)


def clock(at: datetime, *, now: datetime) -> str:
    """10:42 UTC, with the date before it when that is not today."""
    return f"{at.astimezone(UTC):%H:%M} UTC" if at.date() == now.date() else f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
