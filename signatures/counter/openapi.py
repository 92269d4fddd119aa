"""The OpenAPI 3.1 document of the data addresses, made from the code that answers them, and a readable page of it."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from petition.caching import publicly_cached

from . import shapes
from .answers import READ, compose_answer, problem, respond
from .data import ENDPOINTS, LANGUAGE_CODE
from .schema import Schema, schema_of

SLUG: Schema = {
    "name": "slug",
    "in": "path",
    "required": True,
    "description": "The petition's name in addresses.",
    "schema": {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$", "minLength": 1, "maxLength": 80},
    "example": "xinjiang",
}
LANG: Schema = {
    "name": "lang",
    "in": "query",
    "description": "A language code. One that we do not have is no error.",
    "schema": {"type": "string", "pattern": f"^({LANGUAGE_CODE})?$"},
    "example": "fr",
}
UNCHANGED: Schema = {
    "name": "If-None-Match",
    "in": "header",
    "description": "The ETag of the answer that you have: when it is still right, the answer is an empty 304.",
    "schema": {"type": "string"},
}


def _size(name: str) -> Schema:
    kind = {"type": "integer", "minimum": 1, "maximum": 99_999}
    return {"name": name, "in": "query", "description": "Of the iframe, in pixels.", "schema": kind}


OEMBED: list[Schema] = [
    {
        "name": "url",
        "in": "query",
        "required": True,
        "description": "The address of a letter here.",
        "schema": {"type": "string", "format": "uri", "minLength": 1},
    },
    {"name": "format", "in": "query", "schema": {"type": "string", "enum": ["json", "xml"], "default": "json"}},
    _size("maxwidth"),
    _size("maxheight"),
]
HEADERS: Schema = {
    "ETag": {"description": "Send it back as If-None-Match.", "schema": {"type": "string"}},
    "Cache-Control": {"description": "How long it may be kept, and shown when stale.", "schema": {"type": "string"}},
}


def document() -> Schema:
    """The whole document; nothing in it depends on where it is served."""
    components: dict[str, Schema] = {}

    def json_of(shape: type, description: str, **more: Any) -> Schema:
        content = {"application/json": {"schema": schema_of(shape, components)}}
        return {"description": description, "content": content} | more

    def reading(
        name: str, shape: type, *, summary: str, description: str, parameters: list[Schema], **more: Any
    ) -> Any:
        return {
            "get": {
                "operationId": name,
                "summary": summary,
                "description": description,
                "parameters": [*parameters, UNCHANGED],
                "responses": {
                    "200": json_of(shape, summary + ".", headers=HEADERS),
                    "304": {"description": "Unchanged.", "headers": HEADERS},
                    "404": json_of(shapes.Problem, "No such petition: unknown, or not published."),
                    "405": json_of(shapes.Problem, "Only GET, HEAD and OPTIONS."),
                }
                | more,
            }
        }

    bad = json_of(shapes.Problem, "A parameter that cannot be read.")
    paths: Schema = {
        "/api/v1/petitions/{slug}/tally": reading(
            "tally",
            shapes.Tally,
            summary="The live count",
            description="Made anew once a second and cheap to ask for. Never show 0 for “I do not know”: show the last "
            "count, or none.",
            parameters=[SLUG],
        )
    }
    for each in ENDPOINTS:
        paths[f"/api/v1/petitions/{{slug}}/{each.name}".rstrip("/")] = reading(
            each.name or "petition",
            each.shape,
            summary=each.summary,
            description=each.description,
            parameters=[SLUG, LANG] if each.takes_language else [SLUG],
            **({"400": bad} if each.takes_language else {}),
        )
    paths["/api/v1/petitions/{slug}/stream"] = {
        "get": {
            "operationId": "stream",
            "summary": "The live count, as it changes",
            "description": "Server-Sent Events: `event: tally`, `id` its version, `data` the object that the tally "
            "answers; a comment as a heartbeat. On 204 or 503 ask the tally instead, every `poll_after` seconds.",
            "parameters": [SLUG],
            "responses": {
                "200": {"description": "The stream.", "content": {"text/event-stream": {"schema": {"type": "string"}}}},
                "204": {"description": "No stream here: ask the tally instead."},
                "404": json_of(shapes.Problem, "No such petition: unknown, or not published."),
                "405": json_of(shapes.Problem, "Only GET, HEAD and OPTIONS."),
                "503": json_of(shapes.Problem, "Too many listeners: ask the tally instead."),
            },
        }
    }
    paths["/oembed"] = reading(
        "oembed",
        shapes.OEmbed,
        summary="A letter's address as something to embed",
        description="oEmbed, type `rich`. Letter pages link to it, so most consumers find it by themselves.",
        parameters=OEMBED,
        **{
            "400": bad,
            "404": json_of(shapes.Problem, "Not the address of a published letter here."),
            "501": json_of(shapes.Problem, "Only JSON."),
        },
    )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Undersigned: the count as data",
            "version": "1",
            "description": "For anybody's page or program: no key, no cookie, any origin. Ask as a cache would: keep "
            "an answer as long as its Cache-Control says, and send its ETag when you ask again.",
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": dict(sorted(components.items()))},
    }


def as_text() -> str:
    """The document as it is served, and as it lies in docs/openapi.json."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


@cache
def _bytes() -> bytes:
    return as_text().encode()


def openapi_json(request: HttpRequest) -> HttpResponse:
    if request.method not in READ:
        return respond(request, problem(405, "only GET"))
    return respond(request, compose_answer(_bytes(), seconds=3600))


# -------------------------------------------------------------------------------------------- the readable page
def described(request: HttpRequest) -> HttpResponse:
    """The document for people, in English, as its readers are developers."""
    if request.method not in READ:
        return respond(request, problem(405, "only GET"))
    response = HttpResponse(_page())
    response["Content-Security-Policy"] = build_policy()
    response["X-Frame-Options"] = settings.X_FRAME_OPTIONS
    response["X-Content-Type-Options"] = "nosniff"
    response["Referrer-Policy"] = settings.SECURE_REFERRER_POLICY
    return publicly_cached(response, seconds=3600)


@cache
def _page() -> bytes:
    whole = document()
    schemas = whole["components"]["schemas"]
    operations = [{"path": path} | methods["get"] for path, methods in whole["paths"].items()]
    for each in operations:
        content = each["responses"]["200"]["content"].get("application/json")
        each["answers"] = _name(content["schema"]) if content else ""
        each["statuses"] = [(code, said["description"]) for code, said in each["responses"].items()]
        each["takes"] = [(one["name"], _kind(one["schema"]), one.get("description", "")) for one in each["parameters"]]
    shown = [
        {
            "name": name,
            "description": schema["description"],
            "fields": [
                (field, _kind(about), _name(about.get("items", about)), about.get("description", ""))
                for field, about in schema["properties"].items()
            ],
        }
        for name, schema in schemas.items()
    ]
    context = {"info": whole["info"], "operations": operations, "schemas": shown, "language": "en", "direction": "ltr"}
    return render_to_string("public/api.html", context | {"public_url": settings.PUBLIC_URL}).encode()


def _name(schema: Schema) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _kind(schema: Schema) -> str:
    """A type in a few words: `integer or null`, `list of Country`, `one of open, closed`."""
    if "items" in schema:
        return f"list of {_kind(schema['items'])}"
    if "$ref" in schema:
        return _name(schema)
    if "enum" in schema:
        return "one of " + ", ".join(schema["enum"])
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return " or ".join(str(schema.get("format", kind)) if kind == "string" else kind for kind in kinds)
