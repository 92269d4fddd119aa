"""A petition notes when nothing of a kind is left. Two nullable columns: no row is rewritten."""

from django.db import migrations, models


def _gone(label):
    return models.DateTimeField(blank=True, editable=False, null=True, verbose_name=label)


class Migration(migrations.Migration):
    dependencies = [("signatures", "0034_exports")]
    operations = [
        migrations.AddField("petition", "names_gone_at", _gone("names are gone since")),
        migrations.AddField("petition", "emails_gone_at", _gone("e-mail addresses are gone since")),
    ]
