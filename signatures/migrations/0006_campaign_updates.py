import django.db.models.deletion
import uuid_utils.compat
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("signatures", "0005_published_figures")]

    operations = [
        migrations.CreateModel(
            name="CampaignUpdate",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("original_language", models.CharField(default="en", max_length=10, verbose_name="original language")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("published_at", models.DateTimeField(blank=True, null=True, verbose_name="published")),
                (
                    "petition",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="updates",
                        to="signatures.petition",
                        verbose_name="petition",
                    ),
                ),
            ],
            options={
                "verbose_name": "update",
                "verbose_name_plural": "updates",
                "ordering": ["-created_at"],
            },
        ),
        migrations.CreateModel(
            name="UpdateText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("language", models.CharField(max_length=10, verbose_name="language")),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                ("body", models.TextField(help_text="Markdown", max_length=20000, verbose_name="text")),
                (
                    "update",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="texts",
                        to="signatures.campaignupdate",
                        verbose_name="update",
                    ),
                ),
            ],
            options={
                "verbose_name": "text of an update",
                "verbose_name_plural": "texts of an update",
                "ordering": ["language"],
            },
        ),
        migrations.AddIndex(
            model_name="campaignupdate",
            index=models.Index(
                condition=models.Q(("published_at__isnull", False)),
                fields=["petition", "-published_at"],
                name="update_published",
            ),
        ),
        migrations.AddConstraint(
            model_name="updatetext",
            constraint=models.UniqueConstraint(fields=("update", "language"), name="one_update_text_per_language"),
        ),
    ]
