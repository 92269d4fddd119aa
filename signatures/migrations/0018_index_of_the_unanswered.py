"""Whom to remind, as an index that is built while signatures come in."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("signatures", "0017_reminders_choices_and_link_requests")]

    operations = [
        AddIndexConcurrently(
            model_name="signature",
            index=models.Index(
                models.F("petition"),
                models.F("reminders_sent"),
                models.F("mail_sent_at"),
                name="signature_unanswered",
                condition=models.Q(state="pending", mail_due_at__isnull=True, bounced_at__isnull=True),
            ),
        ),
    ]
