"""When the newest mails went out, for the limit of a day. Nullable: no row is rewritten."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("signatures", "0015_spent_proofs")]
    operations = [
        migrations.AddField(
            model_name="signature",
            name="mail_times",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.DateTimeField(), editable=False, null=True, size=None
            ),
        ),
    ]
