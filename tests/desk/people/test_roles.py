"""The matrix: each role against each page and each action of the desk, both ways.

V viewer, M moderator, C campaigner, D data officer, A administrator. What is written here is what staff are promised
in docs/staff.md; a page that is in neither table fails the last test.
"""

import json
import time

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.urls import reverse

from signatures.desk.entrance.pages import CONFIRMED
from signatures.desk.jobs.selection import Selection
from signatures.desk.people.roles import NAMES, ROLES, make_roles
from signatures.desk.site import desk as site
from signatures.models import (
    AuditEntry,
    Check,
    ExportFile,
    Job,
    LetterRevision,
    NameReview,
    PaperImport,
    Reach,
    RetentionRun,
    Rule,
    Suppression,
    Tally,
    TallyEntry,
    WebhookDelivery,
    WebhookEndpoint,
)
from signatures.privacy.indexes import person_index
from tests.factories import make_consent, make_mail, make_petition, make_signature, make_update

pytestmark = pytest.mark.django_db

LETTERS = {"V": "viewer", "M": "moderator", "C": "campaigner", "D": "data officer", "A": "administrator"}
ALL = "VMCDA"

# Who may look at a list and its rows · add · change · delete.
MODELS = {
    "signatures_petition": (ALL, "CA", "CA", ""),
    "signatures_letterrevision": (ALL, "", "", ""),
    "signatures_consenttext": (ALL, "", "", ""),
    "signatures_campaignupdate": (ALL, "CA", "CA", "CA"),
    "signatures_signature": (ALL, "", "", ""),
    "signatures_suppression": ("MDA", "", "", ""),
    "signatures_namereview": ("MCDA", "", "", ""),
    "signatures_outgoingmail": (ALL, "", "", ""),
    "signatures_tally": (ALL, "", "", ""),
    "signatures_tallyentry": (ALL, "", "", ""),
    "signatures_check": (ALL, "", "", ""),
    "signatures_webhookendpoint": ("CA", "CA", "CA", ""),
    "signatures_webhookdelivery": ("CA", "", "", ""),
    "signatures_auditentry": ("DA", "", "", ""),
    "signatures_job": (ALL, "", "", ""),
    "signatures_rule": ("MDA", "MDA", "MDA", "MDA"),
    "signatures_retentionrun": (ALL, "", "", ""),
    "signatures_exportfile": ("DA", "", "", ""),
    "signatures_paperimport": (ALL, "", "", ""),
    "auth_user": ("A", "A", "A", ""),
    "auth_group": ("A", "A", "A", ""),
}
STEPS = ["schedule", "unschedule", "open", "pause", "resume", "closing", "close", "reopen", "deliver", "undeliver"]
STEPS += ["preview-link", "revoke-preview-link"]
# Pages of our own, looked at (GET), by what stands in their address.
PAGES = {
    "signatures_waitingname_changelist": ("MCA", ()),
    "signatures_petition_import": ("CA", ()),
    "signatures_petition_letter_frame": (ALL, ()),
    **{f"signatures_petition_{step}": ("CA", ("petition",)) for step in STEPS},
    "signatures_petition_sources": (ALL, ("petition",)),
    "signatures_petition_keeping": (ALL, ("petition",)),
    "signatures_petition_legal_hold": ("DA", ("petition",)),
    "signatures_exportfile_new": ("DA", ()),
    "signatures_paperimport_new": ("DA", ()),
    "signatures_rule_run": ("MDA", ("rule",)),
    "signatures_rule_watch": ("MDA", ("rule",)),
    "signatures_rule_stop": ("MDA", ("rule",)),
    "signatures_job_progress": (ALL, ("job",)),
    "signatures_campaignupdate_publish": ("CA", ("campaignupdate",)),
    "signatures_campaignupdate_unpublish": ("CA", ("campaignupdate",)),
    **{
        f"signatures_campaignupdate_{page}": ("CA", ("campaignupdate",))
        for page in ("test", "send", "pause", "resume", "stop")
    },
    "signatures_campaignupdate_sending": (ALL, ("campaignupdate",)),
    "signatures_webhookendpoint_test": ("CA", ("webhookendpoint",)),
    "signatures_webhookendpoint_secret": ("CA", ("webhookendpoint",)),
    "signatures_webhookendpoint_replace": ("CA", ("webhookendpoint",)),
    "signatures_signature_reveal": ("DA", ("signature",)),
    "auth_user_password_change": ("A", ("user",)),
}
# Addresses that only take what is posted to them.
POSTS = {
    "signatures_signature_find": ("MDA", (), {"q": "ada@mail.example"}),
    "signatures_petition_preview_letter": ("CA", (), {"body": "A letter"}),
    "signatures_petition_preview_letters": ("CA", (), {"body": "A letter"}),
    "signatures_petition_store": ("CA", (), {"title": "A", "addressee": "B", "body": "C", "language": "en"}),
}
# Pages whose address says what is done there.
KINDS = {"hold": "MDA", "release": "MDA", "invalidate": "DA", "erase": "DA"}
ORDERS = {"cancel": "MDA", "undo": "MDA"}
OTHERS_FILES = {"signatures_exportfile_download", "signatures_paperimport_take", "signatures_paperimport_problems"}
MORE = {"signatures_signature_bulk", "signatures_job_order", *OTHERS_FILES}
# An action of a list, and who has it.
ACTIONS = {
    ("signatures_signature", "hold_selected"): "MDA",
    ("signatures_signature", "release_selected"): "MDA",
    ("signatures_signature", "invalidate_selected"): "DA",
    ("signatures_signature", "erase_selected"): "DA",
    ("signatures_suppression", "lift_selected"): "DA",
    ("signatures_namereview", "again_selected"): "MCA",
    ("signatures_webhookdelivery", "send_again_selected"): "CA",
    ("auth_user", "reset_second_factor"): "A",
}
# For everybody who is in, or before anybody is; and pages that a model does not have, which are refused to all.
ENTRANCE = {
    "help",
    "login",
    "logout",
    "index",
    "second_factor",
    "confirm_identity",
    "password_change",
    "password_change_done",
}
DJANGO = {"autocomplete", "jsi18n", "view_on_site", "app_list"}
NOT_THERE = {f"signatures_waitingname_{page}" for page in ("add", "change", "delete", "history")}


def objects():
    petition = make_petition()
    row = make_signature(petition, state="confirmed")
    endpoint = WebhookEndpoint.objects.create(
        petition=petition, partner="A partner", url="https://partner.example/", secret_sealed=b"x"
    )
    return {
        "petition": petition,
        "signature": row,
        "consenttext": make_consent(),
        "campaignupdate": make_update(petition, published=False),
        "letterrevision": LetterRevision.objects.create(
            petition=petition, language="en", version=1, title="A", addressee="B", body="C"
        ),
        "suppression": Suppression.objects.create(petition=petition, person_index=person_index("no@mail.example")),
        "namereview": NameReview.objects.create(
            signature=row,
            petition=petition,
            name_digest=b"x",
            verdict="refused",
            reason="other",
            reviewed_at=row.created_at,
            place=row.pk,
        ),
        "outgoingmail": make_mail(row),
        "tally": Tally.objects.create(petition=petition, as_of=row.created_at),
        "tallyentry": TallyEntry.objects.create(petition=petition, country="FR", day=row.created_at.date(), delta=1),
        "check": Check.objects.create(name="recount", ran_at=row.created_at),
        "webhookendpoint": endpoint,
        "webhookdelivery": WebhookDelivery.objects.create(
            endpoint=endpoint, event="petition.closed", payload={}, due_at=row.created_at
        ),
        "job": Job.objects.create(kind="hold", petition=petition, params={}, reason="why", moves=True),
        "rule": Rule.objects.create(petition=petition, name="a wave", country="FR"),
        "retentionrun": RetentionRun.objects.create(
            petition=petition, day=row.created_at.date(), kind="names", count=1
        ),
        "exportfile": ExportFile.objects.create(
            petition=petition,
            purpose="figures",
            format="csv",
            language="en",
            reason="why",
            made_for=User.objects.create_user("other"),
            expires_at=row.created_at,
        ),
        "paperimport": PaperImport.objects.create(
            petition=petition,
            file_name="sheets.csv",
            format="csv",
            made_by=User.objects.create_user("another"),
            expires_at=row.created_at,
        ),
        "auditentry": AuditEntry.objects.create(action="open", object_type="petition"),
        "user": User.objects.create_user("somebody", is_staff=True),
        "group": Group.objects.create(name="a group of our own"),
    }


@pytest.fixture(params=LETTERS)
def role(request):
    return request.param


@pytest.fixture
def browser(client, role):
    """Somebody of that role, on every petition, who has just shown who they are."""
    make_roles()
    person = User.objects.create_user("mo", is_staff=True)
    person.groups.add(Group.objects.get(name=LETTERS[role]))
    Reach.objects.create(user=person, every_petition=True)
    client.force_login(person)
    session = client.session
    session[CONFIRMED] = time.time()
    session.save()
    return client


def at(name, *args):
    return reverse(f"admin:{name}", args=args)


def check(wrong, *, what, role, allowed, answer, good=(200,)):
    """Note a refusal of what is allowed, and the other way round."""
    wanted = good if role in allowed else (403,)
    if answer.status_code not in wanted:
        wrong.append(f"{what}: {answer.status_code}, not {wanted}")


def test_each_list_row_and_form_opens_to_its_roles_alone(browser, role):
    found, wrong = objects(), []
    for name, (look, add, change, delete) in MODELS.items():
        pk = found[name.split("_")[1]].pk
        for page, allowed in (("changelist", look), ("change", look), ("history", look), ("delete", delete)):
            path = at(f"{name}_{page}", *(() if page == "changelist" else (pk,)))
            check(wrong, what=f"{name} {page}", role=role, allowed=allowed, answer=browser.get(path))
        check(wrong, what=f"{name} add", role=role, allowed=add, answer=browser.get(at(f"{name}_add")))
        # Nothing is filled in: whoever may change it hears what is missing.
        posted = browser.post(at(f"{name}_change", pk), {})
        check(wrong, what=f"{name} save", role=role, allowed=change, answer=posted, good=(200, 302))
    assert not wrong


def test_each_page_of_our_own_opens_to_its_roles_alone(browser, role):
    found, wrong = objects(), []
    for name, (allowed, args) in PAGES.items():
        path = at(name, *(found[each].pk for each in args))
        check(wrong, what=name, role=role, allowed=allowed, answer=browser.get(path))
        if role not in allowed:
            check(wrong, what=f"{name}, posted", role=role, allowed="", answer=browser.post(path, {"reason": "why"}))
    for name, (allowed, args, form) in POSTS.items():
        path = at(name, *(found[each].pk for each in args))
        check(wrong, what=name, role=role, allowed=allowed, answer=browser.post(path, form), good=(200, 302))
    assert not wrong


def test_each_bulk_page_and_order_opens_to_its_roles_alone(browser, role):
    found, wrong = objects(), []
    selection = json.dumps(Selection.of_ids(found["petition"].pk, [found["signature"].pk]).params())
    for kind, allowed in KINDS.items():
        answer = browser.get(at("signatures_signature_bulk", kind), {"selection": selection})
        check(wrong, what=f"bulk {kind}", role=role, allowed=allowed, answer=answer)
    Job.objects.update(state="paused")
    for order, allowed in ORDERS.items():
        answer = browser.get(at("signatures_job_order", found["job"].pk, order))
        check(wrong, what=f"order {order}", role=role, allowed=allowed, answer=answer)
    for name in OTHERS_FILES:
        answer = browser.post(at(name, found[name.split("_")[1]].pk), {"reason": "why"})
        check(wrong, what=f"{name} of another's file", role=role, allowed="", answer=answer)
    assert not wrong


def test_each_action_is_offered_and_obeyed_for_its_roles_alone(browser, role):
    found, wrong = objects(), []
    for (name, action), allowed in ACTIONS.items():
        path = at(f"{name}_changelist")
        ticked = {"action": action, "_selected_action": str(found[name.split("_")[1]].pk)}
        answer = browser.get(path)
        if answer.status_code == 403:
            if role in allowed:
                wrong.append(f"{name} {action}: the list is refused")
            continue
        if (f'value="{action}"' in answer.content.decode()) != (role in allowed):
            wrong.append(f"{name} {action}: offered to the wrong people")
        asked = browser.post(path, ticked)
        leads_on = asked.status_code == 302 and "/bulk/" in asked["Location"]
        asks = asked.status_code == 200 and b'<input type="text" name="reason"' in asked.content
        if (leads_on or asks) != (role in allowed):
            wrong.append(f"{name} {action}: obeyed for the wrong people")
        if role not in allowed:
            browser.post(path, ticked | {"reason": "why"})
    assert not wrong
    assert not AuditEntry.objects.filter(reason="why").exists(), "somebody did what they may not"


def test_every_page_of_the_desk_is_in_the_matrix():
    named, queue = set(), list(site.get_urls())
    while queue:
        each = queue.pop()
        if hasattr(each, "url_patterns"):
            queue += each.url_patterns
        elif each.name:
            named.add(each.name)
    known = {f"{name}_{page}" for name in MODELS for page in ("changelist", "add", "change", "delete", "history")}
    known |= PAGES.keys() | POSTS.keys() | MORE | ENTRANCE | DJANGO | NOT_THERE
    assert named == known


def test_pages_that_nobody_needs_are_refused_to_all(browser):
    row = make_signature(make_petition(), state="confirmed", show_name=True)
    for name in sorted(NOT_THERE):
        path = at(name) if name.endswith("_add") else at(name, row.pk)
        assert browser.get(path).status_code in (403, 302), name


def test_every_list_action_is_in_the_matrix(rf, admin_user):
    request = rf.get("/")
    request.user = admin_user
    known = set()
    for model, admin in site._registry.items():
        known |= {(f"{model._meta.app_label}_{model._meta.model_name}", name) for name in admin.get_actions(request)}
    assert known == set(ACTIONS)


def test_a_role_holds_just_the_permissions_that_it_names():
    make_roles()
    for name, may in ROLES.items():
        held = set(Group.objects.get(name=name).permissions.values_list("codename", flat=True))
        assert held == may, "a permission that no model has, or one too many"
    assert NAMES.keys() == ROLES.keys()


def test_migrating_puts_a_role_right_and_leaves_other_groups_alone():
    make_roles()
    wrong = Permission.objects.get(codename="change_user")
    Group.objects.get(name="viewer").permissions.add(wrong)
    own = Group.objects.create(name="translators")
    own.permissions.add(wrong)
    make_roles()
    assert wrong not in Group.objects.get(name="viewer").permissions.all()
    assert wrong in own.permissions.all()
