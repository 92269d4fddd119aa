"""The mail that carries an update to one supporter."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse

from signatures.letters.plain import render_plain
from signatures.letters.render import render_letter
from signatures.mail.compose import WIDTH, Occasion, occasion_of, public_host, spoken, write
from signatures.models import CampaignUpdate, Signature
from signatures.privacy.links import make_link
from signatures.privacy.personal import Signer

NO_SIGNATURE = UUID(int=0)  # what the links of a test lead to: pages that work, and nothing behind them


@dataclass(frozen=True)
class News:
    """An update's words in one language: `html` is safe, `text` is folded."""

    language: str
    title: str
    html: str
    text: str


@dataclass(frozen=True)
class Edition:
    """An update as its mails need it; read once per run."""

    update_id: UUID
    original_language: str
    occasion: Occasion
    texts: dict[str, News]

    def news_in(self, language: str) -> News:
        """The words in `language`, else in the one it was written in. Raises KeyError when that is missing."""
        return self.texts.get(language) or self.texts[self.original_language]


def edition_of(update_id: UUID) -> Edition:
    update = CampaignUpdate.objects.get(pk=update_id)
    return Edition(
        update_id=update_id,
        original_language=update.original_language,
        occasion=occasion_of(update.petition_id),
        texts={
            text.language: News(
                language=text.language,
                title=" ".join(text.title.split()),
                html=render_letter(text.body),
                text=render_plain(text.body, width=WIDTH),
            )
            for text in update.texts.all()
        },
    )


def compose_update(
    *, edition: Edition, signature: Signature, signer: Signer, sending_id: int
) -> EmailMultiAlternatives:
    """One supporter's mail. Its Message-ID is the same however often it is written. Raises UnfitAddress."""
    return _compose(
        edition,
        news=edition.news_in(signature.language),
        wanted=signature.language,
        signer=signer,
        signature_id=signature.pk,
        serial=f"update:{sending_id}:{signature.pk}",
    )


def compose_test(*, edition: Edition, language: str, signer: Signer, serial: str) -> EmailMultiAlternatives:
    """The same for one of the staff, and nothing hangs on its links. Raises UnfitAddress."""
    return _compose(
        edition,
        news=edition.news_in(language),
        wanted=language,
        signer=signer,
        signature_id=NO_SIGNATURE,
        serial=f"test:{serial}",
        is_test=True,
    )


def _compose(
    edition: Edition, *, news: News, wanted: str, signer: Signer, signature_id: UUID, serial: str, is_test: bool = False
) -> EmailMultiAlternatives:
    slug, language = edition.occasion.slug, spoken(wanted)
    unsubscribe = make_link("unsubscribe", signature_id=signature_id, slug=slug, language=language)
    page = reverse("update", kwargs={"language": language, "slug": slug, "update_id": edition.update_id})
    archive = reverse("updates", kwargs={"language": language, "slug": slug})
    return write(
        "update",
        {
            "news": news,
            "is_test": is_test,
            "page_url": settings.PUBLIC_URL + page,
            "unsubscribe_url": unsubscribe,
            "mine_url": make_link("mine", signature_id=signature_id, slug=slug, language=language),
        },
        signer=signer,
        occasion=edition.occasion,
        wanted=wanted,
        serial=serial,
        ready=news.text,
        headers={
            "List-Id": f"<{slug}.{public_host()}>",  # RFC 2919
            "List-Unsubscribe": f"<{unsubscribe}>",  # RFC 2369
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",  # RFC 8058
            "List-Post": "NO",  # RFC 2369, 3.4: nobody answers to all
            "List-Archive": f"<{settings.PUBLIC_URL}{archive}>",
            "Precedence": "bulk",  # no standard, and still what stops the last vacation programs
        },
    )
