"""All that is held about one signature: in words for its page, and as JSON to take away (GDPR, articles 15 and 20)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from signatures.models import ConsentText, Job, JobItem, Signature
from signatures.privacy.personal import Signer, signer_of
from signatures.sending.leaving import updates_mailed
from signatures.templatetags.figures import moment
from signatures.templatetags.languages import named_in

from .choices import choices_of
from .countries.names import country_name
from .review.names import name_standing


def _changed(signature: Signature) -> bool:
    """Whether the choices were changed since the form was sent: one sent again makes an earlier change void."""
    changed, agreed = signature.choices_changed_at, signature.consented_at
    return changed is not None and agreed is not None and changed > agreed


def _signer(signature: Signature) -> Signer:
    """Empty, once retention has destroyed both parts."""
    if signature.name_sealed is None and signature.email_sealed is None:
        return Signer(name="", email="")
    return signer_of(signature)


def is_being_erased(signature: Signature) -> bool:
    """Whether staff took it off the count to erase it, which for an hour can still be undone.

    It is stored as withdrawn (`moves.TAKE_OFF`); whoever signed did not withdraw it, and is not told that they did.
    """
    if signature.state != Signature.State.WITHDRAWN or signature.withdrawn_at is None:
        return False
    jobs = Job.objects.filter(petition_id=signature.petition_id, kind="erase", settled_at__isnull=True)
    return JobItem.objects.filter(
        job__in=list(jobs.values_list("pk", flat=True)), signature_id=signature.pk, left_at=signature.withdrawn_at
    ).exists()


def in_words(signature: Signature, *, language: str) -> list[tuple[str, str]]:
    """Every stored fact, labelled. Raises sealing.Unreadable when a key is missing."""
    signer = _signer(signature)
    updates = updates_mailed(signature.pk)
    changed = signature.choices_consent if _changed(signature) else None
    by_staff = is_being_erased(signature)  # the page says so above; withdrawn it was not
    held = [
        (_("Name"), signer.name or _("deleted: its time was over")),
        (_("E-mail address"), signer.email or _("deleted: its time was over")),
        (_("Country or territory"), country_name(signature.country, language)),
        (_("Language"), named_in(signature.language, language)),
        (_("State"), "" if by_staff else signature.get_state_display()),
        (_("Choices"), "; ".join(choices_of(signature)) or pgettext("choices", "none")),
        (_("Your name on the public list"), name_standing(signature)),
        (_("Privacy text agreed to"), _version(signature.consent) if signature.consent else ""),
        (_("Privacy text when the choices were changed"), _version(changed) if changed else ""),
        (_("Came from"), signature.source),
        (_("Mails sent"), str(signature.mail_count or "")),
        (_("Updates mailed"), str(len(updates) or "")),
    ]
    times = [
        (_("Signed"), signature.created_at),
        (_("Choices changed"), signature.choices_changed_at if changed else None),
        (_("Confirmed"), signature.confirmed_at),
        (_("Withdrawn"), None if by_staff else signature.withdrawn_at),
        (_("Removed"), signature.invalid_at if signature.state == Signature.State.INVALID else None),
        (_("Last mail sent"), signature.mail_sent_at),
        (_("Last update mailed"), updates[-1] if updates else None),
    ]
    held += [(label, moment(at, language)) for label, at in times if at]
    return [(str(label), str(value)) for label, value in held if value]


def _version(text: ConsentText) -> str:
    return _("version %(version)s") % {"version": text.version}


def as_json(signature: Signature, *, letter_url: str, title: str) -> dict[str, Any]:
    """The same for a machine. The fields are described in docs/privacy-for-signers.md; a new one may be added, none
    changes its meaning while `version` is 1. Times are ISO 8601 in UTC. Raises sealing.Unreadable.
    """
    signer = _signer(signature)
    return {
        "format": "undersigned.signature",
        "version": 1,
        "made_at": _iso(timezone.now()),
        "letter": {"title": title, "url": letter_url},
        "name": signer.name or None,
        "email": signer.email or None,
        "country": signature.country,
        "language": signature.language,
        "state": signature.state,
        "being_erased": is_being_erased(signature),
        "choices": {
            "show_name": signature.show_name,
            "hand_over": signature.hand_over,
            "updates": signature.wants_updates,
        },
        "choices_changed_at": _iso(signature.choices_changed_at) if _changed(signature) else None,
        "choices_privacy_text": _text(signature.choices_consent) if _changed(signature) else None,
        "privacy_text": _text(signature.consent),
        "privacy_text_agreed_at": _iso(signature.consented_at),
        "came_from": signature.source,
        "signed_at": _iso(signature.created_at),
        "confirmed_at": _iso(signature.confirmed_at),
        "held_at": _iso(signature.held_at),
        "withdrawn_at": _iso(signature.withdrawn_at),
        "removed_at": _iso(signature.invalid_at),
        "mails": {
            "sent": signature.mail_count,
            "reminders": signature.reminders_sent,
            "last_sent_at": _iso(signature.mail_sent_at),
            "bounced_at": _iso(signature.bounced_at),
            "updates_mailed_at": [_iso(at) for at in updates_mailed(signature.pk)],
        },
    }


def _text(consent: ConsentText | None) -> dict[str, str] | None:
    return {"version": consent.version, "language": consent.language, "text": consent.text} if consent else None


def _iso(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if at else None
