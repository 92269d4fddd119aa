"""A dry run changes nothing; an import counts each line once, apart; an undo takes all of it back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from signatures.desk.jobs import orders
from signatures.desk.jobs.run import run_now
from signatures.desk.jobs.selection import Selection
from signatures.desk.jobs.start import start_job
from signatures.desk.paper import kinds
from signatures.desk.paper.read import MOST_ROWS
from signatures.desk.paper.store import NotNow, forget_paper, start_taking
from signatures.models import AuditEntry, Job, JobItem, PaperImport, PaperPart, PaperProblem, Signature, TallyEntry
from signatures.privacy.keeping import forget_after_closing
from signatures.privacy.personal import reference_of, signer_of
from signatures.signing.confirm import confirm
from signatures.signing.withdraw import erase
from tests.factories import make_petition, make_signature

from .conftest import HEAD, Sheets, as_csv, as_xlsx, people

pytestmark = pytest.mark.django_db

ADA = ("Ada Example", "France", "ada@mail.example", "2026-05-03", "3/7")


# --------------------------------------------------------------------------------------------------------- dry run
@pytest.mark.parametrize(("make", "format_"), [(as_csv, "csv"), (as_xlsx, "xlsx")])
def test_a_dry_run_says_what_would_come_and_changes_nothing(sheets: Sheets, make, format_):
    rows = [ADA, ("", "France"), ("Bea", "Atlantis"), *people(3)]
    paper = sheets.checked(make(*rows), format_=format_)
    assert (paper.rows, paper.good, paper.bad, paper.doubled, paper.taken) == (6, 4, 2, 0, 0)
    assert sheets.problems(paper) == [(3, "name", "name_required", None), (4, "country", "country", None)]
    assert paper.columns["email"] == "E-mail"
    assert not Signature.objects.exists()
    assert not TallyEntry.objects.exists()
    assert paper.check_job.state == "done"


def test_after_the_dry_run_only_the_good_rows_are_kept_sealed(sheets: Sheets):
    paper = sheets.send(as_csv(ADA, ("Bad Row", "Atlantis")))
    stored = b"".join(bytes(each) for each in paper.parts.values_list("sealed", flat=True))
    assert b"Ada" not in stored
    sheets.work()
    assert set(paper.parts.values_list("holds", flat=True)) == {"rows"}
    stored = b"".join(bytes(each) for each in paper.parts.values_list("sealed", flat=True))
    assert b"Ada" not in stored
    assert b"mail.example" not in stored


def test_rows_of_one_person_count_once_and_say_which_row_they_are_like(sheets: Sheets):
    rows = [
        ADA,
        ("A. Example", "", "ADA@mail.example", "", ""),
        ("Bea", "Peru", "", "", "4/1"),
        ("BEA ", "PE", "", "", "4/1"),
        ("Bea", "Peru", "", "", "4/2"),
        ("Cy", "", "", "", ""),
        ("Cy", "", "", "", ""),
        ("Cy", "", "cy@mail.example", "", ""),
        ("Cy", "", "other@mail.example", "", ""),
        ("ada  EXAMPLE", "FR", "ada-two@mail.example", "", "3/7"),
    ]
    paper = sheets.checked(as_csv(*rows))
    assert sheets.problems(paper) == [
        (3, "email", "same_email", 2),
        (5, "name", "same_line", 4),
        (8, "name", "same_line", 7),
        (11, "name", "same_line", 2),
    ]
    assert (paper.good, paper.doubled) == (6, 4)


@pytest.mark.parametrize("state", ["confirmed", "held", "withdrawn", "invalid"])
def test_whoever_signed_online_is_said_and_left_out(sheets: Sheets, state):
    more = {"invalid_at": timezone.now(), "invalid_reason": "a copy"} if state == "invalid" else {}
    make_signature(sheets.petition, email="a.da+x@googlemail.com", state=state, **more)
    paper = sheets.checked(as_csv(("Ada", "", "ada@gmail.com", "", "")))
    assert sheets.problems(paper) == [(2, "email", "online", None)]


def test_a_form_that_nobody_confirmed_or_another_petition_keeps_nobody_out(sheets: Sheets):
    make_signature(sheets.petition, email="ada@mail.example", state="pending")
    make_signature(make_petition(), email="ada@mail.example", state="confirmed")
    assert sheets.checked(as_csv(ADA)).good == 1


def test_too_many_rows_end_the_dry_run_with_a_reason(sheets: Sheets):
    paper = sheets.checked(b"Name\n" + b"Ada\n" * (MOST_ROWS + 1))
    assert (paper.problem, paper.rows, paper.check_job.state) == ("rows", 0, "done")
    assert not paper.parts.exists()
    assert not paper.problems.exists()
    with pytest.raises(NotNow):
        start_taking(paper_id=paper.pk, reason="why", actor=sheets.actor)


def test_a_dry_run_that_begins_again_finds_the_same(sheets: Sheets, monkeypatch):
    paper = sheets.send(as_csv(ADA, ("", "France"), *people(500)))
    ends = kinds._Sheet.end

    def killed(sheet, **how):
        raise RuntimeError("the worker stopped")

    monkeypatch.setattr(kinds._Sheet, "end", killed)
    sheets.work()
    assert sheets.again(paper).rows == 0
    monkeypatch.setattr(kinds._Sheet, "end", ends)
    Job.objects.update(due_at=timezone.now())
    sheets.work()
    paper = sheets.again(paper)
    assert (paper.rows, paper.good, paper.bad) == (502, 501, 1)
    assert paper.problems.count() == 1


# ---------------------------------------------------------------------------------------------------------- import
def test_an_import_counts_on_paper_and_not_in_the_total(sheets: Sheets):
    confirm(signature_id=make_signature(sheets.petition, country="FR").pk, revision=0)
    paper = sheets.imported(as_csv(ADA, ("Bea", "Peru", "", "", ""), ("Cy", "", "", "", "")))
    assert (paper.taken, paper.take_job.state, paper.take_job.done) == (3, "done", 3)
    assert sheets.counted() == (1, 3)
    assert not paper.parts.exists()


def test_what_is_stored_of_a_line(sheets: Sheets):
    sheets.imported(as_csv(ADA), hand_over=True)
    row = sheets.on_paper().get()
    assert (signer_of(row).name, signer_of(row).email, reference_of(row)) == ("Ada Example", "ada@mail.example", "3/7")
    assert (row.state, row.country, row.consent, row.consented_at.date().isoformat()) == (
        "confirmed",
        "FR",
        None,
        "2026-05-03",
    )
    assert (row.hand_over, row.show_name, row.wants_updates, row.mail_due_at) == (True, False, False, None)


def test_the_same_file_twice_counts_once(sheets: Sheets):
    rows = [ADA, *people(30), ("Bea", "Peru", "", "", "")]
    contents = as_csv(*rows, ADA, rows[1])  # two of them stand there twice already
    assert sheets.imported(contents).taken == 32
    again = sheets.checked(contents)
    assert (again.good, again.doubled) == (0, 34)
    found = [why for _row, _column, why, _like in sheets.problems(again)]
    assert (found.count("earlier"), found.count("same_email"), found.count("same_line")) == (32, 1, 1)
    assert sheets.counted() == (0, 32)


def test_two_files_that_wait_together_count_each_line_once(sheets: Sheets):
    first, second = sheets.checked(as_csv(*people(10))), sheets.checked(as_csv(*people(15)))
    assert (first.good, second.good) == (10, 15)
    for paper in (first, second):
        start_taking(paper_id=paper.pk, reason="why", actor=sheets.actor)
    sheets.work()
    second = sheets.again(second)
    assert (second.taken, second.take_job.skipped) == (5, 10)
    assert sheets.counted() == (0, 15)


def test_who_signs_online_between_dry_run_and_import_is_left_out(sheets: Sheets):
    paper = sheets.checked(as_csv(ADA, *people(2)))
    make_signature(sheets.petition, email="ada@mail.example", state="confirmed")
    start_taking(paper_id=paper.pk, reason="why", actor=sheets.actor)
    sheets.work()
    assert sheets.again(paper).taken == 2


def test_a_file_is_imported_once_however_often_it_is_asked(sheets: Sheets):
    paper = sheets.imported(as_csv(*people(3)))
    with pytest.raises(NotNow):
        start_taking(paper_id=paper.pk, reason="why", actor=sheets.actor)
    assert sheets.counted() == (0, 3)


def test_a_mended_file_brings_what_was_bad(sheets: Sheets):
    sheets.imported(as_csv(*people(5), ("Bea", "Atlantis", "", "", "6")))
    mended = sheets.imported(as_csv(*people(5), ("Bea", "Peru", "", "", "6")))
    assert (mended.doubled, mended.taken) == (5, 1)
    assert sheets.counted() == (0, 6)


@pytest.mark.parametrize("state", ["draft", "scheduled", "delivered"])
def test_a_petition_that_takes_none_takes_none(sheets: Sheets, state):
    sheets.petition.state = state
    with pytest.raises(NotNow):
        sheets.send(as_csv(ADA))


def test_a_petition_delivered_meanwhile_takes_none_and_says_so(sheets: Sheets):
    paper = sheets.checked(as_csv(ADA))
    start_taking(paper_id=paper.pk, reason="why", actor=sheets.actor)
    sheets.petition.__class__.objects.update(state="delivered", delivered_at=timezone.now(), closed_at=timezone.now())
    sheets.work()
    assert sheets.again(paper).take_job.state == "failed"
    assert sheets.counted() == (0, 0)


def test_a_paused_import_goes_on_where_it_was(sheets: Sheets, monkeypatch):
    monkeypatch.setattr(kinds, "PER_PART", 10)
    monkeypatch.setattr("signatures.desk.jobs.run.FIRST_LIMIT", 10)
    paper = sheets.checked(as_csv(*people(40)))
    job = start_taking(paper_id=paper.pk, reason="why", actor=sheets.actor)
    run_now(job, seconds=0)  # one step
    orders.pause(job, actor=sheets.actor)
    sheets.work()
    assert sheets.counted() == (0, 10)
    orders.resume(job, actor=sheets.actor)
    sheets.work()
    assert sheets.again(paper).taken == 40
    assert sheets.counted() == (0, 40)


# ------------------------------------------------------------------------------------------------------------ undo
def test_an_undo_takes_the_rows_away_and_the_figure_back(sheets: Sheets):
    confirm(signature_id=make_signature(sheets.petition).pk, revision=0)
    paper = sheets.imported(as_csv(ADA, *people(20)))
    assert sheets.counted() == (1, 21)
    job = sheets.undone(paper)
    assert (job.state, job.undone, job.not_undone) == ("undone", 21, 0)
    assert sheets.again(paper).taken == 0
    assert sheets.counted() == (1, 0)
    assert not sheets.on_paper().exists()
    assert not JobItem.objects.exists()
    assert sheets.imported(as_csv(ADA, *people(20))).taken == 21, "and can be brought in again"


def test_an_undo_leaves_what_staff_changed_since(sheets: Sheets):
    paper = sheets.imported(as_csv(*people(5)))
    ids = [str(pk) for pk in sheets.on_paper().order_by("pk").values_list("pk", flat=True)[:2]]
    selection = Selection.of_ids(sheets.petition.pk, ids)
    held = start_job(
        kind="hold",
        petition=sheets.petition,
        params={"selection": selection.params()},
        reason="one hand wrote them",
        actor=sheets.actor,
    )
    sheets.work()
    assert sheets.counted() == (0, 3)
    job = sheets.undone(paper)
    assert (job.undone, job.not_undone) == (3, 2)
    assert sheets.again(paper).taken == 2
    assert sheets.counted() == (0, 0)
    orders.undo(held, actor=sheets.actor, reason="two sisters")
    sheets.work()
    assert sheets.counted() == (0, 2)


# ----------------------------------------------------------------------------------------- moves keep it apart
@pytest.mark.parametrize("kind", ["hold", "invalidate", "erase"])
def test_whatever_moves_paper_moves_its_own_figure_and_back(sheets: Sheets, kind):
    for _each in range(3):
        confirm(signature_id=make_signature(sheets.petition, country="FR").pk, revision=0)
    sheets.imported(as_csv(*people(6)))
    assert sheets.counted() == (3, 6)
    params = {"selection": Selection(petition_id=sheets.petition.pk, paper="yes").frozen().params()}
    job = start_job(kind=kind, petition=sheets.petition, params=params, reason="why", actor=sheets.actor)
    sheets.work()
    assert sheets.counted() == (3, 0)
    assert not sheets.petition.correction_set.exists(), "the public corrections are of the other count"
    orders.undo(job, actor=sheets.actor, reason="a mistake")
    sheets.work()
    assert sheets.counted() == (3, 6)


def test_release_after_an_hour_writes_to_nobody(sheets: Sheets):
    sheets.imported(as_csv(ADA))
    for kind in ("hold", "release"):
        params = {"selection": Selection(petition_id=sheets.petition.pk).frozen().params()}
        start_job(kind=kind, petition=sheets.petition, params=params, reason="why", actor=sheets.actor)
        sheets.work()
    row = sheets.on_paper().get()
    assert (row.state, row.mail_due_at, row.outgoingmail_set.count()) == ("confirmed", None, 0)
    assert sheets.counted() == (0, 1)


def test_erasing_one_leaves_nothing_of_it(sheets: Sheets):
    sheets.imported(as_csv(ADA, *people(1)))
    erase(signature_id=sheets.on_paper().exclude(email_sealed=None).get().pk)
    row = sheets.on_paper().get(state="erased")
    assert (row.name_sealed, row.person_index, row.paper_index, row.reference_sealed, row.country) == (None,) * 5
    assert sheets.counted() == (0, 1)


# ------------------------------------------------------------------------------------------------------- retention
def test_the_names_of_a_closed_petition_go_with_the_others_also_when_they_came_late(sheets: Sheets):
    long_ago = timezone.now() - timedelta(days=800)
    petitions = sheets.petition.__class__.objects.filter(pk=sheets.petition.pk)
    petitions.update(state="closed", closed_at=long_ago, names_gone_at=timezone.now(), emails_gone_at=timezone.now())
    sheets.petition.refresh_from_db()
    sheets.imported(as_csv(ADA, *people(3)))
    sheets.petition.refresh_from_db()
    assert (sheets.petition.names_gone_at, sheets.petition.emails_gone_at) == (None, None)
    forget_after_closing()
    row = sheets.on_paper().first()
    assert (row.name_sealed, row.email_sealed, row.person_index, row.paper_index, row.reference_sealed) == (None,) * 5
    sheets.petition.refresh_from_db()
    assert sheets.petition.names_gone_at is not None
    assert sheets.counted() == (0, 4)


def test_a_file_goes_when_its_time_is_over_and_its_numbers_stay(sheets: Sheets):
    paper = sheets.checked(as_csv(ADA, ("", "")), hand_over=True)
    later = sheets.send(as_csv(ADA))
    PaperImport.objects.filter(pk=paper.pk).update(expires_at=timezone.now())
    assert forget_paper() == 1
    assert forget_paper() == 0
    paper = sheets.again(paper)
    assert (paper.good, paper.columns) == (1, {})
    assert paper.deleted_at is not None
    assert not PaperPart.objects.filter(paper_import=paper).exists()
    assert not PaperProblem.objects.filter(paper_import=paper).exists()
    assert later.parts.exists()
    with pytest.raises(NotNow):
        start_taking(paper_id=paper.pk, reason="why", actor=sheets.actor)


# ------------------------------------------------------------------------------------------------ what rows promise
def test_the_database_refuses_what_paper_may_not_and_online_must(sheets: Sheets):
    sheets.imported(as_csv(ADA))
    paper = sheets.on_paper()
    online = Signature.objects.filter(pk=make_signature(sheets.petition, state="confirmed").pk)
    for rows, change in (
        (paper, {"wants_updates": True}),
        (paper, {"show_name": True}),
        (paper, {"mail_due_at": timezone.now()}),
        (paper, {"state": "pending"}),
        (paper, {"source": "newsletter"}),
        (online, {"consent": None}),
        (online, {"consented_at": None}),
        (online, {"paper_index": b"x"}),
        (online, {"reference_sealed": b"x"}),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**change)


def test_the_audit_tells_who_did_what_in_numbers_and_nothing_of_anybody(sheets: Sheets):
    paper = sheets.imported(as_csv(ADA, *people(4), head=HEAD))
    sheets.undone(paper)
    entries = AuditEntry.objects.filter(object_type="paper import").order_by("id")
    assert list(entries.values_list("action", "count")) == [
        ("check paper", 0),
        ("job done", 5),
        ("import paper", 5),
        ("job done", 5),
        ("undo job", 5),
        ("job undone", 5),
    ]
    assert {entry.object_id for entry in entries} == {str(paper.pk)}
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(a::text, ' ') FROM signatures_auditentry AS a")
        assert "Ada" not in cursor.fetchone()[0]
