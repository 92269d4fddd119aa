"""Exports: what was asked for, and its file in sealed parts until it expires."""

import django.db.models.deletion
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models

_PURPOSES = [
    ("hand-over", "names for the addressees"),
    ("public-names", "names on the public list"),
    ("updates", "addresses of those who want updates"),
    ("figures", "figures by country and week, no people"),
]


def _id():
    return models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)


def _to(model, label, on_delete=django.db.models.deletion.PROTECT):
    return models.ForeignKey(on_delete=on_delete, related_name="+", to=model, verbose_name=label)


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("signatures", "0033_retention"),
    ]
    operations = [
        migrations.CreateModel(
            name="ExportFile",
            fields=[
                ("id", _id()),
                ("purpose", models.CharField(choices=_PURPOSES, max_length=20, verbose_name="purpose")),
                (
                    "format",
                    models.CharField(
                        choices=[("csv", "CSV"), ("xlsx", "Excel (XLSX)")], max_length=5, verbose_name="format"
                    ),
                ),
                ("language", models.CharField(max_length=10, verbose_name="language")),
                ("reason", models.CharField(max_length=200, verbose_name="why")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="asked for")),
                ("complete_at", models.DateTimeField(blank=True, null=True, verbose_name="complete")),
                ("rows", models.PositiveIntegerField(default=0, verbose_name="rows")),
                ("bytes", models.PositiveBigIntegerField(default=0, verbose_name="bytes")),
                ("expires_at", models.DateTimeField(verbose_name="expires")),
                ("downloads", models.PositiveSmallIntegerField(default=0, verbose_name="downloads")),
                ("deleted_at", models.DateTimeField(blank=True, null=True, verbose_name="deleted")),
                (
                    "job",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="export",
                        to="signatures.job",
                        verbose_name="job",
                    ),
                ),
                ("made_for", _to(settings.AUTH_USER_MODEL, "who")),
                ("petition", _to("signatures.petition", "petition")),
            ],
            options={
                "verbose_name": "export",
                "verbose_name_plural": "exports",
                "ordering": ["-id"],
                "permissions": [("export_signature", "Can export signatures")],
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        "expires_at", condition=models.Q(("deleted_at__isnull", True)), name="export_to_delete"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("purpose__in", ["hand-over", "public-names", "updates", "figures"])),
                        name="export_purpose_is_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ExportPart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("sealed", models.BinaryField()),
                (
                    "file",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="signatures.exportfile",
                    ),
                ),
            ],
            options={
                "verbose_name": "part of an export",
                "verbose_name_plural": "parts of an export",
                "default_permissions": (),
                "constraints": [models.UniqueConstraint(fields=("file", "number"), name="one_part_of_each_number")],
            },
        ),
    ]
