"""CSV and XLSX, written a row at a time, in memory that does not grow with the number of rows."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Callable, Iterable, Iterator
from itertools import dropwhile
from pathlib import Path
from typing import Protocol

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

PART = 1024 * 1024  # bytes of a part, about
ROWS_OF_A_SHEET = 1_048_576  # what Excel opens, the head included

# A spreadsheet takes a cell that begins so for a formula, in CSV always (OWASP, "CSV injection"): also the full-width
# forms, which some spreadsheets turn into the plain ones, and after what they strip from the front.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "＝", "＋", "－", "＠", "｜")


# Drawn as nothing, and taken off the front by some: spaces, byte order and direction marks, quotes.
_BEFORE = frozenset(" \u00a0\u200b\ufeff\u200e\u200f\u202a\u202b'\"")


def safe_cell(text: str) -> str:
    """The text, behind an apostrophe if a spreadsheet could take it for a formula."""
    begins = "".join(dropwhile(_BEFORE.__contains__, text))
    return f"'{text}" if text.startswith(_FORMULA) or begins.startswith(_FORMULA) else text


class Writer(Protocol):
    """Rows in, bytes out. Used as a context manager: what it needs on disk is gone afterwards."""

    def __enter__(self) -> Writer: ...
    def __exit__(self, *_error: object) -> None: ...
    def add(self, row: Iterable[str | int]) -> None: ...
    def ready(self) -> Iterator[bytes]:
        """Parts that are full by now."""

    def rest(self) -> Iterator[bytes]:
        """Ends the file; what is left of it."""


class CsvWriter:
    """RFC 4180 in UTF-8, with the mark at its beginning without which Excel takes it for another encoding."""

    def __init__(self) -> None:
        self._text = io.StringIO(newline="")
        self._csv = csv.writer(self._text, lineterminator="\r\n")
        self._size = self._text.write("\ufeff")

    def __enter__(self) -> CsvWriter:
        return self

    def __exit__(self, *_error: object) -> None:
        self._text.close()

    def add(self, row: Iterable[str | int]) -> None:
        self._csv.writerow([safe_cell(cell) if isinstance(cell, str) else cell for cell in row])

    def ready(self) -> Iterator[bytes]:
        if self._text.tell() >= PART:
            yield from self.rest()

    def rest(self) -> Iterator[bytes]:
        written = self._text.getvalue().encode()
        self._text.seek(0)
        self._text.truncate()
        if written:
            yield written


class XlsxWriter:
    """Strings are stored as strings, never as formulas or links. On disk while it is written, in a folder of its own.

    XlsxWriter's constant memory keeps one row; the file is complete only at the end, so nothing is ready before.
    """

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="export-")  # readable by this user alone (mkdtemp)
        self._path = Path(self._folder.name) / "export.xlsx"
        options = {
            "constant_memory": True,
            "tmpdir": self._folder.name,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        self._book = Workbook(str(self._path), options)
        self._head: list[str | int] = []
        self._at = 0
        self._sheet = self._new_sheet()
        self._closed = False

    def __enter__(self) -> XlsxWriter:
        return self

    def __exit__(self, *_error: object) -> None:
        try:
            self._close()
        finally:
            self._folder.cleanup()

    def _close(self) -> None:
        if not self._closed:
            self._closed = True
            self._book.close()

    def _new_sheet(self) -> Worksheet:
        self._at = 0
        return self._book.add_worksheet()

    def add(self, row: Iterable[str | int]) -> None:
        cells = list(row)
        if not self._head:
            self._head = cells
        if self._at == ROWS_OF_A_SHEET:
            self._sheet = self._new_sheet()
            self._put(self._head)
        self._put(cells)

    def _put(self, cells: list[str | int]) -> None:
        for column, cell in enumerate(cells):
            if isinstance(cell, str):
                self._sheet.write_string(self._at, column, cell)
            else:
                self._sheet.write_number(self._at, column, cell)
        self._at += 1

    def ready(self) -> Iterator[bytes]:
        yield from ()

    def rest(self) -> Iterator[bytes]:
        self._close()
        with self._path.open("rb") as file:
            while part := file.read(PART):
                yield part


WRITERS: dict[str, Callable[[], Writer]] = {"csv": CsvWriter, "xlsx": XlsxWriter}
