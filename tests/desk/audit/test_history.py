"""The history of a row is what the audit says of it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from signatures.models import AuditEntry
from tests.factories import make_petition, make_signature

pytestmark = pytest.mark.django_db


def history(browser, row):
    return browser.get(f"/desk/signatures/{row._meta.model_name}/{row.pk}/history/")


def rows_of(answer):
    return [(entry.action, entry.reason, entry.actor and entry.actor.username) for entry in answer.context["entries"]]


def test_it_tells_who_revealed_and_held_a_signature_and_why(desk):
    row, other = make_signature(make_petition()), make_signature(make_petition())
    desk.post(f"/desk/signatures/signature/{row.pk}/reveal/", {"reason": "she wrote to us"})
    ticked = {"action": "hold_selected", "_selected_action": [str(row.pk)]}
    page = desk.get(desk.post("/desk/signatures/signature/", ticked)["Location"])
    desk.post("/desk/signatures/signature/bulk/hold/", {"selection": page.context["selection"], "reason": "a wave"})
    told = rows_of(history(desk, row))
    assert told[-1] == ("reveal", "she wrote to us", "admin")
    assert ("hold", "a wave", "admin") in told
    assert "she wrote to us" in history(desk, row).content.decode()
    assert rows_of(history(desk, other)) == []
    assert "The audit says nothing of it." in history(desk, other).content.decode()


def test_it_tells_the_steps_of_a_petition_and_what_the_clock_did(desk):
    petition = make_petition(slug="water")
    AuditEntry.of_petition(petition, action="close", reason="its time was over")
    AuditEntry.objects.create(action="close", object_type="petition", object_id="another", reason="not this one")
    assert rows_of(history(desk, petition)) == [("close", "its time was over", None)]


def test_who_may_not_see_the_audit_reads_none_of_it_there(client, staff):
    row = make_signature(make_petition())
    AuditEntry.objects.create(action="reveal", object_type="signature", object_id=str(row.pk), reason="she wrote to us")
    client.force_login(staff("view_signature"))
    page = history(client, row)
    assert page.status_code == 200
    assert "she wrote to us" not in page.content.decode()
    assert "Nobody has changed it by a form here." in page.content.decode()


def test_a_row_of_another_petition_has_no_history(client, staff):
    ours, theirs = make_petition(), make_signature(make_petition())
    AuditEntry.objects.create(action="reveal", object_type="signature", object_id=str(theirs.pk), reason="a secret")
    client.force_login(staff("view_signature", "view_auditentry", petitions=[ours]))
    assert history(client, theirs).status_code == 302


def test_it_asks_the_database_the_same_however_much_was_done(desk):
    row = make_signature(make_petition())

    def queries():
        with CaptureQueriesContext(connection) as asked:
            assert history(desk, row).status_code == 200
        return len(asked)

    queries()  # what a process asks once
    for number in range(30):
        AuditEntry.objects.create(action="hold", object_type="signature", object_id=str(row.pk), reason=str(number))
        if number == 1:
            few = queries()
    assert queries() == few <= 12
