"""An index over the names that wait for review, built without a lock."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import F, Func, Q


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("signatures", "0007_public_names_and_corrections")]

    operations = [
        AddIndexConcurrently(
            model_name="signature",
            index=models.Index(
                F("petition"),
                F("id"),
                name="signature_name_waits",
                condition=Q(state="confirmed", show_name=True)
                & (Q(name_reviewed__isnull=True) | ~Q(name_reviewed=Func(F("name_sealed"), function="sha256"))),
            ),
        ),
    ]
