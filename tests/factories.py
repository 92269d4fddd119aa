"""What tests set up in a line: a petition with its letter, and signatures sealed as the real ones are."""

from __future__ import annotations

from datetime import datetime
from itertools import count
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from signatures.models import (
    CampaignUpdate,
    ConsentText,
    Job,
    Letter,
    OutgoingMail,
    PaperImport,
    Petition,
    Signature,
    UpdateText,
)
from signatures.privacy.indexes import domain_index, email_index, person_index
from signatures.privacy.sealing import seal
from signatures.signing.paper import PaperRow, take_in

_numbers = count(1)


def make_petition(
    *,
    slug: str | None = None,
    state: str = "open",
    language: str = "en",
    languages: tuple[str, ...] = (),
    title: str = "Open letter on clean water",
    body: str = "We ask you to act.\n\nWater is a **right**.",
    **fields: Any,
) -> Petition:
    """A petition with one letter in `language` and one in each of `languages`, its titles ending in the code."""
    now = timezone.now()
    if state != Petition.State.DRAFT:
        fields.setdefault("opened_at", now)
    if state in (Petition.State.CLOSED, Petition.State.DELIVERED):
        fields.setdefault("closed_at", now)
    if state == Petition.State.DELIVERED:
        fields.setdefault("delivered_at", now)
    fields.setdefault("organisation", "The Campaign")
    petition = Petition.objects.create(
        slug=slug or f"letter-{next(_numbers)}",
        state=state,
        original_language=language,
        **fields,
    )
    for code in dict.fromkeys((language, *languages)):
        Letter.objects.create(
            petition=petition,
            language=code,
            title=title if code == language else f"{title} ({code})",
            addressee="To every government",
            salutation="Dear governments,",
            body=body,
            closing="Respectfully,",
            signatory="Ada Example",
            signatory_title="Campaigner",
        )
    return petition


def make_consent(language: str = "en") -> ConsentText:
    """A consent text. Tests that flush the database lose the migration's, so it is made when it is not there."""
    text, _ = ConsentText.objects.get_or_create(
        version="2026-11",
        language=language,
        defaults={"text": "We keep your name and address encrypted."},
    )
    return text


def make_signature(
    petition: Petition,
    *,
    email: str | None = None,
    name: str = "Ada Example",
    state: str = "pending",
    country: str | None = "FR",
    language: str = "en",
    at: datetime | None = None,
    **fields: Any,
) -> Signature:
    """A signature in any state, sealed and indexed as `sign()` does it. Writes no ledger row and makes no mail due.

    `at` is when it was signed (and confirmed, held, withdrawn or erased); any other field can be given by name.
    """
    at = at or timezone.now()
    if email is None:
        email = f"signer-{next(_numbers)}@mail.example"
    if state == Signature.State.ERASED:
        country = None
    else:
        person = person_index(email)
        fields.setdefault(
            "name_sealed",
            seal(name, petition_id=petition.pk, person_index=person, field="name"),
        )
        fields.setdefault(
            "email_sealed",
            seal(email, petition_id=petition.pk, person_index=person, field="email"),
        )
        fields.setdefault("email_index", email_index(email))
        fields.setdefault("person_index", person)
        fields.setdefault("domain_index", domain_index(email))
    if state == Signature.State.CONFIRMED:
        fields.setdefault("confirmed_at", at)
    elif state == Signature.State.HELD:
        fields.setdefault("held_at", at)
        fields.setdefault("held_reason", "many from one network")
        fields.setdefault("held_from", "pending")
    elif state == Signature.State.WITHDRAWN:
        fields.setdefault("withdrawn_at", at)
    elif state == Signature.State.ERASED:
        fields.setdefault("erased_at", at)
    return Signature.objects.create(
        petition=petition,
        state=state,
        country=country,
        language=language,
        consent=make_consent(),
        consented_at=at,
        created_at=at,
        **fields,
    )


def make_mail(signature: Signature, *, kind: str = "released", **fields: Any) -> OutgoingMail:
    """A mail in the second outbox, due now unless said otherwise."""
    fields.setdefault("due_at", timezone.now())
    return OutgoingMail.objects.create(signature=signature, kind=kind, **fields)


def make_update(
    petition: Petition,
    *,
    title: str = "News",
    body: str = "We **delivered** it.",
    language: str = "en",
    languages: tuple[str, ...] = (),
    published: bool = True,
    texts: bool = True,
) -> CampaignUpdate:
    """An update from the campaign in `language`, and in each of `languages` with its title ending in the code."""
    at = timezone.now() if published else None
    update = CampaignUpdate.objects.create(petition=petition, original_language=language, published_at=at)
    for code in (language, *languages) if texts else ():
        UpdateText.objects.create(
            update=update, language=code, title=title if code == language else f"{title} ({code})", body=body
        )
    return update


def make_paper(petition: Petition, count: int = 1, *, country: str | None = "FR", **fields: Any) -> list[Signature]:
    """Signatures on paper, each with its step in the ledger, as an import counts them; `fields` are those of a row."""
    user = User.objects.filter(username="importer").first() or User.objects.create_user("importer")
    paper = PaperImport.objects.create(
        petition=petition,
        made_by=user,
        file_name="sheets.csv",
        format="csv",
        rows=count,
        good=count,
        expires_at=timezone.now(),
    )
    job = Job.objects.create(kind="import paper", petition=petition, reason="why", moves=True, state="done")
    rows = [PaperRow(**{"name": f"Person {next(_numbers)}", "country": country} | fields) for _each in range(count)]
    with transaction.atomic():
        assert take_in(rows, paper_import=paper, job_id=job.pk) == count
    return list(Signature.objects.filter(paper_import=paper).order_by("pk"))
