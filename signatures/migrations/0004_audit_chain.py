"""The audit becomes append-only and chained: the database links each entry to the one before and refuses changes."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# What an entry says, as text that no other entry could say: each part with its length before it (netstrings). The check
# in `signatures.desk.audit.chain` writes the same text anew in Python.
_TEXT = """
CREATE FUNCTION signatures_audit_text(entry signatures_auditentry) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT string_agg(octet_length(part) || ':' || part || ',', '' ORDER BY place)
    FROM unnest(ARRAY[
        entry.id::text,
        to_char(entry.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
        COALESCE(entry.actor_id::text, ''),
        entry.action, entry.object_type, entry.object_id, entry.count::text, entry.reason
    ]) WITH ORDINALITY AS said (part, place)
$$
"""

# The lock makes one transaction after the other append, from here to its end: the chain has one order, and ids without
# gaps. After waiting, the next statement of a volatile function sees what the other one committed.
_CHAIN = """
CREATE FUNCTION signatures_audit_chain() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last_id bigint;
    last_hash bytea;
BEGIN
    PERFORM pg_advisory_xact_lock(31254);
    SELECT id, hash INTO last_id, last_hash FROM signatures_auditentry ORDER BY id DESC LIMIT 1;
    NEW.id := COALESCE(last_id, 0) + 1;
    NEW.hash := sha256(COALESCE(last_hash, ''::bytea) || convert_to(signatures_audit_text(NEW), 'UTF8'));
    RETURN NEW;
END $$
"""

_REFUSE = """
CREATE FUNCTION signatures_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit is append-only';
END $$
"""

# Entries from before the chain are numbered and linked in their order.
_LINK_OLD = """
DO $$
DECLARE
    entry signatures_auditentry;
    before bytea := ''::bytea;
    next_id bigint := 0;
BEGIN
    FOR entry IN SELECT * FROM signatures_auditentry ORDER BY id LOOP
        next_id := next_id + 1;
        UPDATE signatures_auditentry SET id = next_id WHERE id = entry.id;
        entry.id := next_id;
        before := sha256(before || convert_to(signatures_audit_text(entry), 'UTF8'));
        UPDATE signatures_auditentry SET hash = before WHERE id = next_id;
    END LOOP;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("signatures", "0003_tally_entry_waiting_since"),
    ]
    operations = [
        migrations.AddField("auditentry", "hash", models.BinaryField(editable=False, null=True)),
        migrations.AlterField(
            "auditentry",
            "actor",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to=settings.AUTH_USER_MODEL,
                verbose_name="who",
            ),
        ),
        migrations.RunSQL(_TEXT, "DROP FUNCTION signatures_audit_text(signatures_auditentry)"),
        migrations.RunSQL(_LINK_OLD, migrations.RunSQL.noop),
        migrations.RunSQL(_CHAIN, "DROP FUNCTION signatures_audit_chain()"),
        migrations.RunSQL(_REFUSE, "DROP FUNCTION signatures_audit_refuse()"),
        migrations.RunSQL(
            "CREATE TRIGGER audit_chain BEFORE INSERT ON signatures_auditentry "
            "FOR EACH ROW EXECUTE FUNCTION signatures_audit_chain()",
            "DROP TRIGGER audit_chain ON signatures_auditentry",
        ),
        *(
            migrations.RunSQL(
                f"CREATE TRIGGER {name} BEFORE {event} ON signatures_auditentry "
                "FOR EACH STATEMENT EXECUTE FUNCTION signatures_audit_refuse()",
                f"DROP TRIGGER {name} ON signatures_auditentry",
            )
            for name, event in (("audit_append_only", "UPDATE OR DELETE"), ("audit_not_emptied", "TRUNCATE"))
        ),
    ]
