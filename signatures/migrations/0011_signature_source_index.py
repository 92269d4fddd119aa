from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """Built while people sign: no lock keeps them out."""

    atomic = False
    dependencies = [("signatures", "0010_source_tallies")]

    operations = [
        AddIndexConcurrently(
            "signature",
            models.Index("petition", "source", name="signature_source", condition=Q(state="confirmed") & ~Q(source="")),
        ),
    ]
