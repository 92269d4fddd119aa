"""Hold the old signatures against the constraints of `0027`: a scan that keeps no writer waiting."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("signatures", "0027_removed_signatures")]

    operations = [
        ValidateConstraint(model_name="signature", name="state_is_known"),
        ValidateConstraint(model_name="signature", name="invalid_says_when_and_why"),
    ]
