"""What the desk counts and lists, as indexes that are built while signatures come in."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("signatures", "0029_desk_figures")]

    operations = [
        AddIndexConcurrently(
            model_name="signature",
            index=models.Index(
                *(F("confirmed_at"), F("petition")), name="signature_confirmed_at", condition=Q(state="confirmed")
            ),
        ),
    ]
