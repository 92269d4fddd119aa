"""The index of 0040's column, built while people sign, and the check of the rows there are, which keeps nobody out."""

from django.contrib.postgres.operations import AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("signatures", "0022_signature_domain")]

    operations = [
        ValidateConstraint("signature", "erased_holds_nothing"),
        AddIndexConcurrently(
            "signature",
            models.Index("petition", "domain_index", "id", name="signature_domain"),
        ),
    ]
