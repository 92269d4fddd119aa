"""Rules for waves: written, looked at, run and undone."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from signatures.desk.jobs.run import run_jobs
from signatures.desk.jobs.start import start_job
from signatures.desk.rules.kind import kind_for
from signatures.desk.rules.matching import selection_of
from signatures.models import AuditEntry, Job, Rule, Signature
from signatures.privacy.indexes import domain_index
from tests.desk.conftest import desk, staff  # noqa: F401
from tests.factories import make_petition, make_signature

from .conftest import Wave

pytestmark = pytest.mark.django_db(transaction=True)

FORM = {
    "name": "the wave",
    "action": "hold",
    "domain": "",
    "country": "",
    "source": "",
    "name_pattern": "",
    "name_looks": "",
    "signed_from_0": "",
    "signed_from_1": "",
    "signed_before_0": "",
    "signed_before_1": "",
}


def rule_for(wave: Wave, **fields) -> Rule:
    return Rule.objects.create(petition=wave.petition, name="the wave", **fields)


def begin(wave: Wave, rule: Rule) -> Job:
    params = {"rule": str(rule.pk), "edition": str(rule.edition), "selection": selection_of(rule).frozen().params()}
    return start_job(
        kind=kind_for(rule).name, petition=wave.petition, params=params, reason="a wave", actor=wave.moderator
    )


def run(wave: Wave, **fields) -> Job:
    return wave.work(begin(wave, rule_for(wave, **fields)))


def held(wave: Wave) -> int:
    return wave.petition.signatures.filter(state="held").count()


def run_page(rule: Rule) -> str:
    return reverse("admin:signatures_rule_run", args=[rule.pk])


# ------------------------------------------------------------------------------------------------ conditions
OLD = datetime(2026, 1, 5, tzinfo=UTC)
CONDITIONS = {
    "domain": ({"domain_index": domain_index("spam.example")}, {"email": "x@spam.example"}),
    "country": ({"country": "KZ"}, {"country": "KZ"}),
    "country not said": ({"country": "-"}, {"country": None}),
    "source": ({"source": "bot"}, {"source": "bot"}),
    "pattern": ({"name_pattern": "buy *"}, {"name": "Buy Now"}),
    "link": ({"name_looks": "link"}, {"name": "cheap.com"}),
    "repeated": ({"name_looks": "repeated"}, {"name": "xxxxxx"}),
}


@pytest.mark.parametrize("condition", CONDITIONS)
def test_each_condition_takes_what_meets_it_and_nothing_else(condition, wave: Wave):
    conditions, fields = CONDITIONS[condition]
    wave.sign(3)
    (meant,) = wave.sign(1, **fields)
    job = run(wave, **conditions)
    assert (job.state, job.done, job.skipped) == ("done", 1, 0)
    meant.refresh_from_db()
    assert (meant.state, held(wave), wave.count()) == ("held", 1, 3)


def test_the_time_of_signing_is_a_condition_at_both_ends(wave: Wave):
    (row,) = wave.sign(1)
    before, after = row.created_at - timedelta(hours=1), row.created_at + timedelta(hours=1)
    assert run(wave, signed_before=before).done == 0
    assert run(wave, signed_from=after).done == 0
    assert run(wave, signed_from=before, signed_before=after).done == 1


def test_all_conditions_must_hold_together(wave: Wave):
    wave.sign(1, country="KZ", source="bot", name="Buy Now")
    wave.sign(1, country="KZ", source="bot")
    wave.sign(1, country="KZ", name="Buy Now")
    wave.sign(1, source="bot", name="Buy Now", country="US")
    assert run(wave, country="KZ", source="bot", name_pattern="buy*").done == 1


def test_another_petition_is_never_touched(wave: Wave):
    other = make_signature(make_petition(), country="KZ", state="confirmed")
    wave.sign(1, country="KZ")
    run(wave, country="KZ")
    other.refresh_from_db()
    assert other.state == "confirmed"


# -------------------------------------------------------------------------------------------------- as a job
@pytest.mark.parametrize("action", ["hold", "invalidate"])
def test_undoing_puts_all_back(action, wave: Wave):
    wave.sign(3, name="Buy Now")
    wave.sign(2)
    before = wave.states()
    job = run(wave, action=action, name_pattern="buy*")
    assert (job.done, wave.count()) == (3, 2)
    assert wave.undo(job).state == "undone"
    assert (wave.states(), wave.count(), wave.items(job)) == (before, 5, 0)


def test_a_rule_releases_what_is_held(wave: Wave):
    wave.sign(2, name="Buy Now")
    wave.sign(2)
    wave.done("hold")
    assert run(wave, action="release", name_pattern="buy*").done == 2
    assert wave.count() == 2


def test_steps_of_names_go_on_where_the_last_one_ended_and_take_each_once(wave: Wave, monkeypatch):
    monkeypatch.setattr("signatures.desk.rules.kind.NAMES_IN_A_STEP", 2)
    wave.sign(5, name="Buy Now")
    wave.sign(4)
    job = run(wave, name_pattern="buy*")
    assert (job.state, job.done, wave.items(job), wave.count()) == ("done", 5, 5, 4)


def test_a_step_that_fails_leaves_nothing_behind_and_is_done_once(wave: Wave, monkeypatch):
    wave.sign(3, country="KZ")
    job = begin(wave, rule_for(wave, country="KZ"))
    with monkeypatch.context() as broken:
        broken.setattr("signatures.desk.jobs.run._advance", lambda *_: 1 / 0)
        run_jobs(lane=0, seconds=5)
    assert (held(wave), wave.items(job)) == (0, 0)
    Job.objects.update(due_at=OLD)
    job = wave.work(job)
    assert (job.state, job.done, held(wave), wave.corrections()) == ("done", 3, 3, {"held": -3})


def test_a_rule_that_was_changed_since_is_not_run(wave: Wave):
    wave.sign(2, country="KZ")
    rule = rule_for(wave, country="KZ")
    job = begin(wave, rule)
    Rule.objects.update(edition="00000000-0000-0000-0000-000000000001")
    assert wave.work(job).state == "failed"
    assert held(wave) == 0


def test_a_name_that_cannot_be_read_is_left_and_said(wave: Wave):
    wave.sign(1, name="Buy Now")
    broken = wave.sign(1, name="Buy More")
    broken.update(name_sealed=b"\0" * 60)
    job = run(wave, name_pattern="buy*")
    assert (job.done, job.result) == (1, {"unreadable": 1})


def test_no_pattern_stands_in_the_job_or_the_audit(wave: Wave):
    wave.sign(1, name="Buy Now")
    job = run(wave, name_pattern="buy now*")
    said = json.dumps([job.params, list(AuditEntry.objects.values_list("object_id", "reason"))])
    assert "buy" not in said.lower()
    assert AuditEntry.objects.filter(action="hold by rule", object_type="rule").exists()


def test_an_undo_needs_the_permission_of_the_action(wave: Wave, client, staff):  # noqa: F811
    wave.sign(1, country="KZ")
    job = run(wave, action="invalidate", country="KZ")
    client.force_login(staff("view_job", "change_job", "change_signature"))
    assert client.get(reverse("admin:signatures_job_order", args=[job.pk, "undo"])).status_code == 403


# -------------------------------------------------------------------------------------------------- the desk
def test_a_rule_is_written_looked_at_and_run(desk, wave: Wave):  # noqa: F811
    wave.sign(2, email=None, name="Buy Now")
    answer = desk.post(
        reverse("admin:signatures_rule_add"), FORM | {"petition": wave.petition.pk, "name_pattern": "Buy*"}
    )
    rule = Rule.objects.get()
    assert answer.status_code == 302
    page = desk.get(run_page(rule)).content.decode()
    assert "2 of the newest 2 that were looked at match" in page
    assert "Buy Now" not in page and "B… N…" in page
    assert held(wave) == 0, "nobody has said go"
    answer = desk.post(run_page(rule), {"reason": "", "edition": rule.edition})
    assert answer.status_code == 422
    answer = desk.post(run_page(rule), {"reason": "a wave", "edition": rule.edition})
    job = Job.objects.get()
    assert answer["Location"] == reverse("admin:signatures_job_change", args=[job.pk])
    assert desk.get(answer["Location"]).status_code == 200
    wave.work(job)
    assert held(wave) == 2
    rule.refresh_from_db()
    assert rule.last_job == job and rule.last_run_at is not None
    assert desk.get(reverse("admin:signatures_rule_changelist")).status_code == 200


def test_the_preview_counts_what_the_action_can_take(desk, wave: Wave):  # noqa: F811
    wave.sign(3, country="KZ")
    assert "3 signatures match" in desk.get(run_page(rule_for(wave, country="KZ"))).content.decode()
    assert "0 signatures match" in desk.get(run_page(rule_for(wave, country="KZ", action="release"))).content.decode()


def test_a_rule_changed_since_the_preview_is_looked_at_again(desk, wave: Wave):  # noqa: F811
    rule = rule_for(wave, country="KZ")
    seen = rule.edition
    changed = FORM | {"country": "FR"}
    assert desk.post(reverse("admin:signatures_rule_change", args=[rule.pk]), changed).status_code == 302
    answer = desk.post(run_page(rule), {"reason": "a wave", "edition": seen})
    assert answer.status_code == 422
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"name_pattern": "***"},
        {"domain": "ada@mail.example"},
        {"domain": "no domain"},
        {"country": "QQ"},
        {"country": "FR", "name": "ada@mail.example"},
        {
            "signed_from_0": "2026-02-01",
            "signed_from_1": "00:00",
            "signed_before_0": "2026-01-01",
            "signed_before_1": "00:00",
        },
        {"signed_from_0": "0001-01-01", "signed_from_1": "00:00"},
    ],
)
def test_a_rule_that_makes_no_sense_is_sent_back(wrong, desk, wave: Wave):  # noqa: F811
    answer = desk.post(reverse("admin:signatures_rule_add"), FORM | {"petition": wave.petition.pk} | wrong)
    assert answer.status_code == 200
    assert not Rule.objects.exists()


def test_a_mail_domain_is_kept_scrambled(desk, wave: Wave):  # noqa: F811
    desk.post(reverse("admin:signatures_rule_add"), FORM | {"petition": wave.petition.pk, "domain": "@Spam.Example"})
    rule = Rule.objects.get()
    assert bytes(rule.domain_index) == domain_index("spam.example")
    page = desk.get(reverse("admin:signatures_rule_change", args=[rule.pk])).content.decode()
    assert "spam.example" not in page.lower()
    unchanged = desk.post(reverse("admin:signatures_rule_change", args=[rule.pk]), FORM | {"name": "renamed"})
    assert unchanged.status_code == 302
    rule.refresh_from_db()
    assert rule.domain_index is not None


def test_running_needs_the_permission_of_the_action(client, staff, wave: Wave):  # noqa: F811
    wave.sign(1, country="KZ")
    rules = "view_rule", "add_rule", "change_rule"
    client.force_login(staff(*rules, "change_signature"))
    assert client.get(run_page(rule_for(wave, country="KZ"))).status_code == 200
    grave = rule_for(wave, country="KZ", action="invalidate")
    form = {"reason": "a wave", "edition": grave.edition}
    assert client.get(run_page(grave)).status_code == client.post(run_page(grave), form).status_code == 403
    client.force_login(staff(*rules, username="jo"))
    assert client.post(run_page(rule_for(wave, country="KZ")), form).status_code == 403
    assert not Job.objects.exists()


def test_removing_asks_who_you_are(client, admin_user, wave: Wave):
    client.force_login(admin_user)
    answer = client.get(run_page(rule_for(wave, country="KZ", action="invalidate")))
    assert answer.status_code == 302 and "confirm-identity" in answer["Location"]


def test_rules_of_other_petitions_do_not_exist(client, staff, wave: Wave):  # noqa: F811
    mine = make_petition()
    client.force_login(staff("view_rule", "add_rule", "change_rule", "change_signature", petitions=[mine]))
    rule = rule_for(wave, country="KZ")
    assert client.get(run_page(rule)).status_code == 404
    assert client.post(run_page(rule), {"reason": "a wave", "edition": rule.edition}).status_code == 404
    assert "the wave" not in client.get(reverse("admin:signatures_rule_changelist")).content.decode()
    form = FORM | {"petition": wave.petition.pk, "country": "FR"}
    assert client.post(reverse("admin:signatures_rule_add"), form).status_code == 200
    assert Rule.objects.count() == 1
    assert not Signature.objects.filter(state="held").exists()
