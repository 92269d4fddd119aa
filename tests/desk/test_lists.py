"""Every list asks the database the same, however many rows it has, and never counts them."""

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from signatures.desk.site import desk as site
from signatures.models import (
    AuditEntry,
    ConsentText,
    ExportFile,
    Job,
    LetterRevision,
    NameReview,
    OutgoingMail,
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
from tests.factories import make_mail, make_petition, make_signature, make_update

pytestmark = pytest.mark.django_db


def petition(number):
    Tally.objects.create(petition=make_petition(), total=number, as_of="2026-11-24T10:00Z")


def mail(_number):
    make_mail(make_signature(make_petition()))


def entry(_number):
    TallyEntry.objects.create(petition=make_petition(), country="FR", day="2026-11-24", delta=1)


def suppression(number):
    Suppression.objects.create(petition=make_petition(), person_index=bytes([number]) * 32)


def audit(number):
    actor = User.objects.create_user(f"person-{number}")
    AuditEntry.objects.create(actor=actor, action="hold", object_type="signature")


def review(_number):
    row = make_signature(make_petition(), state="confirmed", show_name=True)
    NameReview.objects.create(
        signature=row,
        petition=row.petition,
        name_digest=b"x",
        verdict="shown",
        reviewed_at=row.created_at,
        place=row.pk,
    )


def update(_number):
    make_update(make_petition())


def delivery(number):
    endpoint = WebhookEndpoint.objects.create(
        petition=make_petition(), partner="A partner", url="https://partner.example/", secret_sealed=b"x"
    )
    WebhookDelivery.objects.create(
        endpoint=endpoint, event="petition.closed", key=str(number), payload={}, due_at="2026-11-24T10:00Z"
    )


def wording(number):
    LetterRevision.objects.create(
        petition=make_petition(), language="en", version=number + 1, title="A", addressee="B", body="C"
    )


def job(number):
    person = User.objects.create_user(f"person-{number}")
    selection = {"petition": 1, "filters": {}}
    Job.objects.create(
        kind="hold", petition=make_petition(), reason="a wave", created_by=person, params={"selection": selection}
    )


def rule(_number):
    Rule.objects.create(petition=make_petition(), name="a wave", country="FR", source="flyer", name_pattern="buy *")


def export(number):
    ExportFile.objects.create(
        petition=make_petition(),
        purpose="figures",
        format="csv",
        language="en",
        reason="why",
        made_for=User.objects.create_user(f"person-{number}"),
        expires_at=timezone.now(),
    )


def paper(number):
    PaperImport.objects.create(
        petition=make_petition(),
        made_by=User.objects.create_user(f"person-{number}"),
        file_name="sheets.csv",
        format="csv",
        expires_at=timezone.now(),
    )


def deletion(_number):
    RetentionRun.objects.create(petition=make_petition(), day=timezone.now().date(), kind="names", count=1)


def consent(number):
    ConsentText.objects.all().delete() if not number else None
    ConsentText.objects.create(version=str(number), language="en", text="We keep it.")


def person(number):
    """The administrator who looks is one of them."""
    if number:
        somebody = User.objects.create_user(f"person-{number}", is_staff=True)
        somebody.groups.add(Group.objects.create(name=f"those of {number}"))
        Reach.objects.create(user=somebody).petitions.add(make_petition(), make_petition())


def group(number):
    Group.objects.all().delete() if not number else None
    Group.objects.create(name=f"those of {number}")


# With how many queries each is opened, two of which keep the session's idle time.
LISTS = {
    "petition": (petition, 7),
    "outgoingmail": (mail, 7),
    "tally": (petition, 7),
    "tallyentry": (entry, 7),
    "suppression": (suppression, 7),
    "auditentry": (audit, 7),
    "namereview": (review, 7),
    "campaignupdate": (update, 8),
    "webhookendpoint": (delivery, 7),
    "webhookdelivery": (delivery, 7),
    "letterrevision": (wording, 7),
    "job": (job, 7),
    "rule": (rule, 7),
    "exportfile": (export, 7),
    "paperimport": (paper, 7),
    "retentionrun": (deletion, 7),
    "consenttext": (consent, 7),
    "auth/user": (person, 11),
    "auth/group": (group, 8),
}
COUNT_THEIR_ROWS = {"auth/user", "auth/group"}  # Django's own lists: of staff there are tens, not millions
# Asked where the rest of them is tested; of the checks there are two.
ELSEWHERE = {"signature", "waitingname", "check"}


def test_no_list_of_the_desk_is_left_out():
    names = {
        model._meta.model_name if model._meta.app_label == "signatures" else f"auth/{model._meta.model_name}"
        for model in site._registry
    }
    assert names == LISTS.keys() | ELSEWHERE


@pytest.mark.parametrize("name", LISTS)
def test_a_list_asks_the_database_the_same_whatever_the_number_of_rows(desk, name):
    make, most = LISTS[name]

    def queries():
        with CaptureQueriesContext(connection) as asked:
            answer = desk.get(f"/desk/{name}/" if "/" in name else f"/desk/signatures/{name}/")
        assert answer.status_code == 200
        if name not in COUNT_THEIR_ROWS:
            assert not any("COUNT(" in query["sql"].upper() for query in asked)
        return len(asked), len(answer.context["cl"].result_list)

    for number in range(2):
        make(number)
    (few, two) = queries()
    for number in range(2, 20):
        make(number)
    (many, twenty) = queries()
    assert (two, twenty) == (2, 20)
    assert few == many <= most


def test_mails_of_others_petitions_are_not_listed(client, staff):
    mine, theirs = make_mail(make_signature(make_petition())), make_mail(make_signature(make_petition()))
    client.force_login(staff("view_outgoingmail", petitions=[mine.signature.petition]))
    rows = client.get("/desk/signatures/outgoingmail/").context["cl"].result_list
    assert [row.pk for row in rows] == [mine.pk]
    assert OutgoingMail.objects.filter(pk=theirs.pk).exists()
