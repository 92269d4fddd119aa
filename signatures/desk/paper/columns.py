"""Which column of a sheet is what, by its heading, in English and French and in the spellings that one meets."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from signatures.desk.search.days import folded

from .read import MOST_COLUMNS, Unreadable

SHOWN = 40  # characters of a heading that are kept

# As `_even` writes them. "name" beside a first name is the last name: French forms say "Nom" and "Prénom".
SPELLINGS = {
    "name": "name, full name, fullname, complete name, name and surname, first and last name, signatory, signer, "
    "nom complet, nom et prenom, nom prenom, prenom et nom, prenom nom, nom, noms, names, signataire",
    "first": "first name, firstname, first names, given name, given names, forename, forenames, prenom, prenoms",
    "last": "last name, lastname, surname, family name, nom de famille, nom famille",
    "country": "country, country code, country or territory, country territory, pays, code pays, pays ou territoire, "
    "pays territoire, nation",
    "email": "e mail, email, mail, e mail address, email address, mail address, adresse e mail, adresse email, "
    "adresse mail, courriel, adresse courriel, adresse electronique, mel",
    "date": "date, day, signed, signed on, date signed, signature date, date of signature, date of signing, "
    "date de signature, date de la signature, signe le, jour",
    "reference": "reference, ref, sheet and line, sheet line, feuille et ligne, feuille ligne, no, n, nr, number, "
    "numero, num, id, number on the sheet, numero de ligne et de feuille",
    "sheet": "sheet, sheet no, sheet number, page, page no, page number, form, feuille, no de feuille, "
    "numero de feuille, numero de page, formulaire, liste, list",
    "line": "line, line no, line number, row, row number, ligne, no de ligne, numero de ligne",
}
_PARTS = {spelling.strip(): part for part, spellings in SPELLINGS.items() for spelling in spellings.split(",")}


def _even(heading: str) -> str:
    """`N° de feuille *` → `no de feuille`; `E-Mail:` → `e mail`."""
    text = folded(heading.replace("°", "o").replace("№", "no"))
    return " ".join(re.sub(r"[^\w]+|_", " ", text).split())


@dataclass(frozen=True, slots=True)
class Columns:
    """`places`: which cell of a row is which part. `headings`: how they are called there. `left_out`: the others."""

    places: dict[str, int]
    headings: dict[str, str]
    left_out: list[str]
    width: int  # cells that a row has at most

    def as_json(self) -> dict[str, object]:
        return {**self.headings, "left_out": self.left_out}


def understand(headings: Sequence[str], *, format_: str) -> Columns:
    """Raises Unreadable without a column for the name, or with two for one thing: nobody should have to guess.

    A row of a CSV file with more cells than headings is not what it looks like; in a sheet it has a note beside it.
    """
    found = [_PARTS.get(_even(heading), "") for heading in headings[:MOST_COLUMNS]]
    if "first" in found and "last" not in found and found.count("name") == 1:
        found[found.index("name")] = "last"
    parts = [part for part in found if part]
    if "name" not in parts and "last" not in parts:
        raise Unreadable("no_name")
    if len(set(parts)) < len(parts) or ("name" in parts and {"first", "last"} & set(parts)):
        raise Unreadable("twice")
    places = {part: place for place, part in enumerate(found) if part}
    return Columns(
        places=places,
        headings={part: headings[place].strip()[:SHOWN] for part, place in places.items()},
        left_out=[
            heading.strip()[:SHOWN]
            for heading, part in zip(headings, found, strict=False)
            if not part and heading.strip()
        ],
        width=len(headings) if format_ == "csv" else MOST_COLUMNS,
    )
