"""Every page of the desk, as an administrator meets it: readable by everybody, by day and by night, in a hand too."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Page

from tests.desk.people.test_roles import ACTIONS, KINDS, MODELS, PAGES
from tests.stack import Stack

pytestmark = pytest.mark.xdist_group("desk")

# One of everything, made once, through the functions that staff's clicks call. Prints the ids by kind.
ONE_OF_EACH = """
import json
from datetime import timedelta
from django.contrib.auth.models import Group, User
from django.utils import timezone
from signatures.desk.export.store import start_export
from signatures.desk.home.refresh import refresh_figures
from signatures.desk.jobs.run import run_now
from signatures.desk.jobs.selection import Selection
from signatures.desk.jobs.start import start_job
from signatures.models import *
from signatures.privacy.indexes import person_index
from signatures.signing.confirm import confirm
from signatures.signing.review.names import refuse_names, waiting_names
from signatures.tally.fold import fold
from signatures.tally.tasks import recount
from tests.factories import *

boss = User.objects.get(username="staff")
slug = "every-page"
if not Petition.objects.filter(slug=slug).exists():
    petition = make_petition(slug=slug, languages=("fr", "ar"), show_names=True)
    long = "Wolfeschlegelsteinhausenbergerdorff-Ó Súilleabháin"
    for number in range(130):
        row = make_signature(petition, name=f"{long} {number}", email=f"n{number}@{number % 7}.mail.example",
            show_name=number % 2 == 0, hand_over=True, source="newsletter-3" if number % 5 == 0 else "")
        if number % 4:
            confirm(signature_id=row.pk, revision=0)
        elif number % 8:
            make_mail(row)
    held = make_signature(petition, state="held", held_reason="trap")
    names = [(n.signature_id, n.digest) for n in waiting_names(most=3, petition_ids=[petition.pk])]
    refuse_names(names[:1], reason="insult", actor=boss)
    Suppression.objects.create(petition=petition, person_index=person_index("no@mail.example"))
    endpoint = WebhookEndpoint.objects.create(petition=petition, partner="A partner with a rather long name",
        url="https://partner.example/a/rather/long/address/that/somebody/chose/for/their/hook", secret_sealed=b"x")
    WebhookDelivery.objects.create(endpoint=endpoint, event="petition.closed", payload={}, due_at=timezone.now(),
        attempts=2, error="The name does not resolve.")
    RetentionRun.objects.create(petition=petition, day=timezone.now().date(), kind="unconfirmed", count=12)
    Rule.objects.create(petition=petition, name="a wave of one minute", country="FR", name_pattern="Wolfe*")
    update = make_update(petition, published=False)
    LetterRevision.objects.create(petition=petition, language="en", version=1, title="A", addressee="B", body="C")
    job = start_job(kind="hold", petition=petition, reason="a wave from one network", actor=boss, total=1,
        params={"selection": Selection.of_ids(petition.pk, [row.pk]).frozen().params()})
    run_now(job)
    make_paper(petition, 3)
    file = start_export(petition=petition, purpose="figures", format_="csv", language="en", reason="for the press",
        actor=boss)
    mo = User.objects.create_user("mo", is_staff=True, first_name="Mo", last_name="Staff", email="mo@campaign.example")
    mo.groups.add(Group.objects.get(name="moderator"))
    Reach.objects.create(user=mo).petitions.add(petition)
    Group.objects.create(name="translators")
recount()
refresh_figures(whole=True)
petition = Petition.objects.get(slug=slug)
of_it = {"petition": petition}
print(json.dumps({
    "petition": str(petition.pk),
    "signature": str(Signature.objects.filter(state="confirmed", **of_it).first().pk),
    "held": str(Signature.objects.filter(state="held", **of_it).first().pk),
    "consenttext": str(ConsentText.objects.first().pk),
    "campaignupdate": str(CampaignUpdate.objects.get(**of_it).pk),
    "letterrevision": str(LetterRevision.objects.filter(**of_it).first().pk),
    "suppression": str(Suppression.objects.get(**of_it).pk),
    "namereview": str(NameReview.objects.filter(**of_it).first().pk),
    "outgoingmail": str(OutgoingMail.objects.filter(signature__petition=petition).first().pk),
    "tally": str(petition.pk),
    "tallyentry": str(TallyEntry.objects.filter(**of_it).first().pk),
    "check": "recount",
    "webhookendpoint": str(WebhookEndpoint.objects.get(**of_it).pk),
    "webhookdelivery": str(WebhookDelivery.objects.filter(endpoint__petition=petition).first().pk),
    "job": str(Job.objects.get(kind="hold", **of_it).pk),
    "rule": str(Rule.objects.get(**of_it).pk),
    "retentionrun": str(RetentionRun.objects.get(**of_it).pk),
    "exportfile": str(ExportFile.objects.filter(**of_it).first().pk),
    "paperimport": str(PaperImport.objects.get(**of_it).pk),
    "auditentry": str(AuditEntry.objects.first().pk),
    "user": str(User.objects.get(username="mo").pk),
    "group": str(Group.objects.get(name="translators").pk),
}))
"""
# What stands in a page of ours or answers its script.
NO_PAGE = {"signatures_job_progress", "signatures_petition_letter_frame"}
LOOKS = [("light", 1280), ("dark", 360)]
PARTS = 6  # of all pages, each a test: axe takes a second for a page


@pytest.fixture(scope="session")
def one_of_each(stack: Stack, desk_password: str) -> dict[str, str]:
    """The ids of one of everything that the desk has a page for."""
    stack.manage("simulate", "--signatures", "300", "--countries", "20")
    found: dict[str, str] = json.loads(stack.manage("shell", "-c", ONE_OF_EACH).splitlines()[-1])
    return found


def every_page(found: dict[str, str]) -> Iterator[tuple[str, str]]:
    """A name and an address for each page of the matrix (people/test_roles.py) that an administrator may open."""

    def at(name: str, *args: str) -> str:
        return reverse(f"admin:{name}", args=args)

    for name in ("index", "help", "password_change"):
        yield name, at(name)
    for app in ("signatures", "auth"):
        yield f"{app}_list", at("app_list", app)
    for name, (look, add, _change, delete) in MODELS.items():
        pk = found[name.split("_")[1]]
        for page, allowed in (
            ("changelist", look),
            ("add", add),
            ("change", look),
            ("history", look),
            ("delete", delete),
        ):
            if "A" in allowed:
                args = () if page in ("changelist", "add") else (pk,)
                yield f"{name}_{page}", at(f"{name}_{page}", *args)
    for name, (allowed, args) in PAGES.items():
        if "A" in allowed and name not in NO_PAGE:
            yield name, at(name, *(found[each] for each in args))
    selection = json.dumps({"petition_id": int(found["petition"])})
    for kind in KINDS:
        yield f"bulk_{kind}", f"{at('signatures_signature_bulk', kind)}?selection={selection}"
    yield "job_undo", at("signatures_job_order", found["job"], "undo")
    yield "signature_held", at("signatures_signature_change", found["held"])
    yield "signatures_narrowed", f"{at('signatures_signature_changelist')}?petition={found['petition']}&state=confirmed"
    yield "signatures_none", f"{at('signatures_signature_changelist')}?state=erased&country=VA"


def open_page(page: Page, address: str, *, password: str) -> int:
    """Open it, and show who it is if that is asked; the status of the answer."""
    answer = page.goto(address)
    if "/confirm-identity/" in page.url:
        page.locator("#id_password").fill(password)
        with page.expect_navigation() as after:
            page.locator("[type=submit]").click()
        answer = after.value
    assert answer is not None
    return answer.status


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look[0]}-{look[1]}")
def test_everybody_can_read_every_page(
    open_desk: Callable[..., Page],
    desk_password: str,
    one_of_each: dict[str, str],
    look: tuple[str, int],
    part: int,
) -> None:
    scheme, width = look
    page = open_desk(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
    wrong: dict[str, Any] = {}
    for name, address in list(every_page(one_of_each))[part::PARTS]:
        status = open_page(page, address, password=desk_password)
        faults = [(each["id"], each["nodes"][0]["html"][:200]) for each in Axe().run(page).response["violations"]]
        if status != 200:
            faults.append(("status", str(status)))
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            faults.append(("scrolls sideways", str(page.evaluate("document.documentElement.scrollWidth"))))
        if faults:
            wrong[name] = faults
    assert not wrong, json.dumps(wrong, indent=1)


def test_every_action_of_a_list_can_be_chosen(open_desk: Callable[..., Page], one_of_each: dict[str, str]) -> None:
    """What the matrix promises an administrator stands in the list, in words."""
    page = open_desk(viewport={"width": 1280, "height": 900})
    for (name, action), allowed in ACTIONS.items():
        assert "A" in allowed
        page.goto(reverse(f"admin:{name}_changelist"))
        words = page.locator(f"select[name=action] option[value={action}]").inner_text()
        assert words.strip(), action
