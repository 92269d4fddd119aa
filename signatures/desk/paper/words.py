"""What is wrong with a file or a row, and how far an import is, in words for staff."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from signatures.desk.jobs.words import counted, not_undone, state_of
from signatures.models import Job, PaperImport, PaperProblem

# Why a file is not read at all.
FILE_PROBLEMS = {
    "empty": gettext_lazy("There is nothing in this file."),
    "large": gettext_lazy("This file is too large: 10 MB at most, and what it unpacks to must be reasonable."),
    "rows": gettext_lazy("There are more than 50,000 rows in this file. Send it in several."),
    "kind": gettext_lazy("This is neither CSV nor XLSX without a password. Save the sheet as one of these."),
    "encoding": gettext_lazy("The letters of this file cannot be read. Save it as “CSV UTF-8”, or as XLSX."),
    "quotes": gettext_lazy(
        "A quotation mark in this file does not close where it should. Save the sheet anew, or as XLSX."
    ),
    "damaged": gettext_lazy("This file is damaged, or of an unusual kind. Save the sheet anew."),
    "no_name": gettext_lazy("No column is called name, or last name. The first row has to say what the columns are."),
    "twice": gettext_lazy("Two columns mean the same thing, such as two for the name. Leave one of them out."),
}
# Why a row is not imported. The first are bad rows, those of DOUBLED are there already.
ROW_PROBLEMS = {
    "more_cells": gettext_lazy("The row has more cells than there are headings."),
    "formula": gettext_lazy("The cell is a formula. Paste its value."),
    "name_required": gettext_lazy("There is no name."),
    "name_too_long": gettext_lazy("The name is too long."),
    "name_control": gettext_lazy("The name is not on one line, or has characters that nobody can see."),
    "name_turned": gettext_lazy("The name has characters that turn the direction of text."),
    "name_invisible": gettext_lazy("The name has no letter."),
    "name_address": gettext_lazy("A web or e-mail address stands where the name should."),
    "country": gettext_lazy("No country or territory is called so. Empty means not said."),
    "email_too_long": gettext_lazy("The e-mail address is too long to be real."),
    "email_several": gettext_lazy("There is more than one e-mail address, or a space in it."),
    "email_local_part": gettext_lazy("The e-mail address has letters before the @ that we cannot store."),
    "email_invalid": gettext_lazy("That is no e-mail address."),
    "date": gettext_lazy("That is no day with a year, such as 2026-11-24 or 24/11/2026: day before month."),
    "future": gettext_lazy("The day is in the future."),
    "reference": gettext_lazy("The reference is longer than 60 characters, or has some that nobody can see."),
    "same_email": gettext_lazy("The same e-mail address as in an earlier row."),
    "same_line": gettext_lazy("The same name, country and reference as in an earlier row."),
    "earlier": gettext_lazy(
        "It is on paper already: the same e-mail address, or the same name, country and reference."
    ),
    "online": gettext_lazy("Whoever has this e-mail address has already signed online."),
}
DOUBLED = ("same_email", "same_line", "earlier", "online")
PARTS = {
    "": "",
    "name": pgettext_lazy("column", "name"),
    "first": pgettext_lazy("column", "first name"),
    "last": pgettext_lazy("column", "last name"),
    "country": pgettext_lazy("column", "country"),
    "email": pgettext_lazy("column", "e-mail"),
    "date": pgettext_lazy("column", "date"),
    "reference": pgettext_lazy("column", "reference"),
    "sheet": pgettext_lazy("column", "sheet"),
    "line": pgettext_lazy("column", "line"),
}


def why(problem: PaperProblem) -> str:
    """What is wrong, and which row it is like."""
    said = str(ROW_PROBLEMS.get(problem.why, problem.why))
    if problem.like_row is None:
        return said
    row = _("row %(number)s") % {"number": problem.like_row}
    return f"{said} ({row})"


def standing_of(paper: PaperImport) -> str:
    """How far it is."""
    job = paper.take_job
    if job is not None:
        return _("imported") if job.state == Job.State.DONE else state_of(job)
    if paper.problem:
        return _("cannot be read")
    job = paper.check_job
    if job is None or job.state != Job.State.DONE:
        return state_of(job) if job else ""
    return _("not imported, deleted") if paper.deleted_at else _("checked, not imported yet")


def came_to(job: Job) -> list[str]:
    """What an import has come to so far, in whole sentences."""
    said = [ngettext("%(count)s row was imported.", "%(count)s rows were imported.", job.done) % counted(job.done)]
    if job.skipped:
        text = ngettext(
            "%(count)s row was left out: it had been imported, or signed online, since the dry run.",
            "%(count)s rows were left out: they had been imported, or signed online, since the dry run.",
            job.skipped,
        )
        said.append(text % counted(job.skipped))
    if job.undoing:
        text = ngettext("%(count)s is taken back.", "%(count)s are taken back.", job.undone)
        said.append(text % counted(job.undone))
    return said + not_undone(job)
