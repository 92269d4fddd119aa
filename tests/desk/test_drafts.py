"""The link to a draft, as staff make it."""

import pytest

from signatures.letters.preview import make_preview_link, preview_link
from tests.factories import make_petition

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft():
    return make_petition(slug="water", state="draft", opened_at=None)


def test_the_desk_makes_shows_and_takes_back_the_link(desk, draft):
    page = f"/desk/signatures/petition/{draft.pk}"
    assert "/preview/" not in desk.get(f"{page}/change/").content.decode()
    assert desk.post(f"{page}/preview-link/", {"reason": "for the board"}).status_code == 302
    draft.refresh_from_db()
    assert preview_link(draft) in desk.get(f"{page}/change/").content.decode()
    assert desk.post(f"{page}/revoke-preview-link/", {"reason": "done"}).status_code == 302
    assert "/preview/" not in desk.get(f"{page}/change/").content.decode()
    assert desk.post(f"{page}/revoke-preview-link/", {"reason": "again"}).status_code == 422


def test_who_may_only_look_neither_makes_nor_sees_the_link(client, draft, staff):
    make_preview_link(petition_id=draft.pk, actor=None, reason="for the board")
    client.force_login(staff("view_petition", "run_petition"))
    page = f"/desk/signatures/petition/{draft.pk}"
    assert "/preview/" not in client.get(f"{page}/change/").content.decode()
    assert client.post(f"{page}/preview-link/", {"reason": "x"}).status_code == 403
