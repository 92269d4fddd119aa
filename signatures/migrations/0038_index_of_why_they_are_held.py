from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # the index is built beside the running service

    dependencies = [
        ("signatures", "0037_rules_that_watch"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="signature",
            index=models.Index(
                fields=["petition", "held_reason", "id"],
                name="signature_held_for",
                condition=models.Q(state="held"),
            ),
        ),
    ]
