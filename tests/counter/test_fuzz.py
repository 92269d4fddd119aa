"""The data addresses of a running server, asked what the document allows and what it does not."""

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error

from signatures.counter.openapi import document

SLUG = "fuzzed"  # closed, so that no page of the shared server lists it
schema = schemathesis.openapi.from_dict(document())


@pytest.fixture(scope="module")
def server(stack):
    """The running server, with a petition that has something to say."""
    made = f"make_petition(slug={SLUG!r}, state='closed')"
    stack.manage("shell", "-c", f"from tests.factories import make_petition, make_update\nmake_update({made})")
    stack.manage("simulate", "--slug", SLUG, "--signatures", "300", "--countries", "40")
    return stack


@schema.parametrize()
@settings(max_examples=100, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_nothing_that_can_be_asked_gets_a_wrong_answer(case, server):
    # Invented petitions are all 404: every other case asks for a real one.
    if case.path_parameters and len(str(case.path_parameters.get("slug", ""))) % 2:
        case.path_parameters["slug"] = SLUG
    if case.query and isinstance(case.query.get("url"), str) and len(case.query["url"]) % 2:
        case.query["url"] = f"{server.url}/en/{SLUG}/"
    answer = case.call(base_url=f"http://127.0.0.1:{server.ports['web']}")
    if answer.status_code == 501:  # what oEmbed wants for any format but JSON
        assert case.query["format"] != "json"
    else:
        assert answer.status_code < 500
    case.validate_response(answer, excluded_checks=[not_a_server_error])
    assert answer.headers.get("access-control-allow-origin") == ["*"]
    assert "set-cookie" not in answer.headers
