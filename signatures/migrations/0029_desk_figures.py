"""What the desk's home remembers. Two new tables: nothing in use is touched."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("signatures", "0028_validate_states")]

    operations = [
        migrations.CreateModel(
            name="Check",
            fields=[
                (
                    "name",
                    models.CharField(
                        choices=[("recount", "Recount of the signatures"), ("audit", "Chain of the audit")],
                        max_length=20,
                        primary_key=True,
                        serialize=False,
                        verbose_name="check",
                    ),
                ),
                ("ran_at", models.DateTimeField(verbose_name="last run")),
                ("problems", models.PositiveIntegerField(default=0, verbose_name="problems")),
                ("details", models.TextField(blank=True, verbose_name="what it found")),
            ],
            options={
                "verbose_name": "check",
                "verbose_name_plural": "checks",
                "ordering": ["-name"],
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="DeskFigures",
            fields=[
                (
                    "petition",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="desk_figures",
                        serialize=False,
                        to="signatures.petition",
                        verbose_name="petition",
                    ),
                ),
                ("as_of", models.DateTimeField(verbose_name="as of")),
                ("took", models.PositiveIntegerField(default=0, verbose_name="milliseconds it took to count")),
                ("figures", models.JSONField(default=dict, verbose_name="figures")),
                ("received", models.JSONField(default=dict, verbose_name="received by day")),
            ],
            options={
                "verbose_name": "desk's figures",
                "verbose_name_plural": "desk's figures",
                "default_permissions": (),
            },
        ),
    ]
