"""Per-petition access. Whoever works at the desk already keeps every petition."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def keep_what_they_had(apps, schema_editor):
    Reach = apps.get_model("signatures", "Reach")
    User = apps.get_model("auth", "User")
    staff = User.objects.filter(is_staff=True).values_list("pk", flat=True)
    Reach.objects.bulk_create(Reach(user_id=pk, every_petition=True) for pk in staff)


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("signatures", "0018_index_of_the_unanswered"),
    ]
    operations = [
        migrations.CreateModel(
            name="Reach",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="reach",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="who",
                    ),
                ),
                (
                    "every_petition",
                    models.BooleanField(
                        default=False, help_text="Also those still to come.", verbose_name="every petition"
                    ),
                ),
                (
                    "petitions",
                    models.ManyToManyField(
                        blank=True, related_name="+", to="signatures.petition", verbose_name="petitions"
                    ),
                ),
            ],
            options={
                "verbose_name": "petitions of a person",
                "verbose_name_plural": "petitions of a person",
            },
        ),
        migrations.RunPython(keep_what_they_had, migrations.RunPython.noop),
    ]
