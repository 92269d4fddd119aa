"""Files of any kind: read, or refused in words; never an error of ours, never for long."""

from __future__ import annotations

import io
import time
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from signatures.desk.paper import read
from signatures.desk.paper.columns import understand
from signatures.desk.paper.read import FORMULA, Unreadable, format_of, rows_of
from signatures.desk.paper.words import FILE_PROBLEMS

from .conftest import as_csv, as_xlsx

ROWS = [["Ada Example", "FR", "ada@mail.example"], ["Zoé Ängström", "Pérou", ""], ["王 小明", "", ""]]
HEAD = ["Name", "Country", "E-mail"]


def cells(contents, name="sheet.csv"):
    return [row.cells for row in rows_of(contents, format_=format_of(contents, name=name))]


def refused(contents, name="sheet.csv"):
    with pytest.raises(Unreadable) as caught:
        cells(contents, name)
    assert caught.value.why in FILE_PROBLEMS
    return caught.value.why


def text(delimiter):
    return "\r\n".join(delimiter.join(row) for row in [HEAD, *ROWS])


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_usual_delimiters_and_encodings_are_read(delimiter, encoding):
    mark = b"\xff\xfe" if encoding == "utf-16-le" else b""
    assert cells(mark + text(delimiter).encode(encoding)) == [HEAD, *ROWS]


def test_excels_own_first_line_says_the_delimiter():
    rows = list(rows_of(b"sep=;\r\nName;Country\r\nAda, the first;FR\r\n", format_="csv"))
    assert [(row.number, row.cells) for row in rows] == [(2, ["Name", "Country"]), (3, ["Ada, the first", "FR"])]


def test_a_row_has_the_number_that_a_spreadsheet_shows():
    rows = list(rows_of(b'Name,Note\n\n"Ada\nExample",x\nBea,y\n', format_="csv"))
    assert [row.number for row in rows] == [1, 3, 4]
    book, out = Workbook(), io.BytesIO()
    book.active["A2"], book.active["A5"] = "Name", "Ada"
    book.save(out)
    assert [(row.number, row.cells) for row in rows_of(out.getvalue(), format_="xlsx")] == [(2, ["Name"]), (5, ["Ada"])]


@pytest.mark.parametrize(
    ("contents", "name", "why"),
    [
        (b"", "a.csv", "empty"),
        (b" \r\n ", "a.csv", "empty"),
        ("Name\nZoé".encode("latin-1"), "a.csv", "encoding"),
        ("Name\nZoé".encode("utf-16-le"), "a.csv", "encoding"),
        (b"\xff\xfeN", "a.csv", "encoding"),
        (b'Name,Country\n"Ada,FR\nBea,FR\n', "a.csv", "quotes"),
        (b'Name\n"Ada"x\n', "a.csv", "quotes"),
        (b"Name\n" + b"x" * 200_000, "a.csv", "quotes"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600, "a.xls", "kind"),
        (b"%PDF-1.7", "a.pdf", "kind"),
        (b"PK\x03\x04 no zip at all", "a.xlsx", "damaged"),
        (b"Name\n" + b"Ada\n" * (read.MOST_ROWS + 1), "a.csv", "rows"),
        (b"x" * (read.MOST_BYTES + 1), "a.csv", "large"),
    ],
)
def test_what_cannot_be_read_says_why(contents, name, why):
    assert refused(contents, name) == why


def test_so_many_rows_are_read_and_not_one_more():
    assert len(cells(b"Name\n" + b"Ada\n" * read.MOST_ROWS)) == read.MOST_ROWS + 1


# ------------------------------------------------------------------------------------------------------------ XLSX
def zipped(**parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, contents in parts.items():
            packed.writestr(name, contents)
    return out.getvalue()


def changed(contents, name, change):
    """The same file with one part changed."""
    with zipfile.ZipFile(io.BytesIO(contents)) as packed:
        parts = {each: packed.read(each) for each in packed.namelist()}
    parts[name] = change(parts.get(name, b""))
    return zipped(**parts)


SHEET = "xl/worksheets/sheet1.xml"


def test_a_sheet_is_read_with_its_days_and_numbers():
    from datetime import date

    assert cells(as_xlsx(["Ada", "FR", None, date(2026, 5, 3), 12.0], ["Bea", None, None, None, "3/7"])) == [
        ["Name", "Country", "E-mail", "Date", "Reference"],
        ["Ada", "FR", "", "2026-05-03", "12"],
        ["Bea", "", "", "", "3/7"],
    ]


def test_a_formula_is_seen_and_never_evaluated():
    found = cells(as_xlsx(['=HYPERLINK("http://evil.example/","Ada")', "FR", "", "", "=1+1"]))
    assert found[1] == [FORMULA, "FR", "", "", FORMULA]


def test_only_the_first_sheet_is_read():
    book, out = Workbook(), io.BytesIO()
    book.active.append(["Name"])
    book.create_sheet().append(["Others"])
    book.save(out)
    assert cells(out.getvalue()) == [["Name"]]


def test_a_bomb_is_not_unpacked():
    bomb = changed(as_xlsx(["Ada"]), "xl/sharedStrings.xml", lambda _old: b" " * (read.MOST_UNPACKED + 1))
    assert len(bomb) < 1_000_000
    began = time.monotonic()
    assert refused(bomb, "a.xlsx") == "large"
    assert time.monotonic() - began < 5


def test_a_million_strings_are_too_many():
    many = b"<sst>" + b"<si><t/></si>" * 600_000 + b"</sst>"
    assert refused(changed(as_xlsx(["Ada"]), "xl/sharedStrings.xml", lambda _old: many), "a.xlsx") == "large"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused(encoding):
    laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'

    def laughing(old):
        return old.decode().replace("<worksheet", f"{laughs}<worksheet", 1).encode(encoding)

    assert refused(changed(as_xlsx(["Ada"]), SHEET, laughing), "a.xlsx") == "damaged"


def test_a_far_cell_and_a_far_row_cost_nothing():
    def far(old):
        cell = b'<c r="XFD%d" t="inlineStr"><is><t>x</t></is></c>'
        rows = b"".join(b'<row r="%d">' % row + cell % row + b"</row>" for row in range(3, 3000))
        last = b'<row r="99999999"><c r="A99999999" t="inlineStr"><is><t>x</t></is></c></row>'
        return old.replace(b"</sheetData>", rows + last + b"</sheetData>")

    began = time.process_time()
    assert len(cells(changed(as_xlsx(["Ada"]), SHEET, far))) == 2
    assert time.process_time() - began < 20


@pytest.mark.parametrize("part", ["xl/workbook.xml", SHEET, "xl/styles.xml", "[Content_Types].xml"])
@pytest.mark.parametrize("broken", [b"", b"<", b"<a/>", b"<worksheet>", b"\xff\xfe\x00"])
def test_a_broken_part_is_no_error_of_ours(part, broken):
    contents = changed(as_xlsx(["Ada"]), part, lambda _old: broken)
    try:
        cells(contents, "a.xlsx")
    except Unreadable as error:
        assert error.why in FILE_PROBLEMS


def test_a_zip_of_something_else_is_no_sheet():
    assert refused(zipped(**{"word/document.xml": "<a/>"}), "a.xlsx") == "kind"


# ---------------------------------------------------------------------------------------------------- anything else
def look(contents):
    """As the job does it: read, or refused."""
    try:
        format_ = format_of(contents, name="x")
        rows = rows_of(contents, format_=format_)
        understand(next(rows).cells, format_=format_)
        for row in rows:
            assert all(isinstance(cell, str) for cell in row.cells)
    except Unreadable as error:
        assert error.why in FILE_PROBLEMS


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(contents):
    look(contents)


@given(st.lists(st.lists(st.text(max_size=20), max_size=6), max_size=6), st.sampled_from(["utf-8", "utf-16"]))
def test_any_table_is_read_or_refused(rows, encoding):
    written = as_csv(*rows, head=HEAD).decode()
    look(written.encode(encoding, "surrogatepass"))


GOOD = as_xlsx(["Ada", "FR"], ["Bea", "=1"])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(GOOD) - 1), st.binary(min_size=1, max_size=8))
def test_a_sheet_with_some_bytes_changed_is_read_or_refused(at, other):
    look(GOOD[:at] + other + GOOD[at + len(other) :])


# --------------------------------------------------------------------------------------------------------- headings
@pytest.mark.parametrize(
    ("headings", "places"),
    [
        (["Name", "Country", "E-mail"], {"name": 0, "country": 1, "email": 2}),
        (["NOM", "Prénom", "Pays", "Courriel"], {"last": 0, "first": 1, "country": 2, "email": 3}),
        (["First name", "Surname"], {"first": 0, "last": 1}),
        (["Name", "First name"], {"last": 0, "first": 1}),
        (["Nom et prénom *", "Adresse e-mail", "Signé le"], {"name": 0, "email": 1, "date": 2}),
        (["N° de feuille", "Ligne", "nom complet"], {"sheet": 0, "line": 1, "name": 2}),
        (["full_name", "E-MAIL ADDRESS:", "Ref."], {"name": 0, "email": 1, "reference": 2}),
        (["phone", "Name", "", "signature"], {"name": 1}),
    ],
)
def test_headings_are_understood(headings, places):
    assert understand(headings, format_="csv").places == places


def test_what_is_not_understood_is_left_out_and_said():
    assert understand(["Phone number", "Name", "", "Notes"], format_="csv").left_out == ["Phone number", "Notes"]


@pytest.mark.parametrize(
    ("headings", "why"),
    [
        (["Ada Example", "FR"], "no_name"),
        (["First name", "Country"], "no_name"),
        (["Name", "E-mail", "Mail"], "twice"),
        (["Full name", "Surname"], "twice"),
    ],
)
def test_headings_that_leave_a_doubt_are_refused(headings, why):
    with pytest.raises(Unreadable) as caught:
        understand(headings, format_="csv")
    assert caught.value.why == why
