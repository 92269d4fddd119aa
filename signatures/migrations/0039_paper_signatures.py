"""Signatures on paper: the files they come in, a mark on each, and figures of their own.

No table in use is rewritten or read: new columns are nullable or have a constant default, and what is promised of old
rows is checked for what is written from now on; `0040` looks at the old ones without a lock that writers meet.
"""

import django.db.models.deletion
import uuid_utils.compat
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models import F, Q


def _id():
    return models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)


def _number():
    return models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


def _count(label, **more):
    return models.PositiveIntegerField(default=0, verbose_name=label, **more)


def _to(model, *, name="+", on_delete=django.db.models.deletion.PROTECT, **more):
    return models.ForeignKey(on_delete=on_delete, related_name=name, to=model, **more)


def _job(name, label):
    return models.OneToOneField(
        null=True,
        on_delete=django.db.models.deletion.PROTECT,
        related_name=name,
        to="signatures.job",
        verbose_name=label,
    )


# A foreign key that is added with its column would be looked for in every row, while nobody can write.
_MARK = """
ALTER TABLE signatures_signature ADD COLUMN paper_import_id uuid NULL;
ALTER TABLE signatures_signature ADD CONSTRAINT signature_of_its_paper FOREIGN KEY (paper_import_id)
    REFERENCES signatures_paperimport (id) DEFERRABLE INITIALLY DEFERRED NOT VALID;
"""


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("signatures", "0038_index_of_why_they_are_held"),
    ]

    operations = [
        migrations.CreateModel(
            name="PaperImport",
            fields=[
                ("id", _id()),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="sent")),
                ("file_name", models.CharField(max_length=100, verbose_name="file")),
                (
                    "format",
                    models.CharField(
                        choices=[("csv", "CSV"), ("xlsx", "Excel (XLSX)")], max_length=5, verbose_name="format"
                    ),
                ),
                ("hand_over", models.BooleanField(default=False, verbose_name="names may go to the addressees")),
                ("reason", models.CharField(blank=True, default="", max_length=200, verbose_name="why")),
                (
                    "problem",
                    models.CharField(blank=True, default="", max_length=20, verbose_name="why it cannot be read"),
                ),
                ("rows", _count("rows")),
                ("good", _count("good rows")),
                ("bad", _count("bad rows")),
                ("doubled", _count("doubled rows")),
                ("columns", models.JSONField(default=dict)),
                ("taken", _count("imported")),
                ("expires_at", models.DateTimeField(verbose_name="expires")),
                ("deleted_at", models.DateTimeField(blank=True, null=True, verbose_name="deleted")),
                ("check_job", _job("paper_checked", "dry run")),
                ("take_job", _job("paper_taken", "import")),
                ("made_by", _to(settings.AUTH_USER_MODEL, verbose_name="who")),
                ("petition", _to("signatures.petition", name="paper_imports", verbose_name="petition")),
            ],
            options={
                "verbose_name": "import of paper signatures",
                "verbose_name_plural": "paper signatures",
                "ordering": ["-id"],
                "default_permissions": ("view", "add"),
                "indexes": [
                    models.Index("expires_at", name="paper_to_delete", condition=Q(("deleted_at__isnull", True)))
                ],
                "constraints": [
                    models.CheckConstraint(
                        name="every_row_is_one_of_three", condition=Q(("rows", F("good") + F("bad") + F("doubled")))
                    ),
                    models.CheckConstraint(name="no_more_than_were_good", condition=Q(("taken__lte", F("good")))),
                ],
            },
        ),
        migrations.CreateModel(
            name="PaperPart",
            fields=[
                ("id", _number()),
                ("holds", models.CharField(choices=[("file", "file"), ("rows", "rows")], max_length=5)),
                ("number", models.PositiveIntegerField()),
                ("sealed", models.BinaryField()),
                (
                    "paper_import",
                    _to(
                        "signatures.paperimport",
                        name="parts",
                        on_delete=django.db.models.deletion.CASCADE,
                        db_index=False,
                    ),
                ),
            ],
            options={
                "verbose_name": "part of a paper file",
                "verbose_name_plural": "parts of a paper file",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("paper_import", "holds", "number"), name="one_paper_part_of_each_number"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PaperProblem",
            fields=[
                ("id", _number()),
                ("row", models.PositiveIntegerField(verbose_name="row")),
                ("column", models.CharField(blank=True, max_length=12, verbose_name="column")),
                ("why", models.CharField(max_length=20, verbose_name="why")),
                ("like_row", models.PositiveIntegerField(null=True, verbose_name="same as row")),
                (
                    "paper_import",
                    _to(
                        "signatures.paperimport",
                        name="problems",
                        on_delete=django.db.models.deletion.CASCADE,
                        db_index=False,
                    ),
                ),
            ],
            options={
                "verbose_name": "problem of a paper file",
                "verbose_name_plural": "problems of a paper file",
                "ordering": ["id"],
                "default_permissions": (),
                "indexes": [models.Index("paper_import", "id", name="paper_problem_of_its_file")],
            },
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(_MARK, "ALTER TABLE signatures_signature DROP COLUMN paper_import_id")
            ],
            state_operations=[
                migrations.AddField(
                    "signature",
                    "paper_import",
                    _to("signatures.paperimport", blank=True, db_index=False, null=True, verbose_name="on paper"),
                )
            ],
        ),
        migrations.AddField("signature", "paper_index", models.BinaryField(blank=True, editable=False, null=True)),
        migrations.AddField("signature", "reference_sealed", models.BinaryField(blank=True, editable=False, null=True)),
        migrations.AlterField(
            "signature",
            "consent",
            models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to="signatures.consenttext",
                verbose_name="consent text",
            ),
        ),
        migrations.AlterField(
            "signature", "consented_at", models.DateTimeField(blank=True, null=True, verbose_name="consented")
        ),
        migrations.RemoveConstraint("signature", "erased_holds_nothing"),
        AddConstraintNotValid(
            "signature",
            models.CheckConstraint(
                name="erased_holds_nothing",
                condition=~Q(state="erased")
                | Q(
                    name_sealed__isnull=True,
                    email_sealed__isnull=True,
                    email_index__isnull=True,
                    person_index__isnull=True,
                    domain_index__isnull=True,
                    paper_index__isnull=True,
                    reference_sealed__isnull=True,
                    country__isnull=True,
                    mail_due_at__isnull=True,
                    erased_at__isnull=False,
                ),
            ),
        ),
        AddConstraintNotValid(
            "signature",
            models.CheckConstraint(
                name="who_signs_here_agrees_to_a_text",
                condition=Q(paper_import__isnull=False)
                | Q(
                    consent__isnull=False,
                    consented_at__isnull=False,
                    paper_index__isnull=True,
                    reference_sealed__isnull=True,
                ),
            ),
        ),
        AddConstraintNotValid(
            "signature",
            models.CheckConstraint(
                name="paper_is_neither_written_to_nor_shown",
                condition=Q(paper_import__isnull=True)
                | Q(
                    ~Q(state="pending"),
                    consent__isnull=True,
                    show_name=False,
                    wants_updates=False,
                    mail_due_at__isnull=True,
                    mail_sent_at__isnull=True,
                    source="",
                ),
            ),
        ),
        migrations.AddField(
            "tallyentry", "paper", models.BooleanField(db_default=False, default=False, verbose_name="on paper")
        ),
        migrations.AddField("countrytally", "paper", _count("on paper", db_default=0)),
        migrations.AddField("tally", "paper", _count("on paper", db_default=0)),
        migrations.AddField(
            "tally",
            "paper_shown",
            models.PositiveIntegerField(blank=True, null=True, verbose_name="on paper, as published"),
        ),
        migrations.AddField(
            "tally", "paper_shown_of", models.PositiveIntegerField(db_default=0, default=0, editable=False)
        ),
        migrations.AddField("tally", "paper_shown_at", models.DateTimeField(blank=True, editable=False, null=True)),
    ]
