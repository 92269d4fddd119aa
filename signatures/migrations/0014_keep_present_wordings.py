"""Keep every letter's present wording under its version, so that the history begins with what people can read today."""

from django.db import migrations

PARTS = "title addressee salutation body closing signatory signatory_title translator".split()


def keep(apps, schema_editor):
    revisions = apps.get_model("signatures", "LetterRevision").objects
    for letter in apps.get_model("signatures", "Letter").objects.iterator():
        revisions.get_or_create(
            petition_id=letter.petition_id,
            language=letter.language,
            version=letter.version,
            defaults={part: getattr(letter, part) for part in PARTS},
        )


class Migration(migrations.Migration):
    dependencies = [("signatures", "0013_letter_revisions")]
    operations = [migrations.RunPython(keep, migrations.RunPython.noop)]
