"""Who gets updates, as an index that is built while signatures come in."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("signatures", "0031_update_sendings")]

    operations = [
        AddIndexConcurrently(
            model_name="signature",
            index=models.Index(
                fields=["petition", "id"],
                include=["language"],
                name="signature_wants_updates",
                condition=models.Q(state="confirmed", wants_updates=True, bounced_at__isnull=True),
            ),
        ),
    ]
