"""Scheduled and paused petitions, times at which they open and close, goals that rise, and a link to read a draft.

The table of petitions is small: the checks are made at once.
"""

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("signatures", "0019_reach"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="petition",
            options={
                "ordering": ["-created_at"],
                "permissions": [("run_petition", "Can schedule, open, pause, close and deliver petitions")],
                "verbose_name": "petition",
                "verbose_name_plural": "petitions",
            },
        ),
        migrations.AddField(
            model_name="petition",
            name="closes_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="closes by itself"),
        ),
        migrations.AddField(
            model_name="petition",
            name="goal_raise_percent",
            field=models.PositiveSmallIntegerField(
                db_default=90,
                default=90,
                help_text="The goal rises when so much of it has signed. It never falls by itself.",
                validators=[django.core.validators.MinValueValidator(50), django.core.validators.MaxValueValidator(99)],
                verbose_name="raise the goal at (per cent)",
            ),
        ),
        migrations.AddField(
            model_name="petition",
            name="goal_raising",
            field=models.CharField(
                choices=[
                    ("never", "stays as it is"),
                    ("steps", "rises through the steps below"),
                    ("automatic", "rises by itself: 1,000, 2,500, 5,000, 10,000 and so on"),
                ],
                db_default="never",
                default="never",
                max_length=10,
                verbose_name="the goal",
            ),
        ),
        migrations.AddField(
            model_name="petition",
            name="goal_steps",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="Such as 1000, 5000, 10000. The goal shown goes to the next one before it is reached.",
                max_length=200,
                verbose_name="steps of the goal",
            ),
        ),
        migrations.AddField(
            model_name="petition",
            name="opens_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="opens by itself"),
        ),
        migrations.AddField(
            model_name="petition",
            name="paused_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="paused"),
        ),
        migrations.AddField(
            model_name="petition",
            name="paused_words",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=300, verbose_name="what readers are told of the pause"
            ),
        ),
        migrations.AddField(
            model_name="petition",
            name="preview_number",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="petition",
            name="preview_until",
            field=models.DateTimeField(blank=True, null=True, verbose_name="preview link until"),
        ),
        migrations.AlterField(
            model_name="petition",
            name="state",
            field=models.CharField(
                choices=[
                    ("draft", "draft"),
                    ("scheduled", "scheduled"),
                    ("open", "open"),
                    ("paused", "paused"),
                    ("closed", "closed"),
                    ("delivered", "delivered"),
                ],
                default="draft",
                max_length=10,
                verbose_name="state",
            ),
        ),
        migrations.AlterField(
            model_name="webhookdelivery",
            name="event",
            field=models.CharField(
                choices=[
                    ("petition.milestone", "milestone"),
                    ("petition.goal", "goal reached"),
                    ("petition.opened", "petition opened"),
                    ("petition.paused", "petition paused"),
                    ("petition.closed", "petition closed"),
                    ("petition.delivered", "petition delivered"),
                    ("test", "test"),
                ],
                max_length=30,
                verbose_name="event",
            ),
        ),
        migrations.AlterField(
            model_name="webhookendpoint",
            name="state_told",
            field=models.CharField(
                choices=[
                    ("draft", "draft"),
                    ("scheduled", "scheduled"),
                    ("open", "open"),
                    ("paused", "paused"),
                    ("closed", "closed"),
                    ("delivered", "delivered"),
                ],
                default="draft",
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="webhookendpoint",
            name="step",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="So many signatures. Empty: only the goal, and when the petition opens, pauses, closes or is "
                "delivered.",
                null=True,
                validators=[django.core.validators.MinValueValidator(10)],
                verbose_name="milestone at every",
            ),
        ),
        migrations.AddConstraint(
            model_name="petition",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "scheduled"), _negated=True), ("opens_at__isnull", False), _connector="OR"
                ),
                name="scheduled_petition_has_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="petition",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "paused"), _negated=True), ("paused_at__isnull", False), _connector="OR"
                ),
                name="paused_petition_has_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="petition",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("closes_at__isnull", True),
                    ("opens_at__isnull", True),
                    ("closes_at__gt", models.F("opens_at")),
                    _connector="OR",
                ),
                name="it_opens_before_it_closes",
            ),
        ),
    ]
