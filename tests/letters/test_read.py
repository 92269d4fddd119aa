import pytest

from signatures.letters.read import forget, open_petitions, published
from signatures.letters.render import render_letter
from tests.factories import make_petition

pytestmark = pytest.mark.django_db


def test_a_letter_costs_two_queries_cold_and_none_warm(django_assert_max_num_queries, django_assert_num_queries):
    make_petition(slug="water", languages=("fr",))
    with django_assert_max_num_queries(2):
        published("water")
    with django_assert_num_queries(0):
        assert published("water").letter_in("fr").language == "fr"
        assert published("water").letter_in("ar").language == "en"


def test_drafts_and_the_unknown_are_not_published():
    make_petition(slug="water", state="draft")
    assert published("water") is None
    assert published("air") is None
    assert open_petitions() == []


def test_a_change_is_seen_after_forgetting():
    petition = make_petition(slug="water")
    assert published("water").goal == 1000
    petition.goal = 5
    petition.save()
    assert published("water").goal == 1000
    forget("water")
    assert published("water").goal == 5


@pytest.mark.parametrize(
    ("markdown", "never"),
    [
        ("<script>alert(1)</script>", "<script"),
        ("[x](javascript:alert(1))", 'javascript:alert(1)"'),
        ("![x](https://elsewhere.example/pixel.png)", "<img"),
        ("<a href='x' onclick='y'>z</a>", "<a href"),
        ("<style>body{}</style>", "<style"),
        ("[x](data:text/html,hi)", 'data:text/html,hi"'),
    ],
)
def test_nothing_in_a_letter_runs_or_loads(markdown, never):
    assert never not in render_letter(markdown)


def test_headings_stand_under_the_pages_own_title():
    assert render_letter("# One\n\n## Two") == "<h2>One</h2>\n<h3>Two</h3>\n"


def test_links_leave_without_telling_from_where():
    assert 'rel="noopener noreferrer"' in render_letter("[x](https://un.org)")
