"""What was done to one object is looked up where it is shown; the audit only grows."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("signatures", "0020_the_life_of_a_petition")]
    operations = [
        AddIndexConcurrently(
            model_name="auditentry",
            index=models.Index(fields=["object_type", "object_id", "-id"], name="audit_of_an_object"),
        ),
    ]
