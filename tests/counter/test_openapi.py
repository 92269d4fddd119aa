"""The document of the data addresses: right by its own rules, true of the answers, and the same as the one in docs/."""

import json
import re

import jsonschema
import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from openapi_spec_validator import OpenAPIV31SpecValidator

from signatures.counter.openapi import document
from tests.factories import make_petition, make_update


def test_it_is_a_valid_openapi_3_1_document():
    OpenAPIV31SpecValidator(document()).validate()


def test_the_copy_in_docs_is_what_the_code_says(tmp_path, monkeypatch):
    call_command("writeopenapi", "--check")
    from signatures.management.commands import writeopenapi

    monkeypatch.setattr(writeopenapi, "FILE", tmp_path / "openapi.json")
    with pytest.raises(CommandError, match="writeopenapi"):
        call_command("writeopenapi", "--check")
    call_command("writeopenapi")
    call_command("writeopenapi", "--check")


def test_it_is_served_to_anybody():
    answer = Client().get("/api/v1/openapi.json")
    assert answer.json() == document()
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert Client().get("/api/v1/openapi.json", headers={"If-None-Match": answer["ETag"]}).status_code == 304
    assert Client().post("/api/v1/openapi.json").status_code == 405


@pytest.mark.django_db
def test_every_answer_has_exactly_the_fields_that_it_declares():
    make_update(make_petition(slug="water"))
    whole = document()

    def check(said, schema):
        if "$ref" in schema:
            schema = whole["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        if "properties" in schema:
            assert list(said) == list(schema["properties"])
            for name, value in said.items():
                check(value, schema["properties"][name])
        elif schema.get("type") == "array":
            for each in said:
                check(each, schema["items"])

    for path, methods in whole["paths"].items():
        content = methods["get"]["responses"]["200"]["content"].get("application/json")
        if not content:
            continue
        query = {"url": "http://testserver/en/water/"} if path == "/oembed" else {}
        said = Client().get(path.format(slug="water"), query).json()
        jsonschema.validate(said, content["schema"] | {"components": whole["components"]})
        check(said, content["schema"])


def test_the_readable_page_says_all_of_it_under_the_strict_policy():
    answer = Client().get("/api/v1/")
    page = answer.content.decode()
    for path, methods in document()["paths"].items():
        assert f"GET {path}" in page
        assert f'id="{methods["get"]["operationId"]}"' in page
    for name in document()["components"]["schemas"]:
        assert f'id="{name}"' in page
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "<script" not in page
    assert not re.search(r"\sstyle=", page)
    assert not answer.cookies
    assert "Vary" not in answer
    assert "public" in answer["Cache-Control"]
    links = set(re.findall(r'href="#([^"]+)"', page))
    assert links <= set(re.findall(r'id="([^"]+)"', page))


def test_the_document_is_small_enough_to_read():
    assert len(json.dumps(document())) < 40_000
