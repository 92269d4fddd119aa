import uuid

import django.core.validators
import django.db.models.deletion
import uuid_utils.compat
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("signatures", "0008_names_that_wait")]

    operations = [
        migrations.CreateModel(
            name="WebhookEndpoint",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "petition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="webhooks",
                        to="signatures.petition",
                        verbose_name="petition",
                    ),
                ),
                ("partner", models.CharField(max_length=100, verbose_name="partner")),
                ("url", models.CharField(max_length=500, verbose_name="address")),
                (
                    "step",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text=(
                            "So many signatures. Empty: only the goal, and when the petition opens, closes or is "
                            "delivered."
                        ),
                        null=True,
                        validators=[django.core.validators.MinValueValidator(10)],
                        verbose_name="milestone at every",
                    ),
                ),
                ("active", models.BooleanField(default=True, verbose_name="active")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("disabled_at", models.DateTimeField(blank=True, null=True, verbose_name="switched off")),
                (
                    "disabled_why",
                    models.CharField(blank=True, max_length=200, verbose_name="why it was switched off"),
                ),
                ("secret_sealed", models.BinaryField()),
                ("former_sealed", models.BinaryField(blank=True, null=True)),
                ("former_until", models.DateTimeField(blank=True, null=True)),
                ("milestone_told", models.PositiveIntegerField(default=0)),
                ("goal_told", models.PositiveIntegerField(default=0)),
                (
                    "state_told",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("open", "open"),
                            ("closed", "closed"),
                            ("delivered", "delivered"),
                        ],
                        default="draft",
                        max_length=10,
                    ),
                ),
                ("state_changes", models.PositiveIntegerField(default=0)),
            ],
            options={
                "verbose_name": "webhook",
                "verbose_name_plural": "webhooks",
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        name="a_milestone_is_no_single_person", condition=Q(step__isnull=True) | Q(step__gte=10)
                    ),
                    models.CheckConstraint(
                        name="a_former_secret_ends",
                        condition=Q(former_sealed__isnull=True, former_until__isnull=True)
                        | Q(former_sealed__isnull=False, former_until__isnull=False),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="WebhookDelivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "endpoint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="signatures.webhookendpoint",
                        verbose_name="webhook",
                    ),
                ),
                (
                    "event",
                    models.CharField(
                        choices=[
                            ("petition.milestone", "milestone"),
                            ("petition.goal", "goal reached"),
                            ("petition.opened", "petition opened"),
                            ("petition.closed", "petition closed"),
                            ("petition.delivered", "petition delivered"),
                            ("test", "test"),
                        ],
                        max_length=30,
                        verbose_name="event",
                    ),
                ),
                ("key", models.CharField(max_length=60)),
                ("message", models.UUIDField(default=uuid.uuid4, unique=True, verbose_name="message")),
                ("payload", models.JSONField(verbose_name="content")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("due_at", models.DateTimeField(blank=True, null=True, verbose_name="due")),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
                ("status", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="last answer")),
                ("error", models.CharField(blank=True, max_length=200, verbose_name="last error")),
                ("delivered_at", models.DateTimeField(blank=True, null=True, verbose_name="delivered")),
                ("gave_up_at", models.DateTimeField(blank=True, null=True, verbose_name="given up")),
            ],
            options={
                "verbose_name": "webhook delivery",
                "verbose_name_plural": "webhook deliveries",
                "ordering": ["-id"],
                "indexes": [
                    models.Index("due_at", name="webhook_delivery_due", condition=Q(due_at__isnull=False)),
                ],
                "constraints": [
                    models.UniqueConstraint(name="an_event_is_told_once", fields=["endpoint", "key"]),
                    models.CheckConstraint(
                        name="it_waits_or_it_is_over",
                        condition=Q(due_at__isnull=False, delivered_at__isnull=True, gave_up_at__isnull=True)
                        | Q(due_at__isnull=True, delivered_at__isnull=False, gave_up_at__isnull=True)
                        | Q(due_at__isnull=True, delivered_at__isnull=True, gave_up_at__isnull=False),
                    ),
                ],
            },
        ),
    ]
