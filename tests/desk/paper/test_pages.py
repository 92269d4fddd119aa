"""What staff see of paper signatures: who may send a file, who sees its bad rows, and clear words for odd files."""

from __future__ import annotations

import csv
import io
import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from signatures.desk.entrance.pages import CONFIRMED
from signatures.desk.limits import MAX_SHEET
from signatures.desk.paper.read import MOST_BYTES
from signatures.letters.keeping import forget_kept
from signatures.models import AuditEntry, PaperImport, Signature
from signatures.tally import snapshot
from signatures.tally.fold import fold
from signatures.tally.published import publish_due
from tests.factories import make_petition, make_signature

from .conftest import Sheets, as_csv, as_xlsx, people

pytestmark = pytest.mark.django_db

NEW = "/desk/signatures/paperimport/new/"


def send(browser, petition, contents, name="sheets.csv", **more):
    return browser.post(NEW, {"petition": petition.slug, "file": SimpleUploadedFile(name, contents)} | more)


def address(paper, page="change"):
    return reverse(f"admin:signatures_paperimport_{page}", args=[paper.pk])


def page_of(browser, path, status=200):
    answer = browser.get(path)
    assert answer.status_code == status
    return answer.content.decode()


def logged_in(user):
    browser = Client()
    browser.force_login(user)
    session = browser.session
    session[CONFIRMED] = time.time()
    session.save()
    return browser


# ------------------------------------------------------------------------------------------------------ the way through
def test_from_the_file_to_the_public_record(desk, sheets: Sheets):
    contents = as_csv(*people(24), ("", "Peru", "", "", ""), ("Bea", "Atlantis", "", "", ""))
    assert f"?petition={sheets.petition.slug}" in page_of(
        desk, f"/desk/signatures/petition/{sheets.petition.pk}/change/"
    )
    answer = send(desk, sheets.petition, contents, hand_over="on")
    paper = PaperImport.objects.get()
    assert answer["Location"] == reverse("admin:signatures_job_change", args=[paper.check_job_id])
    sheets.work()
    assert address(paper) in page_of(desk, answer["Location"])
    report = page_of(desk, address(paper))
    assert "Import the 24 good rows" in report
    assert "There is no name." in report
    assert "No country or territory is called so." in report
    asked = page_of(desk, address(paper, "take"))
    assert 'name="reason"' in asked
    assert not Signature.objects.exists()
    answer = desk.post(address(paper, "take"), {"reason": "the stand in May"})
    sheets.work()
    assert "24 rows were imported." in page_of(desk, answer["Location"])
    fold()
    publish_due()
    snapshot.forget()
    forget_kept()
    public = page_of(desk, f"/en/{sheets.petition.slug}/record/count/")
    assert "The campaign also collected signatures on paper: 20 or more." in public
    assert desk.get(f"/api/v1/petitions/{sheets.petition.slug}").json()["paper"] == 20
    tally = desk.get(f"/api/v1/petitions/{sheets.petition.slug}/tally").json()
    assert (tally["total"], tally["paper"]) == (0, 20)
    assert "Some people signed it on paper" in page_of(desk, "/en/privacy/")


def test_the_public_is_told_nothing_of_a_few_nor_of_none(desk, sheets: Sheets):
    sheets.imported(as_csv(*people(9)))
    fold()
    publish_due()
    snapshot.forget()
    forget_kept()
    assert "on paper" not in page_of(desk, f"/en/{sheets.petition.slug}/record/count/")
    assert desk.get(f"/api/v1/petitions/{sheets.petition.slug}/tally").json()["paper"] is None
    assert "on paper" not in page_of(desk, "/en/privacy/")


# -------------------------------------------------------------------------------------------------------- odd files
@pytest.mark.parametrize(
    ("contents", "name", "words"),
    [
        (b"", "a.csv", "empty"),
        (b" \n", "a.csv", "There is nothing in this file."),
        ("Nom;Prénom".encode("latin-1"), "a.csv", "The letters of this file cannot be read."),
        (b"Ada,FR\nBea,FR", "a.csv", "No column is called name"),
        (b"Name,Full name\nAda,Bea", "a.csv", "Two columns mean the same thing"),
        (b"PK\x03\x04nothing", "a.xlsx", "This file is damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.xls", "This is neither CSV nor XLSX"),
        (b"\x89PNG\r\n\x1a\n\0\0", "a.png", "The letters of this file cannot be read."),
        (b"Name\n" + b"x" * MOST_BYTES, "a.csv", "This file is too large"),
    ],
)
def test_an_odd_file_is_refused_in_words(desk, sheets: Sheets, contents, name, words):
    answer = send(desk, sheets.petition, contents, name)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not PaperImport.objects.exists()


def test_a_file_beyond_all_measure_is_refused_before_it_is_read(desk, sheets: Sheets):
    assert send(desk, sheets.petition, b"x" * (MAX_SHEET + 1)).status_code == 400


def test_no_file_at_all_and_no_petition_at_all(desk, sheets: Sheets):
    assert desk.post(NEW, {"petition": sheets.petition.slug}).status_code == 422
    assert desk.post(NEW, {"petition": "no-such"}).status_code == 422


@pytest.mark.parametrize("state", ["draft", "scheduled", "delivered"])
def test_a_petition_that_takes_none_says_so(desk, state):
    petition = make_petition(state=state, opens_at=timezone.now())
    assert "come in while it is open, paused or closed" in page_of(desk, f"{NEW}?petition={petition.slug}")
    assert send(desk, petition, as_csv(*people(1))).status_code == 422


def test_an_upload_is_kept_in_memory_whatever_its_size(desk, sheets: Sheets, monkeypatch):
    def on_disk(*args, **kwargs):
        raise AssertionError("names on a disk, in clear")

    monkeypatch.setattr("django.core.files.uploadedfile.TemporaryUploadedFile.__init__", on_disk)
    rows = people(20_000, country="United States Minor Outlying Islands")
    contents = as_csv(*rows, ("x" * 2_000_000, "", "", "", ""))
    assert len(contents) > 2_600_000
    assert send(desk, sheets.petition, contents).status_code == 302


# ---------------------------------------------------------------------------------------------------- who sees what
def test_the_bad_rows_are_for_who_sent_the_file(sheets: Sheets, staff, desk):
    make_signature(sheets.petition, email="ada@mail.example", state="confirmed")
    paper = sheets.checked(as_csv(("Ada", "", "ada@mail.example", "", ""), *people(3)))
    assert "has already signed online" in page_of(desk, address(paper))
    for may in (("view_paperimport",), ("view_paperimport", "add_paperimport", "find_signature")):
        other = logged_in(staff(*may, username=f"u{len(may)}"))
        page = page_of(other, address(paper))
        assert "has already signed online" not in page
        assert "Import the 3 good rows" not in page
        assert other.get(address(paper, "problems")).status_code == 403
        assert other.get(address(paper, "take")).status_code == 403
        assert other.post(address(paper, "take"), {"reason": "why"}).status_code == 403


def test_to_import_needs_to_find_as_well(sheets: Sheets, staff):
    for may in (("add_paperimport",), ("find_signature",), ("view_paperimport",)):
        browser = logged_in(staff(*may, username=may[0]))
        assert browser.get(NEW).status_code == 403
        assert send(browser, sheets.petition, as_csv(*people(1))).status_code == 403


def test_somebody_elses_petition_takes_nothing_and_shows_nothing(sheets: Sheets, staff):
    paper = sheets.checked(as_csv(*people(2)))
    mine = make_petition()
    may = ("add_paperimport", "find_signature", "view_paperimport")
    browser = logged_in(staff(*may, petitions=[mine]))
    assert send(browser, sheets.petition, as_csv(*people(1))).status_code == 422
    assert browser.get(address(paper)).status_code == 404
    assert browser.get(address(paper, "problems")).status_code == 404
    assert paper.file_name not in page_of(browser, "/desk/signatures/paperimport/")


def test_the_import_asks_who_one_is_again(sheets: Sheets, admin_user, client):
    paper = sheets.checked(as_csv(*people(2)))
    client.force_login(admin_user)
    answer = client.get(address(paper, "take"))
    assert answer.status_code == 302
    assert "confirm-identity" in answer["Location"]


def test_the_bad_rows_as_a_table_name_nobody_and_are_no_formulas(desk, sheets: Sheets):
    paper = sheets.checked(
        as_csv(("=1+1", "Atlantis", "ada", "", ""), ("Bea", "", "", "", ""), ("Bea", "", "", "", ""))
    )
    answer = desk.get(address(paper, "problems"))
    assert "no-store" in answer["Cache-Control"]
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0] == ["row", "column", "what", "why"]
    assert [row[:3] for row in rows[1:]] == [
        ["2", "name", "bad"],
        ["2", "country", "bad"],
        ["2", "e-mail", "bad"],
        ["4", "name", "doubled"],
    ]
    assert rows[-1][3].endswith("(row 3)")
    assert "Bea" not in text


def test_problems_are_shown_a_page_at_a_time(desk, sheets: Sheets):
    paper = sheets.checked(as_csv(*[("", "", "", "", "x")] * 250))
    assert "Page 1 / 3" in page_of(desk, address(paper))
    assert "<td>251</td>" in page_of(desk, f"{address(paper)}?page=3")
    assert page_of(desk, f"{address(paper)}?page=nonsense")


def test_an_import_that_can_no_longer_be_had_says_so(desk, sheets: Sheets):
    paper = sheets.checked(as_csv(*people(2)))
    PaperImport.objects.update(expires_at=timezone.now())
    answer = desk.post(address(paper, "take"), {"reason": "why"})
    assert answer.status_code == 422
    assert "It cannot be imported any more" in answer.content.decode()


def test_the_report_of_a_file_that_cannot_be_read(desk, sheets: Sheets):
    paper = sheets.checked(as_csv(*people(2)) + b'"open')
    assert "A quotation mark in this file does not close" in page_of(desk, address(paper))
    assert "Cannot be read" in page_of(desk, address(paper))


# ------------------------------------------------------------------------------------------------ among the signatures
def test_the_list_of_those_on_paper_and_the_page_of_one(desk, sheets: Sheets):
    make_signature(sheets.petition, state="confirmed", name="Olga Online")
    sheets.imported(as_xlsx(("Ada Example", "France", "", "2026-05-03", "sheet 3, line 7")), format_="xlsx")
    fold()
    listed = page_of(desk, "/desk/signatures/signature/?paper=yes")
    assert "A… E…" in listed
    assert "O… O…" not in listed
    assert '<span class="paper">on paper</span>' in listed
    row = sheets.on_paper().get()
    page = page_of(desk, f"/desk/signatures/signature/{row.pk}/change/")
    assert "sheet 3, line 7" in page
    assert "sheets.xlsx" in page
    assert "3 May 2026" in page or "May 3, 2026" in page
    assert "Ada Example" not in page


def test_the_search_box_understands_paper_and_an_address_on_it(desk, sheets: Sheets):
    find = "/desk/signatures/signature/find/"
    assert desk.post(find, {"q": "on paper"})["Location"].endswith("?paper=yes")
    sheets.imported(as_csv(("Ada", "", "ada@mail.example", "", "")))
    assert str(sheets.on_paper().get().pk) in desk.post(find, {"q": "ada@mail.example"})["Location"]


def test_sending_a_file_is_in_the_audit(desk, sheets: Sheets, admin_user):
    send(desk, sheets.petition, as_csv(*people(1)))
    entry = AuditEntry.objects.get(action="check paper")
    assert (entry.actor, entry.object_id) == (admin_user, str(PaperImport.objects.get().pk))
