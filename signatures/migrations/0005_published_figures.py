import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("signatures", "0004_audit_chain")]

    operations = [
        migrations.CreateModel(
            name="PublishedFigures",
            fields=[
                (
                    "petition",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="published_figures",
                        serialize=False,
                        to="signatures.petition",
                        verbose_name="petition",
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                ("as_of", models.DateTimeField(verbose_name="as of")),
                ("total", models.PositiveIntegerField(verbose_name="total")),
                ("countries", models.JSONField(default=dict, verbose_name="by country")),
                ("days", models.JSONField(default=dict, verbose_name="by day")),
            ],
            options={
                "verbose_name": "published figures",
                "verbose_name_plural": "published figures",
            },
        ),
    ]
