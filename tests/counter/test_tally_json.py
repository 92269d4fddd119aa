import pytest
from django.test import Client

from signatures.signing.confirm import confirm
from signatures.tally import snapshot
from signatures.tally.fold import fold
from tests.factories import make_petition, make_signature

pytestmark = pytest.mark.django_db
URL = "/api/v1/petitions/water/tally"


@pytest.fixture
def water():
    petition = make_petition(slug="water", goal=50)
    for country in ("PE", "FR", None):
        confirm(signature_id=make_signature(petition, country=country).pk, revision=0)
    fold()
    snapshot.forget()
    return petition


def test_it_says_what_a_counter_needs(water):
    answer = Client().get(URL).json()
    assert answer.pop("as_of").endswith("Z")
    assert answer == {
        "slug": "water",
        "state": "open",
        "total": 3,
        "goal": 50,
        "countries": 0,
        "paper": None,
        "version": 1,
        "poll_after": 60,
    }


def test_anybody_may_read_and_keep_it_for_a_moment(water):
    answer = Client().get(URL, headers={"Origin": "https://partner.example"})
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "public" in answer["Cache-Control"]
    assert "stale-while-revalidate" in answer["Cache-Control"]
    assert "stale-if-error" in answer["Cache-Control"]
    assert not answer.cookies
    assert answer.get("Vary", "") in ("", "Accept-Encoding")


def test_an_unchanged_count_is_a_304(water):
    etag = Client().get(URL)["ETag"]
    for sent in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        answer = Client().get(URL, headers={"If-None-Match": sent})
        assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", etag)
    assert Client().get(URL, headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_ready_answer_costs_no_query(water, django_assert_num_queries):
    Client().get(URL)
    with django_assert_num_queries(0):
        Client().get(URL)


def test_head_options_and_what_may_not_be_done(water):
    assert Client().head(URL).status_code == 200
    preflight = Client().options(URL)
    assert preflight.status_code == 204
    assert preflight["Access-Control-Allow-Origin"] == "*"
    for method in (Client().post, Client().put, Client().delete):
        assert method(URL).status_code == 405


@pytest.mark.parametrize("state", ["draft", None])
def test_what_is_not_public_is_not_there(state):
    if state:
        make_petition(slug="water", state=state)
    answer = Client().get(URL)
    assert answer.status_code == 404
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "ETag" not in answer


def test_the_web_process_tells_a_listener_to_stop(water):
    assert Client().get("/api/v1/petitions/water/stream").status_code == 204
    assert Client().get("/api/v1/petitions/nowhere/stream").status_code == 404
    make_petition(slug="draft", state="draft")
    assert Client().get("/api/v1/petitions/draft/stream").status_code == 404


def test_an_unknown_address_under_the_api_is_json():
    answer = Client().get("/api/v1/nothing")
    assert answer.status_code == 404
    assert answer.json()["error"]


class Reader:
    """Asks the WSGI application itself, as the server does."""

    def __init__(self):
        from petition.wsgi import application

        self.application = application

    def ask(self, method="GET", path=URL, **headers):
        from io import BytesIO

        environ = {
            "REQUEST_METHOD": method, "PATH_INFO": path, "SERVER_NAME": "testserver", "SERVER_PORT": "80",
            "wsgi.url_scheme": "http", "wsgi.input": BytesIO(b""), "HTTP_HOST": "testserver", **headers,
        }  # fmt: skip
        said = []
        parts = self.application(environ, lambda status, headers, *rest: said.extend((status, dict(headers))))
        body = b"".join(parts)
        if hasattr(parts, "close"):
            parts.close()
        return said[0], said[1], body


@pytest.mark.django_db(transaction=True)
def test_a_ready_answer_is_the_one_that_django_gives():
    make_petition(slug="water")
    reader = Reader()
    for how in ({}, {"method": "HEAD"}, {"HTTP_IF_NONE_MATCH": "*"}):
        first, ready = reader.ask(**how), reader.ask(**how)
        assert first[0] == ready[0]
        assert {k: v for k, v in first[1].items() if k != "Content-Length"} == ready[1]
        if how != {"method": "HEAD"}:  # servers drop the body that Django makes for it
            assert first[2] == ready[2]


@pytest.mark.django_db(transaction=True)
def test_a_ready_answer_passes_django_by_and_is_soon_made_anew(settings):
    settings.PAGE_TTL = 0.2
    petition = make_petition(slug="water")
    reader = Reader()
    assert b'"total": 0' in reader.ask()[2]
    reader.application.application = None  # whoever needed Django now would fail
    assert b'"total": 0' in reader.ask()[2]
    from petition import wsgi

    reader.application.application = wsgi._django
    confirm(signature_id=make_signature(petition).pk, revision=0)
    fold()
    snapshot.forget()
    import time

    time.sleep(0.25)
    assert b'"total": 1' in reader.ask()[2]


@pytest.mark.django_db(transaction=True)
def test_what_is_not_there_is_never_ready():
    reader = Reader()
    for _ in range(2):
        assert reader.ask()[0].startswith("404")
    assert reader.ask(method="POST")[0].startswith("405")
