"""Signatures that were collected on paper: the file they came in, and what the dry run found in it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from uuid_utils.compat import uuid7

from .job import Job
from .petition import Petition


class PaperImport(models.Model):
    """One file of paper signatures: who brought it, what was in it in numbers, and what became of it.

    People stand in its parts alone, sealed (`privacy.sealing.seal_part`): the file as it was sent, and after the dry
    run only the rows that can be imported. Parts, problems and headings go when it is imported, or after PAPER_HOURS;
    this row stays as history. How far it is, its two jobs say.
    """

    class Format(models.TextChoices):
        CSV = "csv", "CSV"
        XLSX = "xlsx", "Excel (XLSX)"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    petition = models.ForeignKey(Petition, models.PROTECT, related_name="paper_imports", verbose_name=_("petition"))
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("who"))
    created_at = models.DateTimeField(_("sent"), auto_now_add=True)
    file_name = models.CharField(_("file"), max_length=100)
    format = models.CharField(_("format"), max_length=5, choices=Format)
    hand_over = models.BooleanField(_("names may go to the addressees"), default=False)
    check_job = models.OneToOneField(
        Job, models.PROTECT, null=True, related_name="paper_checked", verbose_name=_("dry run")
    )
    take_job = models.OneToOneField(
        Job, models.PROTECT, null=True, related_name="paper_taken", verbose_name=_("import")
    )
    reason = models.CharField(_("why"), max_length=200, blank=True, default="")

    # What the dry run found. A row is good, bad, or doubled: there already, in the file or among the signatures.
    problem = models.CharField(_("why it cannot be read"), max_length=20, blank=True, default="")  # of PROBLEMS
    rows = models.PositiveIntegerField(_("rows"), default=0)
    good = models.PositiveIntegerField(_("good rows"), default=0)
    bad = models.PositiveIntegerField(_("bad rows"), default=0)
    doubled = models.PositiveIntegerField(_("doubled rows"), default=0)
    columns = models.JSONField(default=dict)  # what was understood: part → heading; "left_out": the other headings
    taken = models.PositiveIntegerField(_("imported"), default=0)  # and not undone

    expires_at = models.DateTimeField(_("expires"))
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True)

    class Meta:
        verbose_name = _("import of paper signatures")
        verbose_name_plural = pgettext_lazy("list", "paper signatures")
        default_permissions = ("view", "add")
        ordering = ["-id"]
        indexes = [models.Index("expires_at", name="paper_to_delete", condition=Q(deleted_at__isnull=True))]
        constraints = [
            models.CheckConstraint(
                name="every_row_is_one_of_three",
                condition=Q(rows=models.F("good") + models.F("bad") + models.F("doubled")),
            ),
            models.CheckConstraint(name="no_more_than_were_good", condition=Q(taken__lte=models.F("good"))),
        ]

    def __str__(self) -> str:
        return self.file_name


class PaperPart(models.Model):
    """A piece of a file, sealed: of the file as it was sent, or some of the rows that can be imported."""

    class Holds(models.TextChoices):
        FILE = "file", "file"
        ROWS = "rows", "rows"

    paper_import = models.ForeignKey(PaperImport, models.CASCADE, related_name="parts", db_index=False)
    holds = models.CharField(max_length=5, choices=Holds)
    number = models.PositiveIntegerField()
    sealed = models.BinaryField()

    class Meta:
        verbose_name = _("part of a paper file")
        verbose_name_plural = _("parts of a paper file")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(name="one_paper_part_of_each_number", fields=["paper_import", "holds", "number"])
        ]

    def __str__(self) -> str:
        return f"{self.paper_import_id}: {self.holds} {self.number}"


class PaperProblem(models.Model):
    """Why one row cannot be imported: where, and what is wrong, in a word of `desk.paper.words`. Nothing of the row."""

    paper_import = models.ForeignKey(PaperImport, models.CASCADE, related_name="problems", db_index=False)
    row = models.PositiveIntegerField(_("row"))  # as a spreadsheet numbers it, the headings included
    column = models.CharField(_("column"), max_length=12, blank=True)  # of the parts that a row has
    why = models.CharField(_("why"), max_length=20)
    like_row = models.PositiveIntegerField(_("same as row"), null=True)

    class Meta:
        verbose_name = _("problem of a paper file")
        verbose_name_plural = _("problems of a paper file")
        default_permissions = ()
        ordering = ["id"]
        indexes = [models.Index("paper_import", "id", name="paper_problem_of_its_file")]

    def __str__(self) -> str:
        return f"{self.row} {self.column} {self.why}"
