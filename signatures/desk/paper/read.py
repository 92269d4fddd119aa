"""A CSV or XLSX file as rows of text: whatever somebody sends is read, or said why not, in bounded time and memory.

Nothing in a file is run: formulas are seen as such and never evaluated, links are not followed, and an XLSX (a ZIP of
XML) is looked through, part by part, for its size and for entities before anything is made of it.
"""

from __future__ import annotations

import csv
import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from openpyxl import load_workbook
from openpyxl.cell.cell import TYPE_FORMULA

MOST_BYTES = 10 * 1024 * 1024
MOST_ROWS = 50_000
MOST_COLUMNS = 60  # that are looked at
MOST_CELL = 1000  # characters of one cell that are looked at
ROWS_OF_A_SHEET = 1_048_576  # that Excel has
MOST_PARTS = 500
MOST_UNPACKED = 200 * 1024 * 1024  # bytes of all XML in an XLSX
MOST_TAGS = 6_000_000  # of all that: 50,000 rows of ten columns have under three million
MOST_STRINGS = 1_500_000  # tags of the one part that is held in memory as a whole, and of the styles
DELIMITERS = (",", ";", "\t", "|")
FORMULA = "\0formula"  # stands for a cell that is one; no file can hold it, because NUL is taken out
_SEP = re.compile(r"sep=([,;|\t])\r?\n", re.IGNORECASE)
_ENTITIES = (b"<!DOCTYPE", b"<!ENTITY")


class Unreadable(Exception):
    """Why a file cannot be read, as a key of `words.FILE_PROBLEMS`."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Row:
    """A row that is not empty. `number` is what a spreadsheet shows beside it."""

    number: int
    cells: list[str]


def format_of(contents: bytes, *, name: str) -> str:
    """ "csv" or "xlsx", by what the file begins with and not by its name. Raises Unreadable."""
    if not contents.strip():
        raise Unreadable("empty")
    if len(contents) > MOST_BYTES:
        raise Unreadable("large")
    if contents.startswith(b"PK"):
        return "xlsx"
    if contents.startswith(b"\xd0\xcf\x11\xe0") or name.lower().endswith((".xls", ".ods", ".numbers", ".pdf")):
        raise Unreadable("kind")  # the old Excel, or one with a password
    return "csv"


def rows_of(contents: bytes, *, format_: str) -> Iterator[Row]:
    """The rows that are not empty, the headings first. Raises Unreadable, also after some of them."""
    found = 0
    for row in _xlsx(contents) if format_ == "xlsx" else _csv(contents):
        found += 1
        if found > MOST_ROWS + 1:
            raise Unreadable("rows")
        yield row
    if not found:
        raise Unreadable("empty")


# ------------------------------------------------------------------------------------------------------------- CSV
def _csv(contents: bytes) -> Iterator[Row]:
    text = _decoded(contents)
    delimiter = ""
    if said := _SEP.match(text):  # a first line of Excel's own
        delimiter, text = said[1], text[said.end() :]
    delimiter = delimiter or _delimiter(text)
    first = 2 if said else 1
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for number, cells in enumerate(rows, first):
            if any(cell.strip() for cell in cells):
                # A cell more than the headings have says that a row is not what it looks like, so one more is kept.
                yield Row(number, [_clean(cell) for cell in cells[: MOST_COLUMNS + 1]])
    except csv.Error as error:
        raise Unreadable("quotes") from error


def _decoded(contents: bytes) -> str:
    """UTF-8, with or without its mark, or UTF-16 with one. In any other encoding names would come out wrong."""
    encoding = "utf-16" if contents[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = contents.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable("encoding") from error
    if "\0" in text:
        raise Unreadable("encoding")
    return text


def _delimiter(text: str) -> str:
    """What the first line that is not empty has most of, outside quotes."""
    line = next((each for each in text.splitlines() if each.strip()), "")
    outside = re.sub(r'"[^"]*"', "", line)
    return max(DELIMITERS, key=outside.count)


def _clean(cell: str) -> str:
    return cell.replace("\0", "").strip()[:MOST_CELL]


# ------------------------------------------------------------------------------------------------------------ XLSX
def _xlsx(contents: bytes) -> Iterator[Row]:
    """The first sheet. openpyxl reads it as a stream; a row that claims a far column or number is cut short."""
    _look_through(contents)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(contents), read_only=True, data_only=False, keep_links=False)
            sheet = book.worksheets[0]
            cells = sheet.iter_rows(max_col=MOST_COLUMNS, max_row=ROWS_OF_A_SHEET)
            for number, row in enumerate(cells, 1):
                texts = [_text(cell) for cell in row]
                if any(texts):
                    while texts and not texts[-1]:
                        texts.pop()
                    yield Row(number, texts)
    except (Unreadable, GeneratorExit):
        raise
    except Exception as error:  # whatever a file of anybody's make brings up: the library promises no one kind
        raise Unreadable("damaged") from error


def _text(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == TYPE_FORMULA or type(value).__name__ in ("ArrayFormula", "DataTableFormula"):
        return FORMULA
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return _clean(str(value))


def _look_through(contents: bytes) -> None:
    """Unpack every part once, a piece at a time, and count. Python unpacks no more of one than the ZIP lists for it."""
    try:
        with zipfile.ZipFile(io.BytesIO(contents)) as packed:
            parts = packed.infolist()
            names = {part.filename for part in parts}
            if "[Content_Types].xml" not in names or "xl/workbook.xml" not in names:
                raise Unreadable("kind")
            if any(part.flag_bits & 1 for part in parts):
                raise Unreadable("kind")
            read = [part for part in parts if part.filename.lower().endswith((".xml", ".rels"))]
            if len(parts) > MOST_PARTS or sum(part.file_size for part in read) > MOST_UNPACKED:
                raise Unreadable("large")
            tags = 0
            for part in read:
                whole = not part.filename.startswith("xl/worksheets/")
                here = _tags(packed, part)
                tags += here
                if tags > MOST_TAGS or (whole and here > MOST_STRINGS):
                    raise Unreadable("large")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise Unreadable("damaged") from error
    except zipfile.zlib.error as error:  # type: ignore[attr-defined]
        raise Unreadable("damaged") from error


def _tags(packed: zipfile.ZipFile, part: zipfile.ZipInfo) -> int:
    tags, before = 0, b""
    with packed.open(part) as stream:
        while piece := stream.read(1 << 20):
            piece = piece.replace(b"\0", b"")  # in UTF-16 too
            if any(each in before + piece for each in _ENTITIES):
                raise Unreadable("damaged")
            tags += piece.count(b"<")
            before = piece[-16:]
    return tags
