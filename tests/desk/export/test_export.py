"""Exports: who is in them, what a spreadsheet makes of them, who fetches them, and until when."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.conf import settings as configured
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from signatures.desk.entrance.pages import CONFIRMED
from signatures.desk.export import purposes, writers
from signatures.desk.export.store import forget_exports, parts_of, start_export
from signatures.desk.export.writers import CsvWriter, XlsxWriter, safe_cell
from signatures.desk.jobs.run import run_jobs
from signatures.models import AuditEntry, ExportFile, ExportPart, Job, NameReview
from tests.factories import make_petition, make_signature

pytestmark = pytest.mark.django_db


def work():
    """As a worker does it."""
    run_jobs(lane=1, seconds=30)


def made(petition, admin_user, purpose="hand-over", format_="csv"):
    """An export, written by the worker."""
    file = start_export(
        petition=petition, purpose=purpose, format_=format_, language="en", reason="for the embassy", actor=admin_user
    )
    work()
    file.refresh_from_db()
    assert (file.job.state, file.job.error) == ("done", "")
    return file


def rows_of(file):
    return list(csv.reader(io.StringIO(b"".join(parts_of(file)).decode("utf-8-sig"))))[1:]


def named(petition, name, **fields):
    return make_signature(petition, name=name, state=fields.pop("state", "confirmed"), **fields)


# -------------------------------------------------------------------------------------------------- who is in
def test_the_addressees_get_only_those_who_agreed_to_that(admin_user):
    petition = make_petition()
    named(petition, "Ada", hand_over=True, country="FR")
    named(petition, "Bea", hand_over=True, country=None)
    named(petition, "Cy", wants_updates=True, show_name=True)
    for state in ("pending", "withdrawn", "erased"):
        named(petition, "Dan", hand_over=state != "erased", state=state)
    named(petition, "Eve", hand_over=True, state="held")
    named(petition, "Fay", hand_over=True, state="invalid", invalid_at=timezone.now(), invalid_reason="a copy")
    named(make_petition(), "Gus", hand_over=True)
    assert sorted(rows_of(made(petition, admin_user))) == [["Ada", "FR", "France"], ["Bea", "", ""]]


def test_updates_go_to_those_who_want_them_and_can_get_them(admin_user):
    petition = make_petition()
    named(petition, "Ada", wants_updates=True, email="ada@mail.example", language="fr")
    named(petition, "Bea", wants_updates=True, bounced_at=timezone.now())
    named(petition, "Cy", hand_over=True)
    assert rows_of(made(petition, admin_user, "updates")) == [["ada@mail.example", "Ada", "fr"]]


def test_public_names_are_those_on_the_list(admin_user):
    petition = make_petition()
    for name, shown in (("Ada", True), ("Bea", False)):
        row = named(petition, name, show_name=True)
        NameReview.objects.create(
            signature=row,
            petition=petition,
            name_digest=hashlib.sha256(bytes(row.name_sealed)).digest(),
            verdict="shown",
            public=shown,
            reviewed_at=row.created_at,
            place=row.pk,
        )
    named(petition, "Cy", show_name=True)
    assert rows_of(made(petition, admin_user, "public-names")) == [["Ada"]]


def test_figures_single_nobody_out_and_sum_to_the_total(admin_user):
    petition = make_petition()
    monday = timezone.now().replace(hour=12) - timedelta(days=28 + timezone.now().weekday())
    for country, week, number in (("FR", 0, 12), ("FR", 1, 3), ("DE", 0, 4), ("PE", 0, 8), (None, 1, 2)):
        for _each in range(number):
            make_signature(petition, state="confirmed", country=country, at=monday + timedelta(weeks=week))
    rows = rows_of(made(petition, admin_user, "figures"))
    assert sum(int(row[-1]) for row in rows) == 29
    assert ["FR", "France", monday.date().isoformat(), "12"] in rows
    assert all(int(row[-1]) >= 10 for row in rows if row[0] or row[2])
    assert not {"DE", "PE"} & {row[0] for row in rows}


def test_people_stand_in_no_order_of_signing(admin_user):
    petition = make_petition()
    rows = [named(petition, f"Person {number:02}", hand_over=True) for number in range(12)]
    expected = [f"Person {rows.index(row):02}" for row in sorted(rows, key=lambda row: bytes(row.person_index))]
    assert [row[0] for row in rows_of(made(petition, admin_user))] == expected


def test_chunks_leave_nobody_out_and_take_nobody_twice(admin_user, monkeypatch):
    monkeypatch.setattr(purposes, "CHUNK", 3)
    monkeypatch.setattr(writers, "PART", 100)
    petition = make_petition()
    for number in range(10):
        named(petition, f"Person {number}", hand_over=True)
    file = made(petition, admin_user)
    assert sorted(row[0] for row in rows_of(file)) == [f"Person {number}" for number in range(10)]
    assert file.rows == 10
    assert file.parts.count() > 2


# --------------------------------------------------------------------------------------------- spreadsheets
@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r", "＝", "＠", " =", "\u200b=", '"='])
def test_a_cell_is_never_a_formula(begins):
    assert safe_cell(f"{begins}cmd|' /C calc'!A0").startswith("'")


@given(st.text())
def test_what_a_spreadsheet_reads_is_what_stood_there_or_has_an_apostrophe_before_it(text):
    assert safe_cell(text) in (text, f"'{text}")
    assert not safe_cell(text).startswith(("=", "+", "-", "@", "\t", "\r"))


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0")), min_size=1, max_size=4))
def test_csv_is_read_back_as_it_was_written(cells):
    with CsvWriter() as writer:
        writer.add(cells)
        written = b"".join(writer.rest()).decode("utf-8-sig")
    (read,) = csv.reader(io.StringIO(written, newline=""))
    assert read == [safe_cell(cell) for cell in cells]


def test_excel_shows_text_as_text_and_goes_on_on_another_sheet(monkeypatch):
    monkeypatch.setattr(writers, "ROWS_OF_A_SHEET", 3)
    with XlsxWriter() as writer:
        writer.add(["name", "number"])
        for number, name in enumerate(["=1+1", "https://evil.example/", "اسم", "00123"]):
            writer.add([name, number])
        folder = writer._folder.name
        book = load_workbook(io.BytesIO(b"".join(writer.rest())))
    assert not os.path.exists(folder)
    first, second = book.worksheets
    assert [[cell.value for cell in row] for row in first] == [
        ["name", "number"],
        ["=1+1", 0],
        ["https://evil.example/", 1],
    ]
    assert [[cell.value for cell in row] for row in second] == [["name", "number"], ["اسم", 2], ["00123", 3]]
    assert first["A2"].data_type == "s"
    assert first["A3"].hyperlink is None


def test_an_excel_file_comes_back_whole(admin_user):
    petition = make_petition()
    named(petition, "Ada", hand_over=True)
    file = made(petition, admin_user, format_="xlsx")
    sheet = load_workbook(io.BytesIO(b"".join(parts_of(file)))).active
    assert [cell.value for cell in sheet[2]] == ["Ada", "FR", "France"]


# ---------------------------------------------------------------------------------------------- at the desk
def new(browser, petition, **fields):
    form = {"petition": petition.slug, "purpose": "hand-over", "format": "csv", "reason": "for the embassy"} | fields
    return browser.post("/desk/signatures/exportfile/new/", form)


def fetched(browser, file):
    return browser.post(f"/desk/signatures/exportfile/{file.pk}/download/")


def test_it_is_asked_for_with_a_reason_written_and_fetched(desk, admin_user):
    petition = make_petition()
    named(petition, "Ada", hand_over=True)
    assert new(desk, petition, reason="").status_code == 422
    answer = new(desk, petition)
    assert answer["Location"] == f"/desk/signatures/job/{Job.objects.get().pk}/change/"
    work()
    file = ExportFile.objects.get()
    assert str(file.pk) in desk.get(answer["Location"]).content.decode()
    got = fetched(desk, file)
    body = b"".join(got.streaming_content)
    assert b"Ada" in body
    assert got["Content-Length"] == str(len(body))
    assert "no-store" in got["Cache-Control"]
    assert got["Content-Disposition"].startswith(f'attachment; filename="{petition.slug}-hand-over-')
    said = list(AuditEntry.objects.order_by("pk").values_list("actor", "action", "count", "reason"))
    assert said == [
        (admin_user.pk, "export", 0, "for the embassy"),
        (admin_user.pk, "job done", 1, "for the embassy"),
        (admin_user.pk, "download", 1, "for the embassy"),
    ]


def test_nothing_of_a_person_stands_in_clear_outside_the_sealed_parts(admin_user):
    petition = make_petition()
    named(petition, "Grace Hopper", hand_over=True)
    file = made(petition, admin_user)
    assert b"Grace" not in b"".join(bytes(part.sealed) for part in ExportPart.objects.all())
    for table in (file, file.job, *AuditEntry.objects.all()):
        assert "Grace" not in str(vars(table))


def test_only_who_asked_fetches_it_and_only_so_often(desk, client, staff, settings, admin_user):
    settings.EXPORT_DOWNLOADS = 2
    petition = make_petition()
    file = made(petition, admin_user)
    assert [fetched(desk, file).status_code for _time in range(3)] == [200, 200, 410]
    assert file.__class__.objects.get().downloads == 2
    other = staff("export_signature")
    client.force_login(other)
    session = client.session
    session[CONFIRMED] = time.time()
    session.save()
    assert fetched(client, file).status_code == 403
    assert client.get(f"/desk/signatures/exportfile/{file.pk}/change/").status_code == 200


def test_a_link_followed_uses_no_download_up(desk, admin_user):
    file = made(make_petition(), admin_user)
    assert desk.get(f"/desk/signatures/exportfile/{file.pk}/download/").status_code == 302
    assert ExportFile.objects.get().downloads == 0


def test_password_and_code_are_asked_for_again(client, staff):
    client.force_login(staff("export_signature"))
    answer = client.get("/desk/signatures/exportfile/new/")
    assert answer["Location"].startswith("/desk/confirm-identity/")


def test_a_petition_out_of_reach_is_not_exported(client, staff, admin_user):
    ours, theirs = make_petition(), make_petition()
    file = made(theirs, admin_user)
    client.force_login(staff("export_signature", petitions=[ours]))
    session = client.session
    session[CONFIRMED] = time.time()
    session.save()
    assert new(client, theirs).status_code == 422
    assert new(client, ours).status_code == 302
    assert fetched(client, file).status_code == 404


def test_it_expires_and_its_parts_go(desk, admin_user):
    file = made(make_petition(), admin_user)
    ExportFile.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert fetched(desk, file).status_code == 410
    assert forget_exports() == 1
    assert not ExportPart.objects.exists()
    assert ExportFile.objects.get().deleted_at is not None
    assert "no longer to be had" in desk.get(f"/desk/signatures/exportfile/{file.pk}/change/").content.decode()


KILLED = """
import os, django
django.setup()
from signatures.desk.export import kind, purposes, writers
purposes.CHUNK, writers.PART = 20, 500
real, put = kind.put_part, []
def put_part(*args, **how):
    real(*args, **how)
    put.append(1)
    if len(put) == 3:
        os.kill(os.getpid(), 9)
kind.put_part = put_part
from signatures.desk.jobs.run import run_jobs
run_jobs(lane=1, seconds=30)
"""


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_killed_leaves_no_half_file_and_the_next_one_writes_it_whole(admin_user, monkeypatch):
    monkeypatch.setattr(writers, "PART", 500)
    petition = make_petition()
    for number in range(100):
        named(petition, f"Person {number:03}", hand_over=True)
    file = start_export(
        petition=petition, purpose="hand-over", format_="csv", language="en", reason="why", actor=admin_user
    )
    database = connection.settings_dict
    address = f"postgres://{database['USER']}:{quote(database['PASSWORD'] or '')}@{quote(database['HOST'], safe='')}"
    env = os.environ | {
        "DATABASE_URL": f"{address}:{database['PORT']}/{database['NAME']}",
        "DJANGO_SETTINGS_MODULE": "petition.settings",
    }
    died = subprocess.run(
        [sys.executable, "-c", KILLED], cwd=configured.BASE_DIR, env=env, capture_output=True, check=False, timeout=60
    )
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert ExportPart.objects.count() == 3
    assert ExportFile.objects.get().complete_at is None
    Job.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    run_jobs(lane=1, seconds=30)
    file.refresh_from_db()
    assert sorted(row[0] for row in rows_of(file)) == [f"Person {number:03}" for number in range(100)]
    assert file.rows == 100
