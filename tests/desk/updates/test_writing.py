"""Updates at the desk: written, published, taken back, and by whom."""

import pytest

from signatures.letters.updates import published_updates
from signatures.models import AuditEntry, CampaignUpdate
from tests.factories import make_petition, make_update

pytestmark = pytest.mark.django_db
LIST = "/desk/signatures/campaignupdate/"


def form_of(petition, **fields):
    return {
        "petition": petition.pk,
        "original_language": "en",
        "texts-TOTAL_FORMS": 1,
        "texts-INITIAL_FORMS": 0,
        "texts-0-language": "en",
        "texts-0-title": "Delivered",
        "texts-0-body": "We **delivered** it.",
        **fields,
    }


def edit_form_of(update, **fields):
    text = update.texts.get()
    own = {"texts-INITIAL_FORMS": 1, "texts-0-id": text.pk, "texts-0-update": update.pk}
    return form_of(update.petition, **own, **fields)


def test_written_then_published_then_taken_back_each_recorded(desk, admin_user):
    petition = make_petition()
    assert desk.post(LIST + "add/", form_of(petition)).status_code == 302
    update = CampaignUpdate.objects.get()
    assert published_updates(petition.pk, "en") == []
    page = f"{LIST}{update.pk}/"
    assert "Publish…" in desk.get(page + "change/").content.decode()
    assert "Reason" in desk.get(page + "publish/").content.decode()
    assert desk.post(page + "publish/", {"reason": "the hand-over"}).status_code == 302
    assert [each.title for each in published_updates(petition.pk, "en")] == ["Delivered"]
    assert "Take back…" in desk.get(page + "change/").content.decode()
    assert desk.post(page + "unpublish/", {"reason": "a wrong date"}).status_code == 302
    assert published_updates(petition.pk, "en") == []
    said = AuditEntry.objects.order_by("id").values_list("actor", "action", "object_type", "object_id")
    assert list(said) == [
        (admin_user.pk, action, "campaignupdate", str(update.pk)) for action in ("add", "publish", "unpublish")
    ]


def test_who_may_write_updates_may_write_their_texts(client, staff):
    client.force_login(staff("view_campaignupdate", "add_campaignupdate", "change_campaignupdate"))
    assert client.post(LIST + "add/", form_of(make_petition())).status_code == 302
    update = CampaignUpdate.objects.get()
    client.post(f"{LIST}{update.pk}/change/", edit_form_of(update, **{"texts-0-title": "Corrected"}))
    assert update.texts.get().title == "Corrected"
    client.force_login(staff("view_campaignupdate", username="reader"))
    assert "Corrected" in client.get(f"{LIST}{update.pk}/change/").text
    assert client.post(f"{LIST}{update.pk}/change/", edit_form_of(update)).status_code == 403


def test_an_edited_update_is_public_at_once(desk, django_capture_on_commit_callbacks):
    update = make_update(make_petition())
    published_updates(update.petition_id, "en")
    with django_capture_on_commit_callbacks(execute=True):
        answer = desk.post(f"{LIST}{update.pk}/change/", edit_form_of(update, **{"texts-0-title": "Corrected"}))
    assert answer.status_code == 302
    assert published_updates(update.petition_id, "en")[0].title == "Corrected"
    assert AuditEntry.objects.get().action == "change"


def test_a_published_update_keeps_its_original_text_and_cannot_be_deleted(desk):
    update = make_update(make_petition())
    answer = desk.post(f"{LIST}{update.pk}/change/", edit_form_of(update, **{"texts-0-DELETE": "on"}))
    assert "Keep the text in the original language" in answer.content.decode()
    assert desk.post(f"{LIST}{update.pk}/delete/", {"post": "yes"}).status_code == 403
    assert update.texts.count() == 1


def test_an_update_needs_a_text_and_a_language_code(desk):
    answer = desk.post(LIST + "add/", form_of(make_petition(), **{"texts-0-language": "English!"}))
    assert "A language code is like" in answer.content.decode()
    assert desk.post(LIST + "add/", form_of(make_petition(), **{"texts-0-title": ""})).status_code == 200
    assert CampaignUpdate.objects.count() == 0


def test_publishing_twice_says_so(desk):
    update = make_update(make_petition())
    answer = desk.post(f"{LIST}{update.pk}/publish/", {"reason": "again"})
    assert answer.status_code == 422
    assert "published already" in answer.content.decode()


def test_who_may_only_look_cannot_publish(client, staff):
    client.force_login(staff("view_campaignupdate"))
    update = make_update(make_petition(), published=False)
    assert client.get(LIST).status_code == 200
    assert client.post(f"{LIST}{update.pk}/publish/", {"reason": "news"}).status_code == 403
    update.refresh_from_db()
    assert update.published_at is None


def test_the_list_costs_no_query_for_each_row(desk, django_assert_max_num_queries):
    petition = make_petition()
    for _ in range(12):
        make_update(petition)
    with django_assert_max_num_queries(8):
        assert desk.get(LIST).content.decode().count("News") == 12
