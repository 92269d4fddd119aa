"""Updates from the campaign, as readers get them."""

import pytest

from signatures.letters.updates import UpdateProblem, publish_update, published_updates, unpublish_update
from signatures.models import AuditEntry
from tests.factories import make_petition, make_update

pytestmark = pytest.mark.django_db


@pytest.fixture
def water():
    return make_petition(slug="water")


def titles(petition, language="en"):
    return [update.title for update in published_updates(petition.pk, language)]


def test_an_update_is_read_once_it_is_published(water):
    update = make_update(water, published=False)
    assert titles(water) == []
    publish_update(update_id=update.pk, actor=None, reason="the hand-over")
    assert titles(water) == ["News"]
    unpublish_update(update_id=update.pk, actor=None, reason="a wrong date")
    assert titles(water) == []
    assert list(AuditEntry.objects.order_by("id").values_list("action", "object_id", "reason")) == [
        ("publish", str(update.pk), "the hand-over"),
        ("unpublish", str(update.pk), "a wrong date"),
    ]


def test_the_newest_comes_first_each_in_the_language_asked_for_or_its_own(water):
    make_update(water, title="First", languages=("fr",))
    make_update(water, title="Second")
    assert titles(water, "fr") == ["Second", "First (fr)"]
    assert [update.language for update in published_updates(water.pk, "fr")] == ["en", "fr"]


def test_its_text_is_rendered_as_safely_as_a_letter(water):
    make_update(water, body="**Thanks** <script>alert(1)</script> [x](javascript:alert(1))")
    (update,) = published_updates(water.pk, "en")
    assert "<strong>Thanks</strong>" in update.html
    assert "<script" not in update.html
    assert "href" not in update.html


def test_updates_belong_to_their_petition_and_cost_one_query_once(water, django_assert_num_queries):
    make_update(make_petition())
    make_update(water, languages=("fr",))
    with django_assert_num_queries(1):
        assert len(published_updates(water.pk, "en")) == 1
    with django_assert_num_queries(0):
        published_updates(water.pk, "fr")


def test_what_cannot_be_published_says_why(water):
    empty = make_update(water, published=False, texts=False)
    with pytest.raises(UpdateProblem, match="no text in its original language"):
        publish_update(update_id=empty.pk, actor=None, reason="news")
    public = make_update(water)
    with pytest.raises(UpdateProblem, match="published already"):
        publish_update(update_id=public.pk, actor=None, reason="news")
    with pytest.raises(UpdateProblem, match="Say why"):
        unpublish_update(update_id=public.pk, actor=None, reason=" ")
