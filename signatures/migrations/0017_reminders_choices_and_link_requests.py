"""Reminders, choices changed later, links asked for anew. Each new column is nullable or has a constant default."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("signatures", "0016_mail_times")]

    operations = [
        migrations.CreateModel(
            name="LinkRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("person_index", models.BinaryField()),
                ("asked_at", models.DateTimeField(verbose_name="asked")),
                (
                    "petition",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="signatures.petition",
                        verbose_name="petition",
                    ),
                ),
            ],
            options={
                "verbose_name": "request for a link",
                "verbose_name_plural": "requests for a link",
                "constraints": [
                    models.UniqueConstraint(fields=("petition", "person_index"), name="one_link_request_per_person"),
                ],
            },
        ),
        migrations.AddField(
            model_name="signature",
            name="choices_changed_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="choices changed"),
        ),
        migrations.AddField(
            model_name="signature",
            name="choices_consent",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="signatures.consenttext",
                verbose_name="consent text of the changed choices",
            ),
        ),
        migrations.AddField(
            model_name="signature",
            name="mail_asked",
            field=models.CharField(blank=True, db_default="", max_length=10, verbose_name="mail asked for"),
        ),
        migrations.AddField(
            model_name="signature",
            name="reminders_sent",
            field=models.SmallIntegerField(db_default=0, verbose_name="reminders"),
        ),
    ]
