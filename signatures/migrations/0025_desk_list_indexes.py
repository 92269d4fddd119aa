"""What the desk's lists read, as indexes that are built while people sign."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("signatures", "0024_find_and_reveal")]

    operations = [
        AddIndexConcurrently(
            "signature",
            models.Index(
                *("petition", "state", "id"),
                name="signature_uncounted",
                include=["country", "source", "domain_index"],
                condition=~Q(state="confirmed"),
            ),
        ),
        RemoveIndexConcurrently("signature", "signature_held"),  # they stand in the one above
        AddIndexConcurrently(
            "signature", models.Index("petition", "id", name="signature_confirmed", condition=Q(state="confirmed"))
        ),
        AddIndexConcurrently(
            "signature",
            models.Index("petition", "country", "id", name="signature_country", condition=Q(state="confirmed")),
        ),
        # In the order of the list as well; the one that it replaces goes when it is there.
        AddIndexConcurrently(
            "signature",
            models.Index(
                *("petition", "source", "id"), name="signature_tagged", condition=Q(state="confirmed") & ~Q(source="")
            ),
        ),
        RemoveIndexConcurrently("signature", "signature_source"),
        AddIndexConcurrently("outgoingmail", models.Index("kind", "id", name="outgoing_mail_by_kind")),
        AddIndexConcurrently(
            "outgoingmail",
            models.Index("id", name="outgoing_mail_bounced", condition=Q(bounced_at__isnull=False)),
        ),
        AddIndexConcurrently("auditentry", models.Index("action", "id", name="audit_by_action")),
        AddIndexConcurrently("auditentry", models.Index("actor", "id", name="audit_by_actor")),
        AddIndexConcurrently("tallyentry", models.Index("petition", "id", name="tally_entry_of_petition")),
    ]
