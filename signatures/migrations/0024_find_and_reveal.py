"""Who may find somebody by address, and who may see names and addresses."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("signatures", "0023_index_of_domains")]

    operations = [
        migrations.AlterModelOptions(
            name="signature",
            options={
                "ordering": ["-id"],
                "permissions": [
                    ("find_signature", "Can find signatures by e-mail address or mail domain"),
                    ("reveal_signature", "Can reveal a signer's name and address"),
                ],
                "verbose_name": "signature",
                "verbose_name_plural": "signatures",
            },
        ),
    ]
