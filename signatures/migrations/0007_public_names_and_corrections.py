"""Reviewed names and the corrections log: new tables, and two columns that cost no rewrite."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

# Django's cascade would miss the rows that retention deletes in bulk.
CASCADE = """
ALTER TABLE signatures_namereview ADD CONSTRAINT name_review_of_a_signature
FOREIGN KEY (signature_id) REFERENCES signatures_signature (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED
"""
NO_CASCADE = "ALTER TABLE signatures_namereview DROP CONSTRAINT name_review_of_a_signature"


class Migration(migrations.Migration):
    dependencies = [
        ("signatures", "0006_campaign_updates"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Correction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(verbose_name="day")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("held", "taken off for review"),
                            ("released", "put back after review"),
                            ("removed", "removed for good"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("delta", models.IntegerField(verbose_name="change")),
                (
                    "petition",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="signatures.petition",
                        verbose_name="petition",
                    ),
                ),
            ],
            options={
                "verbose_name": "correction",
                "verbose_name_plural": "corrections",
                "ordering": ["-id"],
                "indexes": [models.Index(F("petition"), F("day"), name="correction_by_day")],
                "constraints": [
                    models.CheckConstraint(
                        name="a_correction_goes_its_way",
                        condition=Q(kind="released", delta__gt=0) | Q(kind__in=["held", "removed"], delta__lt=0),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NameReview",
            fields=[
                (
                    "signature",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="name_review",
                        serialize=False,
                        to="signatures.signature",
                        verbose_name="signature",
                    ),
                ),
                ("name_digest", models.BinaryField()),
                (
                    "verdict",
                    models.CharField(
                        choices=[("shown", "shown"), ("refused", "refused")], max_length=10, verbose_name="verdict"
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("not a name", "not a name"),
                            ("insult", "insult or hate"),
                            ("impersonation", "somebody else's name"),
                            ("advert", "advertising or a message"),
                            ("other", "other"),
                        ],
                        max_length=20,
                        verbose_name="reason",
                    ),
                ),
                ("reviewed_at", models.DateTimeField(verbose_name="when")),
                ("place", models.UUIDField()),
                ("public", models.BooleanField(default=False, verbose_name="on the list")),
                (
                    "petition",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="signatures.petition",
                        verbose_name="petition",
                    ),
                ),
                (
                    "reviewed_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="who",
                    ),
                ),
            ],
            options={
                "verbose_name": "reviewed name",
                "verbose_name_plural": "reviewed names",
                "ordering": ["-reviewed_at"],
                "indexes": [
                    models.Index(
                        F("petition"), F("place"), name="name_in_its_place", condition=Q(verdict="shown", public=True)
                    ),
                    models.Index(
                        F("petition"), name="name_for_the_next_batch", condition=Q(verdict="shown", public=False)
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(name="verdict_is_known", condition=Q(verdict__in=["shown", "refused"])),
                    models.CheckConstraint(name="a_refusal_says_why", condition=~Q(verdict="refused") | ~Q(reason="")),
                    models.CheckConstraint(
                        name="a_refused_name_is_not_public", condition=Q(verdict="shown") | Q(public=False)
                    ),
                ],
            },
        ),
        migrations.RunSQL(CASCADE, NO_CASCADE),
        migrations.CreateModel(
            name="WaitingName",
            fields=[],
            options={
                "verbose_name": "name to review",
                "verbose_name_plural": "names to review",
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("signatures.signature",),
        ),
        migrations.AddField(
            model_name="petition",
            name="show_names",
            field=models.BooleanField(
                db_default=True,
                default=True,
                help_text="Of signers who chose it, once staff have approved the name.",
                verbose_name="show names",
            ),
        ),
        migrations.AddField(
            model_name="signature", name="name_reviewed", field=models.BinaryField(editable=False, null=True)
        ),
    ]
