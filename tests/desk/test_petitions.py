"""Petitions at the desk: edited, opened, closed, imported; and how much a form may carry."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from signatures.letters.read import published
from signatures.models import AuditEntry, Letter, LetterRevision, Petition
from tests.factories import make_petition

pytestmark = pytest.mark.django_db


def page_of(petition, step="change"):
    return f"/desk/signatures/petition/{petition.pk}/{step}/"


GOAL = {"goal_raising": "never", "goal_steps": "", "goal_raise_percent": 90}


def form_of(petition, **fields):
    """What the change form posts, with one letter."""
    letter = petition.letters.get()
    parts = ("language", "title", "addressee", "salutation", "body", "closing", "signatory", "signatory_title")
    return {
        **{name: getattr(petition, name) for name in ("slug", "original_language", "goal", "country_threshold")},
        "organisation": petition.organisation,
        "reference": petition.reference,
        "dated": "",
        **GOAL,
        "letters-TOTAL_FORMS": 1,
        "letters-INITIAL_FORMS": 1,
        "letters-0-id": letter.pk,
        "letters-0-petition": petition.pk,
        **{f"letters-0-{name}": getattr(letter, name) for name in parts},
        **fields,
    }


def test_the_list_shows_the_count_from_the_tally(desk):
    from signatures.models import Tally

    petition = make_petition()
    Tally.objects.create(petition=petition, total=4321, as_of=petition.created_at)
    assert "4321" in desk.get("/desk/signatures/petition/").content.decode()


def test_an_edited_letter_is_published_and_recorded(desk, admin_user, django_capture_on_commit_callbacks):
    petition = make_petition()
    published(petition.slug)
    with django_capture_on_commit_callbacks(execute=True):
        answer = desk.post(page_of(petition), form_of(petition, **{"letters-0-title": "A new title", "goal": 5000}))
    assert answer.status_code == 302
    assert published(petition.slug).letter_in("en").title == "A new title"
    assert published(petition.slug).goal == 5000
    assert published(petition.slug).letter_in("en").version == 2
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.object_id) == (admin_user, "change", petition.slug)
    assert "Goal" in entry.reason
    assert "Title" in entry.reason


def test_a_letter_of_200_kilobytes_can_be_saved(desk):
    petition = make_petition()
    body = "Nous demandons à chacun d'agir, é.\n\n" * 5600
    assert len(body.encode()) > 200_000
    assert (
        desk.post(
            page_of(petition),
            _encoded(form_of(petition, **{"letters-0-body": body})),
            content_type="application/x-www-form-urlencoded",
        ).status_code
        == 302
    )
    assert Letter.objects.get().body.replace("\r\n", "\n").strip() == body.strip()


def test_more_than_two_megabytes_are_refused(desk):
    assert (
        desk.post(
            "/desk/signatures/petition/add/", b"x=" + b"a" * 2_100_000, content_type="application/x-www-form-urlencoded"
        ).status_code
        == 400
    )


def test_more_than_two_thousand_fields_are_refused(desk):
    assert (
        desk.post(
            "/desk/signatures/petition/add/", "&".join(["x=1"] * 2001), content_type="application/x-www-form-urlencoded"
        ).status_code
        == 400
    )


def test_a_public_form_keeps_its_own_limit(desk, client):
    petition = make_petition()
    answer = client.post(
        f"/en/{petition.slug}/", b"name=" + b"a" * 40_000, content_type="application/x-www-form-urlencoded"
    )
    assert 400 <= answer.status_code < 500


def test_a_posted_form_still_needs_its_csrf_token(admin_user):
    from django.test import Client

    browser = Client(enforce_csrf_checks=True)
    browser.force_login(admin_user)
    petition = make_petition()
    assert browser.post(page_of(petition), form_of(petition, goal=9)).status_code == 403
    page = browser.get(page_of(petition))
    token = str(page.context["csrf_token"])
    body = _encoded(form_of(petition, goal=9, csrfmiddlewaretoken=token))
    answer = browser.post(page_of(petition), body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 302
    assert Petition.objects.get().goal == 9


def test_a_published_petition_keeps_its_address_and_its_original_letter(desk):
    petition = make_petition()
    desk.post(page_of(petition), form_of(petition, slug="elsewhere", original_language="fr"))
    answer = desk.post(page_of(petition), form_of(petition, **{"letters-0-DELETE": "on"}))
    assert "Keep the letter in the original language" in answer.content.decode()
    petition.refresh_from_db()
    assert (petition.slug.startswith("letter-"), petition.original_language) == (True, "en")
    assert petition.letters.count() == 1


def test_saving_a_form_does_not_undo_a_closing_that_came_between(desk):
    petition = make_petition()
    fields = form_of(petition, goal=77)
    Petition.objects.filter(pk=petition.pk).update(state="closed", closed_at=petition.created_at)
    desk.post(page_of(petition), fields)
    petition.refresh_from_db()
    assert (petition.state, petition.goal) == ("closed", 77)


def test_the_country_threshold_cannot_go_below_ten(desk):
    petition = make_petition()
    answer = desk.post(page_of(petition), form_of(petition, country_threshold=3))
    assert answer.status_code == 200
    petition.refresh_from_db()
    assert petition.country_threshold == 10


def test_opening_and_closing_are_recorded_with_their_reason(desk, admin_user):
    petition = make_petition(state="draft")
    assert "Reason" in desk.get(page_of(petition, "open")).content.decode()
    petition.refresh_from_db()
    assert petition.state == "draft"
    assert desk.post(page_of(petition, "open"), {"reason": "the launch"}).status_code == 302
    petition.refresh_from_db()
    assert petition.state == "open"
    assert desk.post(page_of(petition, "close"), {"reason": "handed over"}).status_code == 302
    petition.refresh_from_db()
    assert petition.state == "closed"
    entries = AuditEntry.objects.order_by("id").values_list("actor", "action", "object_id", "reason")
    assert list(entries) == [
        (admin_user.pk, "open", petition.slug, "the launch"),
        (admin_user.pk, "close", petition.slug, "handed over"),
    ]


def test_opening_without_a_reason_does_nothing(desk):
    petition = make_petition(state="draft")
    assert desk.post(page_of(petition, "open"), {"reason": " "}).status_code == 422
    petition.refresh_from_db()
    assert petition.state == "draft"


def test_closing_what_is_not_open_says_so(desk):
    petition = make_petition(state="draft")
    answer = desk.post(page_of(petition, "close"), {"reason": "why not"})
    assert answer.status_code == 422
    assert "errornote" in answer.content.decode()


def test_staff_who_may_only_look_cannot_open(client, staff):
    client.force_login(staff("view_petition"))
    petition = make_petition(state="draft")
    assert client.post(page_of(petition, "open"), {"reason": "the launch"}).status_code == 403
    petition.refresh_from_db()
    assert petition.state == "draft"


LETTER = """---
slug: clean-water
title: Open letter on clean water
addressee: To every government
language: en
---

We ask you to act.
"""
IMPORT = "/desk/signatures/petition/import/"


STORE = "/desk/signatures/petition/import/store/"


def understood(answer):
    """What the form for correction was filled with."""
    assert answer.status_code == 200, answer.content.decode()
    form = answer.context["form"]
    values = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    return {name: "" if value is None else getattr(value, "pk", value) for name, value in values.items()}


def store(desk, fields, **corrected):
    return desk.post(STORE, _encoded(fields | corrected), content_type="application/x-www-form-urlencoded")


def test_a_pasted_letter_is_shown_first_and_then_a_draft_and_recorded(desk, admin_user):
    body = _encoded({"text": LETTER + "Word after word. " * 8000})
    fields = understood(desk.post(IMPORT, body, content_type="application/x-www-form-urlencoded"))
    assert Petition.objects.count() == 0, "nothing is stored before somebody has seen it"
    answer = store(desk, fields)
    petition = Petition.objects.get()
    assert answer["Location"] == page_of(petition)
    assert (petition.slug, petition.state, petition.letters.get().language) == ("clean-water", "draft", "en")
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.object_id) == (admin_user, "import", "clean-water")


def test_an_uploaded_letter_becomes_a_draft(desk):
    upload = SimpleUploadedFile("letter.md", (LETTER + "Word after word. " * 8000).encode())
    assert store(desk, understood(desk.post(IMPORT, {"file": upload}))).status_code == 302
    assert Petition.objects.get().slug == "clean-water"


def test_a_letter_as_it_was_received_is_corrected_and_stored(desk):
    text = "Friends of the River\n1 Quay Street\n\nThe Minister\n\nDear Minister,\n\nWe ask you to open the river."
    text += "\n\nRegards,\nAda Example"
    answer = desk.post(IMPORT, {"text": text})
    page = answer.content.decode()
    assert "Check this:" in page and "No subject was found." in page
    assert "<q>1 Quay Street</q>" in page
    fields = understood(answer)
    assert (fields["salutation"], fields["signatory"]) == ("Dear Minister,", "Ada Example")
    wrong = store(desk, fields)
    assert wrong.status_code == 422
    assert "We ask you to open the river." in wrong.content.decode(), "nothing that was typed is lost"
    assert not Petition.objects.exists()
    assert store(desk, fields, title="Open the river", language="en").status_code == 302
    letter = Letter.objects.get()
    assert (letter.title, letter.addressee) == ("Open the river", "The Minister")
    assert letter.body == "We ask you to open the river."
    assert Petition.objects.get().organisation == "Friends of the River"


def test_a_word_document_is_imported(desk):
    from tests.letters.word import document, paragraph

    file = document(paragraph("Open letter on a river"), paragraph("Dear all,"), paragraph("We ask you to open it."))
    fields = understood(desk.post(IMPORT, {"file": SimpleUploadedFile("letter.docx", file)}))
    assert store(desk, fields, addressee="All", language="en").status_code == 302
    assert Letter.objects.get().body == "We ask you to open it."


def test_a_translation_joins_the_petition_that_is_chosen(desk):
    petition = make_petition(slug="clean-water")
    fields = understood(desk.post(IMPORT, {"text": LETTER.replace("language: en", "language: fr")}))
    assert fields["petition"] == petition.pk
    assert store(desk, fields).status_code == 302
    assert {each.language for each in petition.letters.all()} == {"en", "fr"}


@pytest.mark.parametrize("file", [b"", b"\xff\xfe\x00", b"a\0b", b"PK\x03\x04", b"---\n: [\n---\n", b"x" * 300_000])
def test_an_upload_that_is_no_letter_says_why(desk, file):
    answer = desk.post(IMPORT, {"file": SimpleUploadedFile("letter.md", file)})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "errornote" in page or "errorlist" in page
    assert Petition.objects.count() == 0


def test_a_form_that_is_made_up_is_no_error_of_ours(desk):
    for fields in (
        {},
        {"petition": "x", "dated": "soon", "goal": "-1"},
        {"language": "x" * 11, "title": "a", "body": "b"},
    ):
        answer = store(desk, fields)
        assert answer.status_code == 422
        assert "errorlist" in answer.content.decode()
    assert desk.get(STORE)["Location"] == IMPORT


def test_sending_nothing_says_so(desk):
    assert "This field is required" in desk.post(IMPORT, {"text": ""}).content.decode()


def test_importing_needs_the_permission_to_add_petitions(client, staff):
    client.force_login(staff("view_petition", "change_petition"))
    assert client.post(IMPORT, {"text": LETTER}).status_code == 403
    assert client.post(STORE, {"title": "A letter", "body": "x"}).status_code == 403
    assert Petition.objects.count() == 0


def test_a_petition_cannot_take_the_address_of_a_page_of_ours(desk):
    petition = make_petition(state="draft")
    answer = desk.post(page_of(petition), form_of(petition, slug="privacy"))
    assert "taken by a page of ours" in answer.content.decode()
    petition.refresh_from_db()
    assert petition.slug != "privacy"


def _encoded(fields):
    from urllib.parse import urlencode

    return urlencode(fields)


# ---------------------------------------------------------------------------------------- translations and versions
def two_letters(petition, **fields):
    """What the change form posts with the original and its French translation."""
    form = {name: getattr(petition, name) for name in ("slug", "original_language", "goal", "country_threshold")}
    form |= {
        "organisation": "",
        "reference": "",
        "dated": "",
        "letters-TOTAL_FORMS": 2,
        "letters-INITIAL_FORMS": 2,
    } | GOAL
    for number, letter in enumerate(petition.letters.order_by("language")):
        form |= {f"letters-{number}-id": letter.pk, f"letters-{number}-petition": petition.pk}
        form |= {f"letters-{number}-{name}": getattr(letter, name) for name in ("language", *Letter.PARTS)}
    return form | fields


@pytest.fixture
def translated():
    petition = make_petition(languages=("fr",))
    Letter.objects.filter(language="fr").update(translated_version=1, translator="Mo Example")
    return petition


def versions(petition):
    return dict(petition.letters.values_list("language", "version"))


def test_a_translation_is_behind_when_the_original_changes(desk, translated):
    page = desk.get(page_of(translated)).content.decode()
    assert "This is the original." in page
    assert "Up to date: it follows version 1 of the original." in page

    desk.post(page_of(translated), two_letters(translated, **{"letters-0-body": "We ask you to act now."}))

    assert versions(translated) == {"en": 2, "fr": 1}
    page = desk.get(page_of(translated)).content.decode()
    assert "it is at version 2, this follows version 1" in page


def test_a_translation_that_was_checked_follows_the_original_that_is_saved_with_it(desk, translated):
    changes = {"letters-0-body": "We ask you to act now.", "letters-1-follows": "on"}
    assert desk.post(page_of(translated), two_letters(translated, **changes)).status_code == 302

    assert translated.letters.get(language="fr").translated_version == 2
    assert versions(translated) == {"en": 2, "fr": 1}  # its words did not change


def test_every_wording_is_kept_with_who_wrote_it(desk, translated, admin_user):
    desk.post(
        page_of(translated), two_letters(translated, **{"letters-1-title": "Une autre", "letters-1-follows": "on"})
    )

    kept = LetterRevision.objects.get()
    assert (kept.language, kept.version, kept.title) == ("fr", 2, "Une autre")
    assert (kept.translator, kept.written_by, kept.translated_version) == ("Mo Example", admin_user, 1)
    page = desk.get(f"/desk/signatures/letterrevision/?petition={translated.pk}").content.decode()
    assert "Une autre" in page and "Mo Example" in page


def test_a_letter_that_is_written_again_goes_on_counting(desk, translated):
    desk.post(page_of(translated), two_letters(translated, **{"letters-1-title": "Une autre"}))
    desk.post(page_of(translated), two_letters(translated, **{"letters-1-DELETE": "on"}))
    fields = dict.fromkeys(("title", "addressee", "body"), "x") | {"language": "fr", "petition": translated.pk}
    added = form_of(translated) | {f"letters-1-{name}": value for name, value in fields.items()}
    assert desk.post(page_of(translated), added | {"letters-TOTAL_FORMS": 2}).status_code == 302

    assert versions(translated) == {"en": 1, "fr": 3}
    assert translated.letters.get(language="fr").translated_version == 1


def test_the_history_can_only_be_read(desk, translated):
    desk.post(page_of(translated), two_letters(translated, **{"letters-1-title": "Une autre"}))
    address = f"/desk/signatures/letterrevision/{LetterRevision.objects.get().pk}"

    assert desk.post(f"{address}/change/", {"title": "Otherwise"}).status_code == 403
    assert desk.post(f"{address}/delete/", {"post": "yes"}).status_code == 403
    assert desk.get("/desk/signatures/letterrevision/add/").status_code == 403
    assert LetterRevision.objects.get().title == "Une autre"


def test_an_imported_letter_is_kept_with_who_brought_it(desk, admin_user):
    store(desk, understood(desk.post(IMPORT, {"text": LETTER})))

    assert LetterRevision.objects.values_list("version", "written_by", "body").get() == (
        1,
        admin_user.pk,
        "We ask you to act.",
    )


# ------------------------------------------------------------------------------------------------ the petition's life
def test_a_petition_is_scheduled_paused_and_delivered_at_the_desk(desk):
    petition = make_petition(state="draft", opened_at=None)
    wrong = desk.post(page_of(petition, "schedule"), {"opens_at": "2021-01-01T08:00", "reason": "the launch"})
    assert (wrong.status_code, "This time is over" in wrong.content.decode()) == (422, True)
    later = (timezone.now() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    steps = [
        ("schedule", {"opens_at": later}, "scheduled"),
        ("unschedule", {}, "draft"),
        ("open", {}, "open"),
        ("closing", {"closes_at": later}, "open"),
        ("pause", {"words": "We look into something."}, "paused"),
        ("resume", {}, "open"),
        ("close", {}, "closed"),
        ("reopen", {}, "open"),
        ("close", {}, "closed"),
        ("deliver", {"on": timezone.now().strftime("%Y-%m-%d")}, "delivered"),
        ("undeliver", {}, "closed"),
    ]
    for step, fields, state in steps:
        offered = desk.get(page_of(petition)).content.decode()
        assert page_of(petition, step) in offered, step
        assert desk.get(page_of(petition, step)).status_code == 200
        assert desk.post(page_of(petition, step), fields | {"reason": "the plan"}).status_code == 302, step
        petition.refresh_from_db()
        assert petition.state == state, step


def test_who_edits_letters_does_not_run_the_petition(client, staff):
    client.force_login(staff("view_petition", "change_petition"))
    petition = make_petition(state="draft")
    assert page_of(petition, "open") not in client.get(page_of(petition)).content.decode()
    assert client.post(page_of(petition, "open"), {"reason": "the launch"}).status_code == 403
    petition.refresh_from_db()
    assert petition.state == "draft"


def test_who_runs_the_petition_need_not_be_able_to_edit_it(client, staff):
    client.force_login(staff("view_petition", "run_petition"))
    petition = make_petition(state="draft")
    assert page_of(petition, "open") in client.get(page_of(petition)).content.decode()
    assert client.post(page_of(petition, "open"), {"reason": "the launch"}).status_code == 302


def test_a_goal_that_rises_is_set_up_and_its_rises_are_seen(desk):
    petition = make_petition()
    fields = {"goal_raising": "steps", "goal_steps": "", "goal_raise_percent": 80}
    for steps in ("", "500, 400", "many"):
        answer = desk.post(page_of(petition), form_of(petition, **fields | {"goal_steps": steps}))
        assert "errorlist" in answer.content.decode(), steps
    fields["goal_steps"] = "5000 10_000"
    assert desk.post(page_of(petition), form_of(petition, **fields)).status_code == 302
    petition.refresh_from_db()
    assert (petition.goal_steps, petition.goal_raise_percent) == ("5000, 10000", 80)
    AuditEntry.objects.create(action="raise goal", object_type="petition", object_id=petition.slug, reason="800 have")
    assert "800 have" in desk.get(page_of(petition)).content.decode()


def test_who_may_change_a_petition_writes_its_letters_and_who_may_look_reads_them(client, staff):
    petition = make_petition()
    client.force_login(staff("view_petition", "change_petition"))
    assert 'name="letters-0-body"' in client.get(page_of(petition)).content.decode()
    assert client.post(page_of(petition), form_of(petition, **{"letters-0-title": "Other words"})).status_code == 302
    assert petition.letters.get().title == "Other words"
    client.force_login(staff("view_petition", username="lu"))
    page = client.get(page_of(petition)).content.decode()
    assert "We ask you to act." in page
    assert 'name="letters-0-body"' not in page
    assert client.post(page_of(petition), form_of(petition, **{"letters-0-title": "Mine"})).status_code == 403
