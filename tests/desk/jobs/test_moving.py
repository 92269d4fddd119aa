"""Hold, release, invalidate and erase as jobs, each undone within the hour."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from signatures.desk.jobs.orders import OrderRefused
from signatures.desk.jobs.run import run_jobs
from signatures.desk.jobs.selection import Selection
from signatures.models import AuditEntry, NameReview, OutgoingMail, Signature, UpdateRecipient, UpdateSending
from signatures.privacy.erasure import PERSONAL
from signatures.privacy.links import link_token
from signatures.signing.confirm import confirm
from signatures.signing.withdraw import erase, withdraw
from signatures.tally.fold import fold
from tests.factories import make_mail, make_petition, make_signature, make_update

from .conftest import Wave, check_tally

pytestmark = pytest.mark.django_db(transaction=True)


def test_holding_a_wave_takes_it_off_the_count_and_says_so_in_public(wave: Wave):
    wave.sign(5)
    wave.sign(3, confirmed=False)
    fold()
    job = wave.done("hold")
    assert (job.state, job.done, job.skipped) == ("done", 8, 0)
    assert wave.count() == 0
    assert set(wave.petition.signatures.values_list("state", "held_reason")) == {("held", "a wave")}
    assert wave.corrections() == {"held": -5}


@pytest.mark.parametrize("kind", ["hold", "invalidate", "erase"])
def test_undoing_puts_every_signature_back_as_it_was(kind, wave: Wave):
    wave.sign(4, show_name=True, hand_over=True)
    wave.sign(2, confirmed=False, mail_due_at=timezone.now())
    yesterday = timezone.now() - timedelta(days=1)
    make_signature(wave.petition, state="held", held_from="confirmed", confirmed_at=yesterday)
    make_signature(wave.petition, state="withdrawn")
    before = wave.look()
    job = wave.done(kind)
    assert wave.count() == 0
    assert wave.look() != before
    job = wave.undo(job)
    assert (job.state, job.undone, job.not_undone) == ("undone", job.done, 0)
    assert wave.look() == before
    assert wave.count() == 4
    assert sum(wave.corrections().values()) == 0


def test_undoing_a_release_holds_them_again(wave: Wave):
    wave.sign(4)
    wave.sign(2, confirmed=False)
    wave.done("hold")
    before = wave.look()
    job = wave.done("release")
    assert wave.count() == 4
    assert wave.undo(job).undone == 6
    assert wave.look() == before
    assert wave.count() == 0
    assert wave.corrections() == {"held": -8, "released": 4}


def test_who_confirmed_while_held_counts_once_the_hold_is_undone_and_hears_so(wave: Wave):
    row = wave.sign(1, confirmed=False).get()
    job = wave.done("hold")
    confirm(signature_id=row.pk, revision=0)
    assert wave.undo(job).undone == 1
    assert wave.count() == 1
    assert OutgoingMail.objects.get().kind == "released"
    assert wave.corrections() == {}  # it had never been counted: nothing was put back


def test_a_mail_that_went_out_meanwhile_is_not_sent_again_by_undoing(wave: Wave):
    row = wave.sign(1, confirmed=False, mail_due_at=timezone.now()).get()
    job = wave.done("invalidate")
    row.refresh_from_db()
    assert row.mail_due_at is None
    Signature.objects.filter(pk=row.pk).update(mail_sent_at=timezone.now())
    wave.undo(job)
    row.refresh_from_db()
    assert (row.state, row.mail_due_at) == ("pending", None)


def test_what_its_owner_changed_since_is_not_undone(wave: Wave):
    taken_back, erased, _left = wave.sign(3)
    job = wave.done("hold")
    withdraw(signature_id=taken_back.pk)
    erase(signature_id=erased.pk)
    job = wave.undo(job)
    assert (job.undone, job.not_undone) == (1, 2)
    assert wave.states() == ["withdrawn", "erased", "confirmed"]
    assert wave.count() == 1


def test_what_was_held_again_since_is_not_undone(wave: Wave):
    wave.sign(2)
    first = wave.done("hold")
    wave.done("release")
    wave.done("hold", reason="looked closer")
    assert wave.undo(first).not_undone == 2
    assert set(wave.petition.signatures.values_list("state", "held_reason")) == {("held", "looked closer")}
    assert wave.count() == 0


def test_after_the_hour_nothing_is_undone_and_what_was_moved_is_forgotten(wave: Wave):
    rows = wave.sign(3)
    job = wave.done("hold", Selection.of_ids(wave.petition.pk, rows.values_list("pk", flat=True)))
    assert wave.items(job) == 3
    job = wave.after_the_hour(job)
    with pytest.raises(OrderRefused):
        wave.undo(job)
    assert wave.items(job) == 0
    assert job.settled_at
    assert job.params["selection"].pop("chosen") == 3
    assert set(job.params["selection"]) == {"petition_id", "through"}


def test_an_undo_is_refused_from_the_end_of_the_hour_though_nothing_is_forgotten_yet(wave: Wave, settings):
    settings.JOB_UNDO_SECONDS = 0
    wave.sign(1)
    job = wave.done("hold")
    with pytest.raises(OrderRefused):
        wave.undo(job)
    assert wave.items(job) == 1
    assert wave.states() == ["held"]


def test_an_erasure_destroys_nothing_within_the_hour_and_everything_after_it(wave: Wave):
    first = wave.sign(3, show_name=True, source="poster")[0]
    make_mail(first, kind="released")
    judged = {"name_digest": b"x", "verdict": "shown", "reviewed_at": timezone.now(), "place": first.pk}
    NameReview.objects.create(signature=first, petition=wave.petition, **judged)
    sending = UpdateSending.objects.create(
        update=make_update(wave.petition), started_at=timezone.now(), expected=1, until=first.pk
    )
    UpdateRecipient.objects.create(sending=sending, signature=first, state="sent", began_at=timezone.now())
    job = wave.done("erase")
    assert wave.count() == 0
    assert wave.corrections() == {"removed": -3}
    assert not wave.petition.signatures.filter(person_index=None).exists()
    job = wave.after_the_hour(job)
    rows = wave.petition.signatures
    assert set(rows.values_list("state", *PERSONAL)) == {("erased", *(None for _ in PERSONAL))}
    assert set(rows.values_list("source", "show_name")) == {("", False)}
    assert not OutgoingMail.objects.exists()
    assert not NameReview.objects.exists()
    assert not UpdateRecipient.objects.exists()
    assert wave.items(job) == 0
    assert job.result == {"erased": 3}
    assert AuditEntry.objects.filter(action="erased for good", count=3).exists()


def test_an_erasure_blanks_a_row_as_its_owners_own_erasure_does(wave: Wave):
    by_owner, by_staff = wave.sign(2, country="FR", show_name=True, source="poster", mail_error="x")
    erase(signature_id=by_owner.pk)
    wave.after_the_hour(wave.done("erase", Selection.of_ids(wave.petition.pk, [by_staff.pk])))
    own = {"id", "created_at", "consented_at", "confirmed_at", "erased_at", "withdrawn_at", "mail_sent_at"}
    one, other = ({name: value for name, value in row.items() if name not in own} for row in wave.look())
    assert one == other


def test_somebody_who_signs_anew_within_the_hour_is_not_erased(wave: Wave):
    row = wave.sign(1).get()
    job = wave.done("erase")
    Signature.objects.filter(pk=row.pk).update(state="pending", withdrawn_at=None, confirmed_at=None)
    assert wave.after_the_hour(job).result == {"erased": 0}
    row.refresh_from_db()
    assert row.email_sealed


def test_an_undone_erasure_erases_nothing(wave: Wave):
    wave.sign(2)
    job = wave.undo(wave.done("erase"))
    assert wave.after_the_hour(job).settled_at
    assert wave.count() == 2


def test_until_then_its_owner_reads_that_staff_are_erasing_it_and_not_that_they_withdrew(wave: Wave):
    row = wave.sign(1).get()
    job = wave.done("erase")
    address = f"/en/{wave.petition.slug}/mine/{link_token('mine', signature_id=row.pk)}/"
    page = Client().get(address).content.decode()
    assert "Staff of the campaign are erasing this signature." in page
    assert "ithdraw" not in page
    assert Client().get(f"{address}my-signature.json").json()["being_erased"] is True
    wave.undo(job)
    page = Client().get(address).content.decode()
    assert "are erasing" not in page
    assert Client().get(f"{address}my-signature.json").json()["being_erased"] is False
    withdraw(signature_id=row.pk)
    page = Client().get(address).content.decode()
    assert "withdrawn" in page
    assert "are erasing" not in page


def test_its_owner_may_destroy_it_before_the_hour_is_over(wave: Wave):
    row = wave.sign(1).get()
    job = wave.done("erase")
    erase(signature_id=row.pk)
    row.refresh_from_db()
    assert (row.state, row.email_sealed) == ("erased", None)
    assert wave.after_the_hour(job).result == {"erased": 0}
    assert wave.count() == 0


def test_another_petitions_signatures_are_never_moved(wave: Wave):
    other = make_petition()
    make_signature(other)
    mine = wave.sign(2)
    ids = [*Signature.objects.values_list("pk", flat=True)]
    assert wave.done("invalidate", Selection.of_ids(wave.petition.pk, ids)).done == len(mine)
    assert other.signatures.get().state == "pending"
    assert check_tally(other) == 0


def test_who_signs_after_the_start_is_not_swept_in(wave: Wave):
    wave.sign(2)
    wave.start("hold")
    wave.sign(1)
    run_jobs(lane=0, seconds=20)
    assert wave.count() == 1


def test_the_audit_says_once_that_it_began_and_once_what_it_came_to(wave: Wave):
    wave.sign(3)
    job = wave.undo(wave.done("hold", reason="one network"))
    entries = AuditEntry.objects.filter(object_id=str(job.pk)).order_by("id")
    assert [(entry.action, entry.count, entry.reason) for entry in entries] == [
        ("hold", 0, "one network"),
        ("job done", 3, "one network"),
        ("undo job", 3, "a mistake"),
        ("job undone", 3, "one network"),
    ]
