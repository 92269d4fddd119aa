"""Source tags at the desk: figures of groups, never of a few."""

import pytest

from signatures.models import SourceTally
from tests.factories import make_petition

pytestmark = pytest.mark.django_db


def page_of(petition):
    return f"/desk/signatures/petition/{petition.pk}/sources/"


def tag(petition, source, total):
    SourceTally.objects.create(petition=petition, source=source, total=total, as_of=petition.created_at)


def test_a_group_is_shown_with_its_number_and_a_small_one_without(desk):
    petition = make_petition()
    for source, total in (("radio", 10), ("news", 4321), ("leaflet", 9), ("a-friend", 1)):
        tag(petition, source, total)
    tag(make_petition(), "elsewhere", 77)
    page = desk.get(page_of(petition)).content.decode()
    names = [name for name in ("news", "radio", "a-friend", "leaflet") if name in page]
    assert sorted(names, key=lambda name: page.index(f">{name}<")) == ["news", "radio", "a-friend", "leaflet"]
    assert "4,321" in page
    assert page.count("fewer than 10") == 2
    assert "elsewhere" not in page
    for hidden in (">9<", ">1<"):
        assert hidden not in page


def test_a_campaigns_higher_threshold_holds_here_too(desk):
    petition = make_petition(country_threshold=50)
    tag(petition, "radio", 49)
    assert "fewer than 50" in desk.get(page_of(petition)).content.decode()


def test_the_petitions_page_leads_there_and_an_empty_one_says_so(desk):
    petition = make_petition()
    assert page_of(petition) in desk.get(f"/desk/signatures/petition/{petition.pk}/change/").content.decode()
    assert "No confirmed signature has come with a tag" in desk.get(page_of(petition)).content.decode()
    assert desk.get("/desk/signatures/petition/99999/sources/").status_code == 404


def test_it_takes_the_permission_to_see_petitions(client, staff):
    petition = make_petition()
    client.force_login(staff("view_signature"))
    assert client.get(page_of(petition)).status_code == 403
    client.force_login(staff("view_petition", username="ada"))
    assert client.get(page_of(petition)).status_code == 200


def test_the_page_asks_the_same_few_queries_however_many_tags(desk, django_assert_max_num_queries):
    petition = make_petition()
    for number in range(40):
        tag(petition, f"tag-{number}", number)
    with django_assert_max_num_queries(8):
        desk.get(page_of(petition))


def test_a_tag_is_never_markup(desk):
    petition = make_petition()
    tag(petition, "<script>x</script>", 20)
    assert "<script>x" not in desk.get(page_of(petition)).content.decode()
