"""Every wording of a letter is kept under its number: what a person signed can be read after the letter has changed."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db.models import Max

from signatures.models import Letter, LetterRevision


def keep_wording(*, letter: Letter, by: User | None, fresh: bool) -> LetterRevision:
    """Give a saved letter its next version and keep its words under it; `fresh` if the letter was not there before.

    A letter that was deleted and written again goes on counting where it stopped. Call it in the transaction that
    saves the letter: of two that race, the unique constraint lets one keep its words and undoes the other.
    """
    kept = LetterRevision.objects.filter(petition_id=letter.petition_id, language=letter.language)
    newest = kept.aggregate(newest=Max("version"))["newest"] or 0
    letter.version = newest + 1 if fresh else max(newest, letter.version) + 1
    letter.save(update_fields=["version"])
    return LetterRevision.objects.create(
        petition_id=letter.petition_id,
        language=letter.language,
        version=letter.version,
        translated_version=letter.translated_version,
        written_by=by,
        **{part: getattr(letter, part) for part in Letter.PARTS},
    )


def version_of_the_original(letter: Letter) -> int | None:
    """The version that the petition's original is at now; None for the original itself, or while there is none."""
    original = letter.petition.original_language
    if letter.language == original:
        return None
    found = Letter.objects.filter(petition_id=letter.petition_id, language=original)
    return found.values_list("version", flat=True).first()


def follow_original(letter: Letter) -> None:
    """Say of a translation that it was made from the original as it is now."""
    letter.translated_version = version_of_the_original(letter)
    letter.save(update_fields=["translated_version"])
