"""The words of each mail: text and HTML in the signer's language, for that one mailbox and nobody else.

Some signers are in danger, and a subject line shows on a locked screen: subjects name no topic, only the mail that
asks for a confirmation names the letter, and nothing in a mail is fetched from anywhere when it is read.
"""

from __future__ import annotations

import re
import textwrap
import unicodedata
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.crypto import salted_hmac
from django.utils.html import format_html

from signatures.models import Petition, Signature
from signatures.privacy.links import make_link
from signatures.privacy.personal import Signer

Kind = Literal["confirm", "remind", "signed", "review", "withdrawn", "released", "removed", "link"]
WIDTH = 72  # columns of the text part

# An unquoted address of one mailbox (RFC 5321 dot-string and domain, Unicode domain allowed): nothing that a header or
# an envelope could read as a second address, a comment or a line break.
ONE_MAILBOX = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[^\s\x00-\x1f\x7f()<>\[\]@,;:\\\"]+")
# What a mail program would turn into a link: a name may not carry an advertisement to somebody else's mailbox.
LOOKS_LIKE_A_LINK = re.compile(r"://|www\.|@|[^\W\d_]\.[^\W\d_]{2,}|/", re.IGNORECASE)
JOINERS = "\u200c\u200d"  # zero-width, and part of names in Persian and in Indic scripts
READY = "\ufffc"  # the object replacement character: where text goes that must not be folded again
LONGEST_NAME = 80  # characters of a name in a greeting
BLANKS = "\u034f\u200c\u00a0" * 60  # drawn as nothing, yet filling the line that a mail program shows as a preview


class UnfitAddress(Exception):
    """No mail can be addressed to it: not one plain mailbox."""


@dataclass
class Occasion:
    """A petition as its mails need it; read once per batch."""

    slug: str
    organisation: str
    original_language: str
    takes_confirmations: bool = True
    kept_days: int = 14  # how long an unconfirmed signature is kept
    titles: dict[str, str] = field(default_factory=dict)  # by language

    def title_in(self, language: str) -> str:
        return self.titles.get(language) or self.titles.get(self.original_language, "")


def occasion_of(petition_id: int) -> Occasion:
    petition = Petition.objects.only("slug", "state", "organisation", "original_language", "pending_kept_days").get(
        pk=petition_id
    )
    return Occasion(
        slug=petition.slug,
        organisation=petition.organisation,
        original_language=petition.original_language,
        takes_confirmations=petition.state in Petition.COUNTING,
        kept_days=min(petition.pending_kept_days, settings.LINK_DAYS),
        titles=dict(petition.letters.values_list("language", "title")),
    )


def compose(
    *, kind: Kind, signature: Signature, signer: Signer, occasion: Occasion, serial: str
) -> EmailMultiAlternatives:
    """One mail, ready to hand over.

    `serial` names this mail among all we ever send for the signature. It becomes the Message-ID, so that a mail which
    goes out twice because a worker was killed is recognised as one by the mailboxes that look for that.
    Raises UnfitAddress.
    """
    language = spoken(signature.language)
    words = {
        "days": occasion.kept_days,
        **_reminding(signature, kept_days=occasion.kept_days),
        **_links(kind, signature=signature, occasion=occasion, language=language),
    }
    return write(
        kind,
        words,
        signer=signer,
        occasion=occasion,
        wanted=signature.language,
        serial=serial,
    )


def write(
    template: str,
    words: dict[str, Any],
    *,
    signer: Signer,
    occasion: Occasion,
    wanted: str,
    serial: str,
    ready: str = "",
    headers: dict[str, str] | None = None,
) -> EmailMultiAlternatives:
    """A mail from the templates of one name, in the frame that all mails have; `wanted` is the reader's language.

    `ready` is text that is folded already: it stands in the text part where its template has READY.
    Raises UnfitAddress.
    """
    if not ONE_MAILBOX.fullmatch(signer.email):
        raise UnfitAddress
    language = spoken(wanted)
    with translation.override(language):
        name = greeting_name(signer.name)
        words = {
            "name": name,
            "isolated_name": format_html("<bdi>{}</bdi>", name) if name else "",
            "blanks": BLANKS,
            "title": " ".join(occasion.title_in(wanted).split()),
            "petition": occasion,
            "language": language,
            "direction": "rtl" if translation.get_language_bidi() else "ltr",
            "letter_url": f"{settings.PUBLIC_URL}/{language}/{occasion.slug}/",
            "ready": READY,
            **words,
        }
        subject = " ".join(render_to_string(f"mail/{template}.subject.txt", words).split())
        text = wrapped(render_to_string(f"mail/{template}.txt", words)).replace(READY, ready)
        html = render_to_string(f"mail/{template}.html", words | {"subject": subject})
    message = EmailMultiAlternatives(
        subject=subject,
        body=text,
        to=[signer.email],  # the bare address: a name never enters a header
        headers={
            "Message-ID": _message_id(serial),
            "Auto-Submitted": "auto-generated",  # RFC 3834: no vacation notice comes back
            "X-Auto-Response-Suppress": "All",
            **(headers or {}),
        },
    )
    message.attach_alternative(html, "text/html")
    # Mail providers rewrite links to count clicks, and would then hold our capability links.
    message.track_clicks = message.track_opens = False  # type: ignore[attr-defined]
    return message


def _links(kind: Kind, *, signature: Signature, occasion: Occasion, language: str) -> dict[str, str]:
    """Only the links that the kind of mail shows: a link that was never made cannot be forwarded."""
    where = {"slug": occasion.slug, "language": language}
    if kind in ("confirm", "remind"):
        return {
            "confirm_url": make_link("confirm", signature_id=signature.pk, **where),
            "not_me_url": make_link("not-me", signature_id=signature.pk, **where),
        }
    if kind in ("review", "removed"):
        return {"not_me_url": make_link("not-me", signature_id=signature.pk, **where)}
    links = {"mine_url": make_link("mine", signature_id=signature.pk, **where)}
    if kind == "link" and signature.state == Signature.State.PENDING and occasion.takes_confirmations:
        links["confirm_url"] = make_link("confirm", signature_id=signature.pk, **where)
    return links


def _reminding(signature: Signature, *, kept_days: int) -> dict[str, Any]:
    """Whether the signer is written to again unasked, and the day by which an unconfirmed signature is deleted.

    The deleting looks once an hour: an hour later it is done.
    """
    sent = signature.reminders_sent >= len(settings.REMIND_AFTER_HOURS)
    enough = signature.mail_count + 1 >= settings.MAIL_PER_SIGNATURE
    return {
        "last": sent or enough,
        "signed_on": signature.created_at.date(),
        "deleted_on": (signature.created_at + timedelta(days=kept_days, hours=1)).date(),
    }


def spoken(language: str) -> str:
    """The language of LANGUAGES nearest to a signature's; the default one when a letter has more languages than we."""
    try:
        return translation.get_supported_language_variant(language)
    except LookupError:
        return str(settings.LANGUAGE_CODE)


def greeting_name(name: str) -> str:
    """The name for a greeting, or "" when it is more than a name.

    Anybody can type anybody's address beside a name of their choice, so a name is never a way to send them a message:
    no line breaks, no invisible characters, nothing that a mail program makes a link of, nothing long.
    """
    one_line = " ".join(name.split())
    visible = (c for c in one_line if c in JOINERS or unicodedata.category(c) not in ("Cf", "Cc", "Co", "Cs"))
    tidy = " ".join("".join(visible).split())
    return "" if len(tidy) > LONGEST_NAME or LOOKS_LIKE_A_LINK.search(tidy) else tidy


def wrapped(text: str) -> str:
    """Paragraphs folded at WIDTH; a link keeps its line, however long it is."""
    paragraphs = re.split(r"\n\s*\n", text.strip())
    folded = (
        textwrap.fill(
            " ".join(re.split(r"[ \t\r\n]+", part.strip())),  # a no-break space stays one
            WIDTH,
            break_long_words=False,
            break_on_hyphens=False,
        )
        for part in paragraphs
    )
    return "\n\n".join(part for part in folded if part) + "\n"


def public_host() -> str:
    """The public address's host: this machine's own name is nobody's business."""
    return urlsplit(settings.PUBLIC_URL).hostname or "localhost"


def _message_id(serial: str) -> str:
    host = public_host()
    if re.fullmatch(r"[\d.]+", host):
        host = f"[{host}]"
    return f"<{salted_hmac('signatures.mail', serial, algorithm='sha256').hexdigest()[:32]}@{host}>"
