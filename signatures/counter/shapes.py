"""What the data addresses answer, field by field. The published document is made from this (see `openapi`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from .schema import Told

State = Annotated[
    str,
    Told(
        "`open` takes signatures; `paused` takes none for a while; `closed` and `delivered` take none and their "
        "figures hardly change any more.",
        enum=["open", "paused", "closed", "delivered"],
    ),
]
Slug = Annotated[str, Told("The petition's name in addresses.", pattern="^[-a-zA-Z0-9_]+$", maxLength=80)]
Language = Annotated[str, Told("A language code, such as `en`, `fr`, `zh-hans`.")]
Threshold = Annotated[
    int, Told("Groups of fewer signers have no number; numbers are rounded down to multiples of it.", minimum=10)
]
Rounded = Annotated[
    int | None,
    Told("Signers, rounded down to a multiple of `threshold`; null when they are fewer than it.", minimum=0),
]
SnapshotTime = Annotated[
    datetime | None, Told("When these figures were published, UTC; null before the first publication.")
]
SnapshotVersion = Annotated[int, Told("Rises with every publication; 0 before the first.", minimum=0)]
Paper = Annotated[
    int | None,
    Told(
        "How many more signed on paper, which are in no other figure: rounded down to a multiple of the threshold, "
        "null when they are fewer or none. Some of them may have signed here as well, so do not add the two up.",
        minimum=0,
    ),
]
ReadAt = Annotated[datetime, Told("When this was read, UTC.")]
Digest = Annotated[str, Told("Differs whenever anything but `as_of` differs. Compare for equality only.")]


@dataclass(frozen=True, slots=True)
class Tally:
    """The live count."""

    slug: Slug
    state: State
    total: Annotated[int, Told("Confirmed signatures.", minimum=0)]
    goal: Annotated[int, Told("How many the campaign hopes for.", minimum=1)]
    countries: Annotated[
        int, Told("Countries and territories in the last published figures by country; 0 before the first.", minimum=0)
    ]
    paper: Paper
    as_of: Annotated[datetime, Told("When the count last changed, UTC.")]
    version: Annotated[
        int, Told("Rises with every change. Of two answers, show the one with the higher version.", minimum=0)
    ]
    poll_after: Annotated[
        int | None,
        Told("Ask again after so many seconds, give or take some; null: stop asking, it takes no more.", minimum=1),
    ]


@dataclass(frozen=True, slots=True)
class LetterTitle:
    """The letter in one language."""

    language: Language
    title: Annotated[str, Told("Its title in that language.")]
    addressee: Annotated[str, Told("To whom it is addressed, in that language.")]
    url: Annotated[str, Told("The page to read and sign it.", format="uri")]
    embed_url: Annotated[str, Told("A page with the live count, made to be framed.", format="uri")]


@dataclass(frozen=True, slots=True)
class Links:
    """Where the rest is."""

    tally: Annotated[str, Told("The live count.", format="uri")]
    countries: Annotated[str, Told("Figures by country.", format="uri")]
    days: Annotated[str, Told("Figures by day.", format="uri")]
    updates: Annotated[str, Told("Updates from the campaign.", format="uri")]
    stream: Annotated[str, Told("The live count as Server-Sent Events.", format="uri")]


@dataclass(frozen=True, slots=True)
class Details:
    """A petition and its letter."""

    slug: Slug
    state: State
    organisation: Annotated[str, Told("Who carries the campaign; may be empty.")]
    reference: Annotated[str, Told("The letter's own reference; may be empty.")]
    dated: Annotated[date | None, Told("The date on the letter.")]
    goal: Annotated[int, Told("How many signatures the campaign hopes for.", minimum=1)]
    country_threshold: Threshold
    paper: Paper
    opened_at: Annotated[datetime | None, Told("When people could first sign, UTC.")]
    closed_at: Annotated[datetime | None, Told("When it closed, UTC; null before that.")]
    delivered_at: Annotated[datetime | None, Told("When the letter was handed over, UTC; null before that.")]
    original_language: Language
    letters: Annotated[
        tuple[LetterTitle, ...], Told("The letter in each of its languages, the original first.", minItems=1)
    ]
    links: Links
    as_of: ReadAt
    version: Digest


@dataclass(frozen=True, slots=True)
class Country:
    """A country or territory with at least one signer."""

    code: Annotated[str, Told("ISO 3166-1 alpha-2, and `XK` for Kosovo.", pattern="^[A-Z]{2}$")]
    name: Annotated[str, Told("Its common name in the answer's language.")]
    number: Rounded


@dataclass(frozen=True, slots=True)
class Countries:
    """The published figures by country: a snapshot, coarse on purpose."""

    slug: Slug
    state: State
    language: Language
    threshold: Threshold
    total: Annotated[
        int | None, Told("All signers at `as_of`, rounded likewise: more than the numbers add up to.", minimum=0)
    ]
    not_said: Annotated[
        int | None,
        Told("Signers who preferred not to say, rounded likewise; null when few or none.", minimum=0),
    ]
    countries: Annotated[tuple[Country, ...], Told("Largest number first, then those without one by code.")]
    as_of: SnapshotTime
    version: SnapshotVersion


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the campaign."""

    day: Annotated[date, Told("The UTC day of the confirmations.")]
    number: Rounded


@dataclass(frozen=True, slots=True)
class Days:
    """The published figures by day, of the same snapshot as those by country."""

    slug: Slug
    state: State
    threshold: Threshold
    days: Annotated[
        tuple[Day, ...],
        Told("Every day from the first signature to `as_of`, oldest first. The last one was not over."),
    ]
    as_of: SnapshotTime
    version: SnapshotVersion


@dataclass(frozen=True, slots=True)
class Update:
    """News from the campaign."""

    id: Annotated[UUID, Told("Stays the same in every language.")]
    language: Annotated[str, Told("The language it is in: the one asked for, or else the one it was written in.")]
    title: Annotated[str, Told("Plain text.")]
    html: Annotated[
        str, Told("Simple HTML: no script, no style, no picture. Links lead to http, https and mailto addresses.")
    ]
    published_at: Annotated[datetime, Told("UTC.")]


@dataclass(frozen=True, slots=True)
class Updates:
    """The newest hundred updates from the campaign."""

    slug: Slug
    state: State
    language: Language
    updates: Annotated[tuple[Update, ...], Told("The newest first.")]
    as_of: ReadAt
    version: Digest


@dataclass(frozen=True, slots=True)
class OEmbed:
    """An oEmbed answer of type `rich` (oembed.com)."""

    version: Literal["1.0"]
    type: Literal["rich"]
    provider_name: str
    provider_url: Annotated[str, Told("Our address.", format="uri")]
    title: Annotated[str, Told("The letter's title.")]
    author_name: Annotated[str, Told("Who carries the campaign; may be empty.")]
    author_url: Annotated[str, Told("The letter's page.", format="uri")]
    cache_age: Annotated[int, Told("Keep it for so many seconds.", minimum=0)]
    html: Annotated[str, Told("An iframe with the live count.")]
    width: Annotated[int, Told("Of the iframe, in pixels; never more than `maxwidth`.", minimum=1)]
    height: Annotated[int, Told("Of the iframe, in pixels; never more than `maxheight`.", minimum=1)]


@dataclass(frozen=True, slots=True)
class Problem:
    """What was wrong, in English, for developers."""

    error: Annotated[str, Told("In a few words.")]
