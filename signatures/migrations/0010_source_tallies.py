import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("signatures", "0009_webhooks")]

    operations = [
        migrations.CreateModel(
            name="SourceTally",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "petition",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="signatures.petition",
                        verbose_name="petition",
                    ),
                ),
                ("source", models.CharField(max_length=40, verbose_name="source tag")),
                ("total", models.PositiveIntegerField(verbose_name="total")),
                ("as_of", models.DateTimeField(verbose_name="as of")),
            ],
            options={
                "verbose_name": "source tag's tally",
                "verbose_name_plural": "tallies by source tag",
                "constraints": [
                    models.UniqueConstraint(name="one_tally_per_source", fields=["petition", "source"]),
                ],
            },
        ),
    ]
