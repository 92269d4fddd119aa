"""Sending an update by mail: new tables, and who may."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Whoever deletes a signature, by whatever statement, deletes who got what with it.
_GOES_WITH_ITS_SIGNATURE = """
ALTER TABLE signatures_updaterecipient
ADD CONSTRAINT update_recipient_goes_with_its_signature
FOREIGN KEY (signature_id) REFERENCES signatures_signature (id) ON DELETE CASCADE
"""


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("signatures", "0030_desk_figure_indexes"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="campaignupdate",
            options={
                "ordering": ["-created_at"],
                "permissions": [
                    ("publish_campaignupdate", "Can publish update"),
                    ("send_campaignupdate", "Can send update to supporters"),
                ],
                "verbose_name": "update",
                "verbose_name_plural": "updates",
            },
        ),
        migrations.CreateModel(
            name="SendingPace",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("free_from", models.DateTimeField()),
            ],
            options={
                "verbose_name": "pace of sendings",
                "verbose_name_plural": "pace of sendings",
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="one_pace_for_all")],
            },
        ),
        migrations.CreateModel(
            name="UpdateSending",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("running", "running"),
                            ("paused", "paused"),
                            ("stopped", "stopped"),
                            ("finished", "finished"),
                        ],
                        default="running",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("started_at", models.DateTimeField(verbose_name="started")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended")),
                (
                    "paused_because",
                    models.CharField(blank=True, max_length=200, verbose_name="why it paused by itself"),
                ),
                ("expected", models.PositiveIntegerField(verbose_name="recipients when it started")),
                ("reached", models.UUIDField(default=uuid.UUID(int=0), editable=False)),
                ("until", models.UUIDField(editable=False)),
                ("all_listed", models.BooleanField(default=False, editable=False)),
                ("sent", models.PositiveIntegerField(default=0, verbose_name="sent")),
                ("bounced", models.PositiveIntegerField(default=0, verbose_name="bounced")),
                ("failed", models.PositiveIntegerField(default=0, verbose_name="failed")),
                ("unknown", models.PositiveIntegerField(default=0, verbose_name="not known")),
                ("passed_over", models.PositiveIntegerField(default=0, verbose_name="passed over")),
                ("unsubscribed", models.PositiveIntegerField(default=0, verbose_name="unsubscribed since")),
                (
                    "update",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sending",
                        to="signatures.campaignupdate",
                        verbose_name="update",
                    ),
                ),
            ],
            options={
                "verbose_name": "sending of an update",
                "verbose_name_plural": "sendings of updates",
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("state__in", ["running", "paused"])),
                            models.Q(("ended_at__isnull", False), ("state__in", ["stopped", "finished"])),
                            _connector="OR",
                        ),
                        name="sending_over_has_a_time",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="UpdateRecipient",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("sending", "Sending"),
                            ("sent", "Sent"),
                            ("bounced", "Bounced"),
                            ("failed", "Failed"),
                            ("unknown", "Unknown"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("due_at", models.DateTimeField(blank=True, null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("began_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("error", models.CharField(blank=True, max_length=200)),
                (
                    "sending",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="recipients",
                        to="signatures.updatesending",
                    ),
                ),
                (
                    "signature",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="signatures.signature",
                    ),
                ),
            ],
            options={
                "verbose_name": "recipient of an update",
                "verbose_name_plural": "recipients of updates",
                "indexes": [
                    models.Index(
                        models.F("sending"),
                        models.F("due_at"),
                        condition=models.Q(("due_at__isnull", False)),
                        name="update_recipient_due",
                    ),
                    models.Index(
                        models.F("sending"),
                        models.F("began_at"),
                        condition=models.Q(("state", "sending")),
                        name="update_recipient_under_way",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("sending", "signature"), name="one_update_mail_per_signature"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("due_at__isnull", False), ("state", "waiting")),
                            models.Q(
                                models.Q(("state", "waiting"), _negated=True),
                                ("due_at__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="waiting_recipient_is_due",
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            _GOES_WITH_ITS_SIGNATURE,
            "ALTER TABLE signatures_updaterecipient DROP CONSTRAINT update_recipient_goes_with_its_signature",
        ),
        migrations.CreateModel(
            name="UpdateTest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("language", models.CharField(max_length=10, verbose_name="language")),
                ("asked_at", models.DateTimeField(auto_now_add=True, verbose_name="asked")),
                ("waiting", models.BooleanField(default=True)),
                ("sent_at", models.DateTimeField(blank=True, null=True, verbose_name="sent")),
                ("error", models.CharField(blank=True, max_length=200, verbose_name="last error")),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="who",
                    ),
                ),
                (
                    "update",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tests",
                        to="signatures.campaignupdate",
                        verbose_name="update",
                    ),
                ),
            ],
            options={
                "verbose_name": "test of an update",
                "verbose_name_plural": "tests of updates",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(models.F("id"), condition=models.Q(("waiting", True)), name="update_test_waiting")
                ],
            },
        ),
    ]
