"""The audit can be added to and nothing else, and shows it when somebody found a way around that."""

import threading

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from signatures.desk.audit.chain import verify_audit
from signatures.models import AuditEntry

pytestmark = pytest.mark.django_db

# Inserted rows whose foreign key is still to be checked would be in the way of an ALTER TABLE.
SWITCH = "SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE signatures_auditentry {} TRIGGER {}"


def enter(**fields):
    return AuditEntry.objects.create(**({"action": "hold", "object_type": "signature", "reason": "why"} | fields))


@pytest.fixture
def three():
    return [enter(reason="one"), enter(reason="zwei · двa · 三"), enter(reason="", count=3)]


@pytest.fixture
def behind_its_back():
    """Run SQL as somebody who may switch the triggers off."""

    def run(statement):
        with connection.cursor() as cursor:
            cursor.execute(SWITCH.format("DISABLE", "audit_append_only"))
            cursor.execute(statement)
            cursor.execute(SWITCH.format("ENABLE", "audit_append_only"))

    return run


def test_an_unbroken_chain_is_verified(three):
    verdict = verify_audit()
    assert (verdict.entries, verdict.problems) == (3, [])
    assert [entry.pk for entry in three] == [1, 2, 3]
    three[2].refresh_from_db()
    assert verdict.head == bytes(three[2].hash).hex()


def test_without_entries_there_is_nothing_wrong():
    assert verify_audit().problems == []


@pytest.mark.parametrize(
    "change",
    [
        lambda: AuditEntry.objects.filter(reason="one").update(reason="two"),
        lambda: AuditEntry.objects.all().delete(),
        lambda: connection.cursor().execute("TRUNCATE signatures_auditentry"),
    ],
    ids=["update", "delete", "truncate"],
)
def test_the_database_refuses_every_change(three, change):
    with connection.cursor() as cursor:  # off in tests alone, which clean up with it
        cursor.execute(SWITCH.format("ENABLE", "audit_not_emptied"))
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        change()
    assert verify_audit().problems == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE signatures_auditentry SET reason = 'other' WHERE id = 2",
        "UPDATE signatures_auditentry SET count = 7 WHERE id = 3",
        "UPDATE signatures_auditentry SET at = at - interval '1 microsecond' WHERE id = 1",
        "UPDATE signatures_auditentry SET action = 'hol', object_type = 'dsignature' WHERE id = 1",
        "DELETE FROM signatures_auditentry WHERE id = 1",
        "DELETE FROM signatures_auditentry WHERE id = 2",
    ],
)
def test_what_was_changed_behind_its_back_is_found(three, behind_its_back, statement):
    behind_its_back(statement)
    assert verify_audit().problems
    with pytest.raises(CommandError, match="problem"):
        call_command("verifyaudit")


def test_a_cut_end_is_found_with_a_head_that_was_noted(three, behind_its_back, capsys):
    call_command("verifyaudit")
    head = capsys.readouterr().out.split("Head: ")[1].strip()
    enter(reason="four")
    assert verify_audit(expected_head=head).problems == []
    behind_its_back("DELETE FROM signatures_auditentry WHERE id >= 3")
    assert verify_audit().problems == []
    assert verify_audit(expected_head=head).problems


@pytest.mark.django_db(transaction=True)
def test_entries_made_at_once_form_one_chain():
    ready = threading.Barrier(8)

    def enter_some():
        ready.wait(10)
        for _ in range(5):
            with transaction.atomic():
                enter()
        connection.close()

    threads = [threading.Thread(target=enter_some) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert verify_audit().problems == []
    assert verify_audit().entries == 40


def test_an_address_is_no_reason(desk, counted_row):
    ticked = {"action": "hold_selected", "_selected_action": str(counted_row.pk)}
    page = desk.get(desk.post("/desk/signatures/signature/", ticked)["Location"])
    given = {"selection": page.context["selection"], "reason": "asked by ada@mail.example"}
    answer = desk.post("/desk/signatures/signature/bulk/hold/", given)
    assert answer.status_code == 422
    assert not AuditEntry.objects.filter(action="hold").exists()


@pytest.fixture
def counted_row():
    from tests.factories import make_petition, make_signature

    return make_signature(make_petition(), state="confirmed")


def test_nobody_who_works_here_can_be_deleted(desk, staff):
    person = staff()
    assert desk.post(f"/desk/auth/user/{person.pk}/delete/", {"post": "yes"}).status_code == 403
