"""A state for signatures that were removed as not genuine.

No table is rewritten or read: the columns are nullable or have a constant default, and the constraints are checked for
what is written from now on; `0028` looks at the old rows without a lock that writers meet.
"""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("signatures", "0026_jobs")]
    operations = [
        migrations.AlterModelOptions(
            name="signature",
            options={
                "ordering": ["-id"],
                "permissions": [
                    ("find_signature", "Can find signatures by e-mail address or mail domain"),
                    ("reveal_signature", "Can reveal a signer's name and address"),
                    ("invalidate_signature", "Can remove signatures as not genuine"),
                    ("erase_signature", "Can erase signatures"),
                ],
                "verbose_name": "signature",
                "verbose_name_plural": "signatures",
            },
        ),
        migrations.RemoveConstraint(
            model_name="signature",
            name="state_is_known",
        ),
        migrations.AddField(
            model_name="signature",
            name="invalid_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="removed"),
        ),
        migrations.AddField(
            model_name="signature",
            name="invalid_reason",
            field=models.CharField(blank=True, db_default="", max_length=200, verbose_name="reason it was removed"),
        ),
        migrations.AlterField(
            model_name="signature",
            name="state",
            field=models.CharField(
                choices=[
                    ("pending", "pending"),
                    ("confirmed", "confirmed"),
                    ("held", "held for review"),
                    ("withdrawn", "withdrawn"),
                    ("invalid", "removed, not counted"),
                    ("erased", "erased"),
                ],
                default="pending",
                max_length=10,
                verbose_name="state",
            ),
        ),
        AddConstraintNotValid(
            model_name="signature",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["pending", "confirmed", "held", "withdrawn", "invalid", "erased"])),
                name="state_is_known",
            ),
        ),
        AddConstraintNotValid(
            model_name="signature",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "invalid"), _negated=True),
                    models.Q(("invalid_at__isnull", False), models.Q(("invalid_reason", ""), _negated=True)),
                    _connector="OR",
                ),
                name="invalid_says_when_and_why",
            ),
        ),
    ]
