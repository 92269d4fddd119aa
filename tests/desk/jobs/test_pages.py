"""Jobs at the desk: what is asked before one begins, how it is watched, and who may order what."""

from __future__ import annotations

import json
import time
from urllib.parse import urlencode

import pytest

from signatures.desk.entrance.pages import CONFIRMED
from signatures.desk.jobs.bulk import SMALL, bulk_address
from signatures.desk.jobs.selection import Selection
from signatures.models import AuditEntry, Job
from tests.factories import make_petition, make_signature

from .conftest import Wave

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "/desk/signatures/signature/"
KINDS = {
    "hold": "change_signature",
    "release": "change_signature",
    "invalidate": "invalidate_signature",
    "erase": "erase_signature",
}


def all_of(wave: Wave, kind: str = "hold") -> str:
    return bulk_address(kind, Selection(petition_id=wave.petition.pk))


def begin(client, wave: Wave, kind: str = "hold", **more):
    selection = json.dumps(Selection(petition_id=wave.petition.pk).params())
    return client.post(f"{LIST}bulk/{kind}/", {"selection": selection, "reason": "a wave"} | more)


def order(client, job: Job, name: str, **posted):
    return client.post(f"/desk/signatures/job/{job.pk}/{name}/now/", posted)


def test_ticked_rows_lead_to_the_page_that_asks_and_then_are_moved_and_undone(desk, wave: Wave):
    ticked, left = wave.sign(2)
    answer = desk.post(LIST, {"action": "hold_selected", "_selected_action": [str(ticked.pk)]})
    page = desk.get(answer["Location"])
    words = page.content.decode()
    assert "1 signature matches" in words
    assert "Reason" in words
    assert "A… E…" in words
    posted = {"selection": page.context["selection"], "back": page.context["back"], "reason": "one network"}
    after = desk.post(answer["Location"], posted, follow=True).content.decode()
    assert "See or undo it" in after
    assert wave.states() == ["held", "confirmed"]
    job = Job.objects.get()
    assert "Undo" in desk.get(f"/desk/signatures/job/{job.pk}/change/").content.decode()
    order(desk, job, "undo", reason="a school")
    job = wave.work(job)
    assert (job.state, job.undone) == ("undone", 1)
    assert wave.count() == 2
    assert AuditEntry.objects.filter(action="hold", object_id=str(ticked.pk), reason="one network").exists()
    assert left


def test_all_that_match_is_offered_with_a_list_of_one_petition(desk, wave: Wave):
    wave.sign(2)
    make_signature(make_petition())
    assert "With all that match" not in desk.get(LIST).content.decode()
    page = desk.get(f"{LIST}?petition={wave.petition.pk}&country=FR")
    address = dict(page.context["all_that_match"])["Hold for review"]
    asked = desk.get(address)
    assert asked.context["matching"] == 1
    desk.post(address, {"selection": asked.context["selection"], "reason": "a wave"})
    assert wave.states() == ["held", "confirmed"]


def test_rows_of_two_petitions_are_not_moved_together(desk, wave: Wave):
    rows = [wave.sign(1).get(), make_signature(make_petition())]
    posted = {"action": "hold_selected", "_selected_action": [str(row.pk) for row in rows]}
    assert "one petition" in desk.post(LIST, posted, follow=True).content.decode()


def test_a_large_wave_is_left_to_the_worker_and_watched(desk, wave: Wave, monkeypatch):
    monkeypatch.setattr("signatures.desk.jobs.bulk.SMALL", 1)
    assert SMALL > 1
    wave.sign(3)
    answer = begin(desk, wave)
    job = Job.objects.get()
    assert answer["Location"] == f"/desk/signatures/job/{job.pk}/change/"
    page = desk.get(answer["Location"]).content.decode()
    assert "<progress" in page
    assert 'http-equiv="refresh"' in page
    said = desk.get(f"/desk/signatures/job/{job.pk}/progress/").json()
    assert said == {"state": "waiting", "through": 0, "of": 3, "text": "0 of 3", "active": True}
    wave.work(job)
    assert "<noscript" not in desk.get(answer["Location"]).content.decode()
    assert desk.get("/desk/signatures/job/").status_code == 200


def test_a_job_is_paused_resumed_and_cancelled_from_its_page(desk, wave: Wave):
    wave.sign(2)
    job = wave.start("hold")
    for name, state in (("pause", "paused"), ("resume", "waiting"), ("pause", "paused")):
        order(desk, job, name)
        job.refresh_from_db()
        assert job.state == state
    assert order(desk, job, "cancel").status_code == 422
    order(desk, job, "cancel", reason="enough")
    job.refresh_from_db()
    assert job.state == "cancelled"
    assert "not paused" in desk.post(f"/desk/signatures/job/{job.pk}/resume/now/", follow=True).content.decode()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("holder", sorted(set(KINDS.values())))
def test_each_action_needs_its_own_permission(client, staff, kind, holder, wave: Wave):
    person = staff("view_signature", "view_job", "change_job", holder, petitions=[wave.petition])
    client.force_login(person)
    session = client.session
    session[CONFIRMED] = time.time()
    session.save()
    wave.sign(1)
    may = KINDS[kind] == holder
    assert client.get(all_of(wave, kind)).status_code == (200 if may else 403)
    assert begin(client, wave, kind).status_code == (302 if may else 403)
    assert Job.objects.exists() == may
    job = Job.objects.first() or wave.done(kind)
    page = client.get(f"/desk/signatures/job/{job.pk}/change/").content.decode()
    assert (">Undo" in page) == may
    assert order(client, job, "undo", reason="x").status_code == (302 if may else 403)


@pytest.mark.parametrize("kind", ["invalidate", "erase"])
def test_what_is_grave_asks_once_more_who_it_is(client, admin_user, kind, wave: Wave):
    client.force_login(admin_user)
    for answer in (client.get(all_of(wave, kind)), begin(client, wave, kind)):
        assert answer["Location"].startswith("/desk/confirm-identity/")
    assert not Job.objects.exists()


def test_without_change_job_nothing_is_ordered(client, staff, wave: Wave):
    client.force_login(staff("view_job", "change_signature", petitions=[wave.petition]))
    job = wave.start("hold")
    assert client.get(f"/desk/signatures/job/{job.pk}/change/").status_code == 200
    for name in ("pause", "resume", "cancel", "undo", "try-again"):
        assert order(client, job, name, reason="x").status_code == 403


def test_another_petitions_jobs_and_signatures_do_not_exist(client, staff, wave: Wave):
    client.force_login(staff("view_job", "change_job", "change_signature", petitions=[make_petition()]))
    wave.sign(1)
    job = wave.start("hold")
    assert begin(client, wave).status_code == 404
    for address in ("change/", "progress/", "pause/now/"):
        assert client.get(f"/desk/signatures/job/{job.pk}/{address}").status_code in (302, 404)
    assert order(client, job, "pause").status_code == 404
    assert Job.objects.get().state == "waiting"


@pytest.mark.parametrize(
    "given",
    [
        "",
        "x",
        "[]",
        "{}",
        '{"petition_id": "1"}',
        '{"petition_id": 1, "ids": ["x"]}',
        '{"petition_id": 1, "signed_from": "soon"}',
        '{"petition_id": 1, "mail": "lost"}',
        '{"petition_id": 1, "source": "\\u0000"}',
        '{"petition_id": 1, "colour": "red"}',
        '{"petition_id": 1, "domain_index": "zz"}',
    ],
)
def test_a_selection_made_by_hand_is_a_bad_request(desk, given):
    assert desk.get(f"{LIST}bulk/hold/?{urlencode({'selection': given})}").status_code == 400


def test_a_reason_is_asked_for_and_holds_no_address(desk, wave: Wave):
    wave.sign(1)
    for reason in ("", "ada@mail.example"):
        assert begin(desk, wave, reason=reason).status_code == 422
    assert not Job.objects.exists()


@pytest.mark.parametrize(("language", "words"), [("en", "24,000 of 60,000"), ("fr", "24\u202f000 sur 60\u202f000")])
def test_large_numbers_can_be_read(desk, wave, language, words):
    job = Job.objects.create(
        kind="hold", petition=wave.petition, reason="why", state="paused", moves=True, done=24_000, total=60_000
    )
    desk.cookies["django_language"] = language
    page = desk.get(f"/desk/signatures/job/{job.pk}/change/", headers={"accept-language": language}).content.decode()
    assert words in page
    assert words.split(" ")[0] in page.split("What was asked for")[0].split("</progress>")[1]
