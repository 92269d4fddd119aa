"""Invented signers, as many as a real campaign had: for trying, showing and measuring.

They are stored exactly as real ones are, sealed and indexed, with their ledger rows, through COPY. No mail ever goes to
them, and their addresses are under example.org, which belongs to nobody (RFC 2606).
"""

from __future__ import annotations

import os
import random
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django_countries import countries
from uuid_utils import uuid7

from signatures.models import ConsentText, DeskFigures, Petition
from signatures.privacy.indexes import domain_index, email_index, person_index
from signatures.privacy.sealing import seal

from . import snapshot
from .fold import fold
from .published import publish_due

CHUNK = 4000  # signers sealed at a time by one process
AHEAD = 6  # chunks that may wait to be stored

GIVEN = (
    "Ada Amina Anh Aygul Beatriz Chidi Dilnur Elif Fatou Giorgos Hana Ingrid Ioana Joao Kwame Leila Mateo Ngozi Olena "
    "Priya Quang Rosa Sami Thandi Ülkü Véronique Wanjiru Ximena Yusuf Zsófia Әлия Ольга 美玲 さくら 민준 شيرين "
    "فاطمة دانیال ئايگۈل רחל Ελένη สมชาย அருண் প্রিয়া"
).split()
FAMILY = (
    "Abdullah Almeida Bakr Castro Diallo Eze Fofana García Haddad Ivanova Jansen Kimani Lindqvist Mensah Nguyễn Okafor "
    "Papadopoulos Quispe Rahman Sato Tursun Ulusoy Vasquez Wójcik Yıldız Zhang Құнанбаева Иванов 王 鈴木 김 حسن علی "
    "כהן Παππάς ใจดี குமார் দাস"
).split()

# Where most signers of such letters come from, roughly in this order; chance decides on the others.
LEADING = "FR DE GB US ES NL IT CA AU BE CH SE PL TR MX BR AR IN NO DK AT IE PT PK NG ID PE KE TW JP".split()

_SIGNATURE_COLUMNS = (
    "id, petition_id, state, name_sealed, email_sealed, email_index, person_index, country, language, show_name, "
    "hand_over, wants_updates, source, consent_id, consented_at, revision, created_at, confirmed_at, held_from, "
    "held_reason, mail_attempts, mail_count, mail_error, domain_index"
)
_SIGNATURE_TYPES = (
    *("uuid", "int8", "varchar", "bytea", "bytea", "bytea", "bytea", "varchar", "varchar", "bool", "bool", "bool"),
    *("varchar", "int8", "timestamptz", "int2", "timestamptz", "timestamptz", "varchar", "varchar", "int2", "int2"),
    *("varchar", "bytea"),
)


class SimulationProblem(ValueError):
    """What cannot be simulated, in words."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A chunk of signers to invent: their number, countries and days are settled, their persons are not."""

    petition_id: int
    consent_id: int
    seed: int
    first_number: int
    people: list[tuple[str, datetime]]  # country, signed at


def simulate(
    *,
    petition: Petition,
    signatures: int,
    of_countries: int,
    days: int = 60,
    seed: int | None = None,
    progress: Callable[[int], object] | None = None,
) -> None:
    """Add `signatures` confirmed signers from exactly `of_countries` countries, over the last `days` days, and fold.

    Stored in one transaction: an interrupted run leaves nothing. `progress` is told how many more are stored. Raises
    SimulationProblem.
    """
    codes = [code for code, _name in countries]
    if not 1 <= of_countries <= len(codes):
        raise SimulationProblem(f"There are {len(codes)} countries and territories to sign from.")
    if signatures < of_countries:
        raise SimulationProblem("Every country needs a signer: ask for at least as many signatures as countries.")
    if days < 1:
        raise SimulationProblem("It takes at least one day.")
    consent = ConsentText.objects.filter(language="en").order_by("-id").first()
    if consent is None:
        raise SimulationProblem("There is no consent text: run the migrations.")
    seed = random.SystemRandom().getrandbits(32) if seed is None else seed
    chance = random.Random(seed)
    where = _countries(chance, codes, signatures, of_countries)
    when = _moments(chance, signatures, days)
    run = chance.getrandbits(40)
    batches = [
        Batch(
            petition.pk,
            consent.pk,
            seed + start,
            run + start,
            list(zip(where[start : start + CHUNK], when[start : start + CHUNK], strict=True)),
        )
        for start in range(0, signatures, CHUNK)
    ]
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        try:
            with transaction.atomic():
                _copy(_invented(pool, batches), petition.pk, progress)
                DeskFigures.objects.filter(
                    pk=petition.pk
                ).delete()  # so that their days are counted, long past ones too
        except IntegrityError as error:
            raise SimulationProblem("The people of this seed have signed already: take another seed.") from error
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
    fold(wait=True)  # a worker may be folding them at this moment
    publish_due(every=0, only=[petition.pk])  # nobody to protect, and a picture of it wants all its countries
    snapshot.publish([petition.pk])


def _invented(pool: ProcessPoolExecutor, batches: list[Batch]) -> Iterator[list[tuple[object, ...]]]:
    """The batches' rows in order, a few batches ahead of whoever stores them and no more: they are large."""
    under_way: deque[Future[list[tuple[object, ...]]]] = deque()
    for batch in batches:
        under_way.append(pool.submit(invent, batch))
        if len(under_way) > AHEAD:
            yield under_way.popleft().result()
    while under_way:
        yield under_way.popleft().result()


def _countries(chance: random.Random, codes: list[str], signatures: int, of_countries: int) -> list[str]:
    """A country for each signer: one for every country first, the rest by Zipf's law, as real campaigns have it."""
    leading = [code for code in LEADING if code in codes][:of_countries]
    others = [code for code in codes if code not in leading]
    chosen = leading + chance.sample(others, of_countries - len(leading))
    weights = [1 / (rank + 1) ** 1.1 for rank in range(of_countries)]
    where = chosen + chance.choices(chosen, cum_weights=list(accumulate(weights)), k=signatures - of_countries)
    chance.shuffle(where)
    return where


def _moments(chance: random.Random, signatures: int, days: int) -> list[datetime]:
    """When each signed: a launch that fades, quiet Sundays, and now and then a day in the news. Oldest first."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    first = today - timedelta(days=days - 1)
    weights = []
    for number in range(days):
        weight = 0.15 + 3 / (1 + number / 3)
        if (first + timedelta(days=number)).weekday() >= 5:
            weight *= 0.6
        if chance.random() < 0.07:
            weight *= 4
        weights.append(weight)
    picked = chance.choices(range(days), cum_weights=list(accumulate(weights)), k=signatures)
    elapsed = (datetime.now(UTC) - today).total_seconds()
    return sorted(
        first + timedelta(days=day, seconds=chance.random() * (elapsed if day == days - 1 else 86_399))
        for day in picked
    )


def invent(batch: Batch) -> list[tuple[object, ...]]:
    """The rows of a batch, in the order of _SIGNATURE_COLUMNS. Runs in a process of its own; touches no database."""
    chance = random.Random(batch.seed)
    rows: list[tuple[object, ...]] = []
    for number, (country, at) in enumerate(batch.people, start=batch.first_number):
        name = f"{chance.choice(GIVEN)} {chance.choice(FAMILY)}"
        address = f"invented-{number:x}@signers.example.org"
        person = person_index(address)
        rows.append(
            (
                UUID(bytes=uuid7(nanoseconds=int(at.timestamp() * 1e9)).bytes),
                batch.petition_id,
                "confirmed",
                seal(name, petition_id=batch.petition_id, person_index=person, field="name"),
                seal(address, petition_id=batch.petition_id, person_index=person, field="email"),
                email_index(address),
                person,
                country,
                "en",
                chance.random() < 0.2,
                chance.random() < 0.4,
                chance.random() < 0.3,
                "",
                batch.consent_id,
                at,
                0,
                at,
                at,
                *("", "", 0, 1, "", domain_index(address)),
            )
        )
    return rows


def _copy(
    chunks: Iterator[list[tuple[object, ...]]], petition_id: int, progress: Callable[[int], object] | None
) -> None:
    """Store signatures chunk by chunk, each with its ledger rows, within the caller's transaction."""
    with connection.wrap_database_errors, connection.cursor() as cursor:  # COPY is psycopg's own
        for rows in chunks:
            with cursor.copy(f"COPY signatures_signature ({_SIGNATURE_COLUMNS}) FROM STDIN (FORMAT BINARY)") as copy:
                copy.set_types(_SIGNATURE_TYPES)
                for row in rows:
                    copy.write_row(row)
            with cursor.copy(
                "COPY signatures_tallyentry (petition_id, country, day, delta, folded) FROM STDIN (FORMAT BINARY)"
            ) as copy:
                copy.set_types(("int8", "varchar", "date", "int2", "bool"))
                for row in rows:
                    copy.write_row((petition_id, row[7], _day(row[17]), 1, False))
            if progress:
                progress(len(rows))


def _day(at: object) -> date:
    assert isinstance(at, datetime)  # noqa: S101  column 17 is confirmed_at
    return at.astimezone(UTC).date()
