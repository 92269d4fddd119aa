"""Proofs of work and waiting passes that were used."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("signatures", "0014_keep_present_wordings")]
    operations = [
        migrations.CreateModel(
            name="SpentProof",
            fields=[
                ("nonce", models.BinaryField(primary_key=True, serialize=False)),
                ("used_for", models.BinaryField()),
                ("expires_at", models.DateTimeField(verbose_name="forgotten after")),
            ],
            options={"verbose_name": "spent proof", "verbose_name_plural": "spent proofs"},
        ),
        migrations.AddIndex(
            model_name="spentproof",
            index=models.Index(fields=["expires_at"], name="spent_proof_expires"),
        ),
    ]
