"""The keyed hash of a signature's mail domain, NULL at first: `manage.py filldomains` fills it for old rows."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("signatures", "0021_audit_of_an_object")]

    operations = [
        migrations.AddField("signature", "domain_index", models.BinaryField(blank=True, null=True)),
        migrations.RemoveConstraint("signature", "erased_holds_nothing"),
        # Not valid: it binds every write from now on, and reads no row while nobody can sign. 0041 reads them.
        AddConstraintNotValid(
            "signature",
            models.CheckConstraint(
                name="erased_holds_nothing",
                condition=~Q(state="erased")
                | Q(
                    name_sealed__isnull=True,
                    email_sealed__isnull=True,
                    email_index__isnull=True,
                    person_index__isnull=True,
                    domain_index__isnull=True,
                    country__isnull=True,
                    mail_due_at__isnull=True,
                    erased_at__isnull=False,
                ),
            ),
        ),
    ]
