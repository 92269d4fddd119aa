"""The desk as somebody attacks it who has a login, or another's session, or only a form on a page of their own."""

from __future__ import annotations

import itertools
import json
import time

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission, User
from django.core import serializers
from django.db import connection
from django.test import Client
from django.urls import reverse

from signatures.desk.entrance.pages import CONFIRMED
from signatures.desk.jobs.selection import Selection
from signatures.models import AuditEntry, Job, Letter, NameReview, Petition, Reach, Rule, Signature, WebhookEndpoint
from tests.factories import make_petition, make_signature

from .entrance.test_pages import PASSWORD, enrolled, later, log_in
from .people.test_roles import KINDS, MODELS, MORE, ORDERS, OTHERS_FILES, PAGES, POSTS, objects

pytestmark = pytest.mark.django_db

OF_NOBODY = {"consenttext", "check", "user", "group", "auditentry"}  # rows that belong to no petition


def at(name, *args):
    return reverse(f"admin:{name}", args=args)


def pages_of(found):
    """Every address of the desk that names a row, and every one that names none."""
    with_rows, without = [at("index"), at("help")], []
    for name, key in ((name, name.split("_")[1]) for name in MODELS):
        without += [at(f"{name}_changelist"), at(f"{name}_add")]
        with_rows += [at(f"{name}_{page}", found[key].pk) for page in ("change", "history", "delete")]
    for name, args in [(name, args) for name, (_who, args) in PAGES.items()]:
        (with_rows if args else without).append(at(name, *(found[each].pk for each in args)))
    without += [at(name) for name, (_who, args, _form) in POSTS.items() if not args]
    selection = json.dumps(Selection.of_ids(found["petition"].pk, [found["signature"].pk]).params())
    with_rows += [f"{at('signatures_signature_bulk', kind)}?selection={selection}" for kind in KINDS]
    orders = (*ORDERS, "pause", "resume", "try-again")
    with_rows += [at("signatures_job_order", found["job"].pk, order) for order in orders]
    with_rows += [at(name, found[name.split("_")[1]].pk) for name in OTHERS_FILES]
    assert {"signatures_signature_bulk", "signatures_job_order", *OTHERS_FILES} == MORE
    return with_rows, without


def everything_stored():
    """What the database holds, but for sessions, and for when somebody logged in."""
    connection.check_constraints()
    models = [each for label in ("signatures", "auth") for each in apps.get_app_config(label).get_models()]
    rows = itertools.chain.from_iterable(model._base_manager.order_by("pk") for model in models)
    return serializers.serialize("json", rows)


def show_identity(browser):
    session = browser.session
    session[CONFIRMED] = time.time()
    session.save()


@pytest.fixture
def insider(client):
    """Somebody who may do everything, on another petition."""
    person = User.objects.create_user("insider", password=PASSWORD, is_staff=True)
    person.user_permissions.set(Permission.objects.filter(content_type__app_label="signatures"))
    Reach.objects.create(user=person).petitions.add(make_petition(slug="mine"))
    client.force_login(person)
    show_identity(client)
    return client


# ------------------------------------------------------------------------------------- rows of other petitions
@pytest.mark.parametrize("method", ["get", "head", "options", "post", "put", "delete"])
def test_no_address_opens_a_row_of_another_petition(insider, method):
    found = objects()
    before = everything_stored()
    wrong = []
    rows, _lists = pages_of(found)
    of_nobody = {f"/{name}/{found[name].pk}/" for name in OF_NOBODY}
    for path in rows[2:]:
        if any(each in path for each in of_nobody):
            continue
        answer = getattr(insider, method)(path)
        gone = (
            answer.status_code == 302 and answer["Location"] == "/desk/"
        )  # as Django answers for a row that never was
        if answer.status_code not in (400, 403, 404, 405) and not gone:
            wrong.append((path, answer.status_code, answer.get("Location")))
    assert not wrong
    assert everything_stored() == before


# --------------------------------------------------------------------------------------------- what GET may do
@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_looking_changes_nothing(desk, method):
    rows, lists = pages_of(objects())
    before = everything_stored()
    for path in rows + lists:
        assert getattr(desk, method)(path).status_code < 500, path
    assert everything_stored() == before


def test_what_is_posted_from_elsewhere_is_refused_everywhere(admin_user):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(admin_user)
    show_identity(browser)
    rows, lists = pages_of(objects())
    before = everything_stored()
    entrances = ["login", "second_factor", "confirm_identity", "logout", "password_change"]
    for path in rows + lists + [at(name) for name in entrances]:
        answer = browser.post(path, {"reason": "why", "post": "yes", "action": "hold_selected"})
        assert answer.status_code == 403, path
    assert everything_stored() == before


# ------------------------------------------------------------------------------------------------------ markup
MARKUP = "<script>alert('probe')</script>\"'><img src=x onerror=alert(1)>"


def test_markup_in_anything_that_people_write_stays_text(desk, admin_user):
    found = objects()
    petition = found["petition"]
    Petition.objects.update(organisation=MARKUP[:40])
    Letter.objects.update(title=MARKUP, addressee=MARKUP, body=MARKUP, signatory=MARKUP, translator=MARKUP)
    waiting = make_signature(petition, name=MARKUP, state="confirmed", show_name=True, mail_error=MARKUP)
    make_signature(petition, state="held", held_reason=MARKUP[:60])
    NameReview.objects.filter(pk=found["namereview"].pk).update(signature=waiting, name_digest=b"y")
    Rule.objects.update(name=MARKUP[:80], source=MARKUP[:40], name_pattern=MARKUP[:80])
    Job.objects.update(reason=MARKUP, error=MARKUP, params={"selection": {"source": MARKUP}})
    WebhookEndpoint.objects.update(partner=MARKUP[:80])
    User.objects.filter(pk=found["user"].pk).update(username=MARKUP[:100], first_name=MARKUP[:60])
    AuditEntry.objects.create(action="hold", object_type="petition", object_id=MARKUP[:40], reason=MARKUP)
    rows, lists = pages_of(found)
    lists.append(f"{at('signatures_signature_changelist')}?source={MARKUP[:40]}&petition={MARKUP}&id={MARKUP}")
    told = 0
    for path in rows + lists:
        page = desk.get(path)
        text = page.content.decode() if not page.streaming else ""
        assert "<script>alert" not in text, path
        assert "<img src=x" not in text, path
        told += "&lt;script&gt;" in text
    assert told > 15, "and it is shown, as text"
    revealed = desk.post(at("signatures_signature_reveal", waiting.pk), {"reason": MARKUP[:100]})
    assert "&lt;script&gt;" in revealed.content.decode()
    assert "<script>alert" not in revealed.content.decode()


# -------------------------------------------------------------------------------------------------- the way in
def test_an_address_that_a_client_claims_shuts_nobody_out_and_lets_nobody_in(staff, settings):
    settings.DESK_SECOND_FACTOR = True
    settings.AXES_FAILURE_LIMIT = 3
    staff()
    User.objects.create_user("ada", password=PASSWORD, is_staff=True)
    for number in range(4):
        claimed = Client(HTTP_X_FORWARDED_FOR=f"203.0.{number}.7", HTTP_X_REAL_IP=f"203.0.{number}.7")
        answer = log_in(claimed, f"nobody-{number}", password="wrong")
    assert answer.status_code == 429, "one network, whatever it says"
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    for number in range(4):
        claimed = Client(HTTP_X_FORWARDED_FOR=f"203.0.{number}.7, 198.51.100.9")
        answer = log_in(claimed, f"nobody-{number + 10}", password="wrong")
    assert answer.status_code == 429, "what stands left of the proxy's own word is the client's"
    assert log_in(Client(HTTP_X_FORWARDED_FOR="203.0.113.7"), "ada").status_code == 302


def test_a_guesser_with_a_login_of_their_own_does_not_wipe_the_slate(staff, settings):
    settings.AXES_FAILURE_LIMIT = 3
    staff()
    User.objects.create_user("ada", password=PASSWORD, is_staff=True)
    for _turn in range(2):
        for _guess in range(2):
            answer = log_in(Client(), "ada", password="wrong")
        mine = log_in(Client(), "mo")
    assert (answer.status_code, mine.status_code) == (429, 429)


def test_who_mistypes_and_then_does_not_begins_anew(staff, settings):
    settings.AXES_FAILURE_LIMIT = 3
    staff()
    for _day in range(3):
        for _typo in range(2):
            assert log_in(Client(), "mo", password="wrogn").status_code == 200
        assert log_in(Client(), "mo").status_code == 302


def test_a_session_that_somebody_planted_is_not_the_one_that_is_logged_in(client, staff, settings):
    settings.DESK_SECOND_FACTOR = True
    person = staff("view_petition")
    session = client.session
    session["planted"] = True
    session.save()
    planted = session.session_key
    client.cookies[settings.SESSION_COOKIE_NAME] = planted
    log_in(client)
    after_password = client.session.session_key
    assert after_password != planted
    enrolled(client, person)
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = after_password
    assert thief.get("/desk/signatures/petition/").status_code == 302, "a key from before the second step opens nothing"
    assert client.get("/desk/signatures/petition/").status_code == 200
    later(person)


def test_a_changed_password_ends_the_other_sessions(staff):
    person = staff("view_petition")
    thief = Client()
    log_in(thief)
    assert thief.get("/desk/signatures/petition/").status_code == 200
    person.set_password("another long pass phrase")
    person.save()
    assert thief.get("/desk/signatures/petition/").status_code == 302


# ------------------------------------------------------------------------------- who somebody is, once more
GRAVE = [
    ("signatures_exportfile_new", ()),
    ("signatures_exportfile_download", ("exportfile",)),
    ("signatures_paperimport_take", ("paperimport",)),
    ("signatures_signature_reveal", ("signature",)),
    ("signatures_campaignupdate_send", ("campaignupdate",)),
    ("auth_user_change", ("user",)),
    ("auth_user_add", ()),
    ("auth_user_password_change", ("user",)),
    ("auth_group_change", ("group",)),
    ("auth_group_add", ()),
]


def grave_addresses(found):
    selection = json.dumps(Selection.of_ids(found["petition"].pk, [found["signature"].pk]).params())
    yield from (at(name, *(found[each].pk for each in args)) for name, args in GRAVE)
    yield from (f"{at('signatures_signature_bulk', kind)}?selection={selection}" for kind in ("erase", "invalidate"))
    yield at("signatures_rule_run", found["rule"].pk)
    yield from (at("signatures_job_order", found["job"].pk, order) for order in ("resume", "try-again"))


@pytest.mark.parametrize("since", [None, -301, 3600], ids=["never", "too long ago", "in the future"])
def test_what_is_grave_is_not_done_for_a_session_alone(client, admin_user, since):
    found = objects()
    Rule.objects.update(action="invalidate")
    Job.objects.update(kind="erase", state="paused")
    client.force_login(admin_user)
    if since is not None:
        session = client.session
        session[CONFIRMED] = time.time() + since
        session.save()
    before = everything_stored()
    for path in grave_addresses(found):
        for method in ("get", "post", "head"):
            fields = {"reason": "why", "edition": str(found["rule"].edition)} if method == "post" else {}
            answer = getattr(client, method)(path, fields)
            assert answer.status_code == 302, (method, path)
            assert answer["Location"].startswith("/desk/confirm-identity/?next="), (method, path)
    assert everything_stored() == before


def test_somebody_elses_code_does_not_say_who_i_am(client, staff, settings):
    settings.DESK_SECOND_FACTOR = True
    person, other = staff("view_petition", "export_signature"), staff("view_petition", username="ada")
    theirs = Client()
    log_in(theirs, "ada")
    codes = enrolled(theirs, other)
    log_in(client)
    enrolled(client, person)
    session = client.session
    session[CONFIRMED] = 0
    session.save()
    later(person)
    answer = client.post("/desk/confirm-identity/", {"password": PASSWORD, "code": codes[0]})
    assert answer.status_code == 422
    assert client.get(at("signatures_exportfile_new")).status_code == 302


# ---------------------------------------------------------------------------------------- what stays behind
def test_no_page_of_the_desk_is_kept_by_a_browser_or_a_proxy(desk):
    rows, lists = pages_of(objects())
    for path in rows + lists:
        kept = desk.get(path).get("Cache-Control", "")
        assert "no-store" in kept, path


def test_an_address_in_a_reason_is_refused_wherever_a_reason_is_asked_for(desk):
    found = objects()
    rows, lists = pages_of(found)
    Signature.objects.update(state="confirmed")
    asked = 0
    for path in rows + lists:
        page = desk.get(path)
        if (
            page.status_code == 200
            and b'name="reason"' in page.content
            and b'<select name="reason"' not in page.content
        ):
            posted = {"reason": "ada@mail.example said so", "petition": found["petition"].slug}
            answer = desk.post(path, posted)
            asked += 1
            assert answer.status_code == 422, path
            assert "Write no e-mail address here" in answer.content.decode(), path
    assert asked > 15
    assert not AuditEntry.objects.filter(reason__contains="@").exists()
