"""Jobs: work that staff start, and what each moved."""

import django.db.models.deletion
import django.db.models.functions.datetime
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("signatures", "0025_desk_list_indexes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Job",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(max_length=40, verbose_name="what")),
                ("params", models.JSONField(default=dict)),
                ("reason", models.CharField(max_length=200, verbose_name="why")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("running", "at work"),
                            ("paused", "paused"),
                            ("done", "done"),
                            ("cancelled", "cancelled"),
                            ("failed", "failed"),
                            ("undone", "undone"),
                        ],
                        default="waiting",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("undoing", models.BooleanField(default=False)),
                ("moves", models.BooleanField(default=False)),
                ("total", models.PositiveIntegerField(blank=True, null=True, verbose_name="how many")),
                ("done", models.PositiveIntegerField(default=0, verbose_name="done")),
                ("skipped", models.PositiveIntegerField(default=0, verbose_name="left as they were")),
                ("undone", models.PositiveIntegerField(default=0, verbose_name="undone")),
                ("not_undone", models.PositiveIntegerField(default=0, verbose_name="could not be undone")),
                ("cursor", models.TextField(blank=True, default="")),
                ("result", models.JSONField(blank=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="asked for")),
                ("started_at", models.DateTimeField(blank=True, null=True, verbose_name="began")),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="ended")),
                ("undo_until", models.DateTimeField(blank=True, null=True, verbose_name="can be undone until")),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                ("due_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("error", models.CharField(blank=True, max_length=200, verbose_name="problem")),
                ("lease", models.UUIDField(null=True)),
                ("leased_until", models.DateTimeField(null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="who",
                    ),
                ),
                (
                    "petition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="jobs",
                        to="signatures.petition",
                        verbose_name="petition",
                    ),
                ),
            ],
            options={
                "verbose_name": "job",
                "verbose_name_plural": "jobs",
                "ordering": ["-id"],
                "default_permissions": ("view", "change"),
                "indexes": [
                    models.Index("due_at", condition=models.Q(("state__in", ["waiting", "running"])), name="job_to_do"),
                    models.Index("undo_until", condition=models.Q(("settled_at__isnull", True)), name="job_to_settle"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["waiting", "running", "paused", "done", "cancelled", "failed", "undone"])
                        ),
                        name="job_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("lease__isnull", True), ("leased_until__isnull", True)),
                            models.Q(("lease__isnull", False), ("leased_until__isnull", False)),
                            _connector="OR",
                        ),
                        name="a_lease_ends",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="JobItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("signature_id", models.UUIDField()),
                ("left_at", models.DateTimeField()),
                ("before", models.JSONField()),
                (
                    "job",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="items",
                        to="signatures.job",
                    ),
                ),
            ],
            options={
                "verbose_name": "signature that a job moved",
                "verbose_name_plural": "signatures that a job moved",
                "default_permissions": (),
                "indexes": [models.Index(models.F("job"), models.F("id"), name="job_item_of_its_job")],
            },
        ),
        migrations.AddConstraint(
            "job",
            models.UniqueConstraint(
                condition=models.Q(("moves", True), ("state", "running")),
                fields=("petition",),
                name="one_moving_job_per_petition",
            ),
        ),
    ]
