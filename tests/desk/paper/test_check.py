"""What makes a row good or bad, cell by cell."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from signatures.desk.paper.check import check_row as check
from signatures.desk.paper.check import country_of
from signatures.desk.paper.columns import understand
from signatures.desk.paper.read import FORMULA, Row
from signatures.desk.paper.words import PARTS, ROW_PROBLEMS
from signatures.signing.countries.names import country_codes, country_names

HEAD = ["Name", "Country", "E-mail", "Date", "Reference"]
COLUMNS = understand(HEAD, format_="csv")


def row_of(*cells):
    found = check(Row(7, list(cells)), columns=COLUMNS)
    assert found.problems == []
    return found.row


def wrong(*cells, columns=COLUMNS):
    found = check(Row(7, list(cells)), columns=columns)
    assert found.row is None
    assert all(each.row == 7 and each.why in ROW_PROBLEMS and each.column in PARTS for each in found.problems)
    return [(each.column, each.why) for each in found.problems]


def test_a_whole_row():
    row = row_of("Ada Example", "Pérou", "Ada@Mail.Example", "03/05/2026", "3/7")
    assert (row.name, row.country, row.email) == ("Ada Example", "PE", "Ada@mail.example")
    assert (row.signed_on, row.reference) == (date(2026, 5, 3), "3/7")


def test_a_name_is_enough():
    row = row_of("Ada")
    assert (row.country, row.email, row.signed_on, row.reference) == (None, "", None, "")


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        (("", "FR"), ("name", "name_required")),
        (("x" * 121,), ("name", "name_too_long")),
        (("Ada\nExample",), ("name", "name_control")),
        (("Ada \u202eelpmaxE",), ("name", "name_turned")),
        (("123 !",), ("name", "name_invisible")),
        (("ada@mail.example",), ("name", "name_address")),
        (("Ada", "Atlantis"), ("country", "country")),
        (("Ada", "FR", "x" * 300 + "@mail.example"), ("email", "email_too_long")),
        (("Ada", "FR", "a@mail.example, b@mail.example"), ("email", "email_several")),
        (("Ada", "FR", "zoé@mail.example"), ("email", "email_local_part")),
        (("Ada", "FR", "ada at mail"), ("email", "email_several")),
        (("Ada", "FR", "ada"), ("email", "email_invalid")),
        (("Ada", "", "", "soon"), ("date", "date")),
        (("Ada", "", "", "11/24/2026"), ("date", "date")),
        (("Ada", "", "", "24 May"), ("date", "date")),
        (("Ada", "", "", "2099-01-01"), ("date", "future")),
        (("Ada", "", "", "", "x" * 61), ("reference", "reference")),
        (("Ada", "", "", "", "a\tb"), ("reference", "reference")),
        (("Ada", FORMULA), ("country", "formula")),
        ((FORMULA, "FR"), ("name", "formula")),
        (("Ada", "", "", "", "", "6"), ("", "more_cells")),
    ],
)
def test_each_thing_that_is_wrong_is_said(cells, problem):
    assert wrong(*cells) == [problem]


def test_everything_that_is_wrong_in_a_row_is_said():
    assert wrong("", "Atlantis", "x", "soon") == [
        ("name", "name_required"),
        ("country", "country"),
        ("email", "email_invalid"),
        ("date", "date"),
    ]


def test_names_in_two_columns_and_references_in_two_are_joined():
    columns = understand(["Sheet", "Line", "Prénom", "Nom"], format_="csv")
    row = check(Row(2, ["3", "7", "Ada", "Example"]), columns=columns).row
    assert (row.name, row.reference) == ("Ada Example", "3 / 7")


def test_a_note_beside_a_sheet_is_no_cell_too_many():
    columns = understand(["Name"], format_="xlsx")
    assert check(Row(2, ["Ada", "", "hard to read"]), columns=columns).problems == []


@pytest.mark.parametrize("said", ["FR", "fr", "FRA", "France", "FRANCE", "Francia", "Франция", "法国", "فرنسا"])
def test_a_country_is_known_by_its_letters_and_in_every_language(said):
    assert country_of(said) == "FR"


@pytest.mark.parametrize(
    ("said", "code"), [("U.K.", "GB"), ("Cote d'Ivoire", "CI"), ("USA", "US"), ("Etats-Unis", "US")]
)
def test_a_country_is_known_by_its_short_names_and_without_accents(said, code):
    assert country_of(said) == code


@pytest.mark.parametrize("language", ["en", "fr", "es", "ru", "ar", "kk", "ug", "zh-hans"])
def test_every_country_is_known_by_its_name_in_each_language(language):
    assert {code for code, name in country_names(language) if country_of(name) != code} == set()
    assert all(country_of(code) == code for code in country_codes())


@pytest.mark.parametrize("said", ["", "-", "–", "n/a"])
def test_an_empty_country_is_not_said(said):
    assert row_of("Ada", said).country is None


@pytest.mark.parametrize("said", ["2026-05-03", "2026-05-03T10:00:00", "3.5.2026", "3 mai 2026", "3 May 2026"])
def test_a_day_is_understood_day_before_month(said):
    assert row_of("Ada", "", "", said).signed_on == date(2026, 5, 3)


def test_where_it_is_tomorrow_already_people_sign_today():
    tomorrow = (datetime.now(UTC) + timedelta(hours=14)).date()
    assert row_of("Ada", "", "", tomorrow.isoformat()).signed_on == tomorrow
    assert wrong("Ada", "", "", (tomorrow + timedelta(days=1)).isoformat()) == [("date", "future")]


def test_nothing_of_a_row_is_in_its_representation():
    found = check(Row(7, ["Ada", "FR", "ada@mail.example", "", "3"]), columns=COLUMNS)
    assert "Ada" not in repr(found)
    assert "mail.example" not in repr(found.row)
