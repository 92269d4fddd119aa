"""How long people's data is kept is the petition's own; deletions are noted in numbers; a legal hold stops them."""

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


def _days(label, default, most):
    return models.PositiveSmallIntegerField(
        default=default,
        db_default=default,
        validators=[
            django.core.validators.MinValueValidator(1),
            django.core.validators.MaxValueValidator(most),
        ],
        verbose_name=label,
    )


class Migration(migrations.Migration):
    dependencies = [("signatures", "0032_index_of_those_who_want_updates")]
    operations = [
        migrations.AlterModelOptions(
            name="petition",
            options={
                "ordering": ["-created_at"],
                "permissions": [
                    ("run_petition", "Can schedule, open, pause, close and deliver petitions"),
                    ("change_retention", "Can set how long people's data is kept"),
                    ("change_legalhold", "Can set and lift a legal hold"),
                ],
                "verbose_name": "petition",
                "verbose_name_plural": "petitions",
            },
        ),
        migrations.AddField(
            "petition", "pending_kept_days", _days("days that an unconfirmed signature is kept", 14, 14)
        ),
        migrations.AddField(
            "petition", "names_kept_days", _days("days that names are kept after the petition closes", 365, 3650)
        ),
        migrations.AddField(
            "petition",
            "emails_kept_days",
            _days("days that e-mail addresses are kept after the petition closes", 180, 3650),
        ),
        migrations.AddField(
            "petition",
            "legal_hold_at",
            models.DateTimeField(blank=True, editable=False, null=True, verbose_name="legal hold since"),
        ),
        migrations.CreateModel(
            name="RetentionRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(verbose_name="day")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("unconfirmed", "unconfirmed signatures"),
                            ("names", "names"),
                            ("emails", "e-mail addresses"),
                        ],
                        max_length=12,
                        verbose_name="what",
                    ),
                ),
                ("count", models.PositiveIntegerField(verbose_name="how many")),
                (
                    "petition",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="retention_runs",
                        to="signatures.petition",
                        verbose_name="petition",
                    ),
                ),
            ],
            options={
                "verbose_name": "deletion by retention",
                "verbose_name_plural": "deletions by retention",
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(fields=("petition", "day", "kind"), name="one_retention_run_a_day"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["unconfirmed", "names", "emails"])),
                        name="retention_kind_is_known",
                    ),
                ],
            },
        ),
    ]
