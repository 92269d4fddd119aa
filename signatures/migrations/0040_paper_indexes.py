"""What finds signatures on paper, built while people sign; and the promises of `0039` held against the old rows."""

from django.contrib.postgres.operations import AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models
from django.db.models import Q

_LINES = """
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS one_signature_per_line
    ON signatures_signature (petition_id, paper_index) WHERE paper_index IS NOT NULL
"""


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("signatures", "0039_paper_signatures")]

    operations = [
        AddIndexConcurrently(
            "signature",
            models.Index(
                *("petition", "state", "id"),
                name="signature_on_paper",
                include=["confirmed_at"],
                condition=Q(paper_import__isnull=False),
            ),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(_LINES, "DROP INDEX CONCURRENTLY IF EXISTS one_signature_per_line")],
            state_operations=[
                migrations.AddConstraint(
                    "signature",
                    models.UniqueConstraint(
                        name="one_signature_per_line",
                        fields=["petition", "paper_index"],
                        condition=Q(paper_index__isnull=False),
                    ),
                )
            ],
        ),
        migrations.RunSQL(
            "ALTER TABLE signatures_signature VALIDATE CONSTRAINT signature_of_its_paper", migrations.RunSQL.noop
        ),
        ValidateConstraint("signature", "erased_holds_nothing"),
        ValidateConstraint("signature", "who_signs_here_agrees_to_a_text"),
        ValidateConstraint("signature", "paper_is_neither_written_to_nor_shown"),
    ]
