"""What an answer holds, said once: a dataclass makes the JSON and its JSON Schema (2020-12, that of OpenAPI 3.1).

A field is `Annotated[its type, Told("what it means", minimum=0)]`; every field is always there, null where it may be.
"""

from __future__ import annotations

import types
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID

Schema = dict[str, Any]

_PLAIN: dict[type, Schema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
    UUID: {"type": "string", "format": "uuid"},
}


class Told:
    """What a field means, in words, and JSON Schema's own keywords for it."""

    def __init__(self, description: str, **keywords: Any) -> None:
        self.schema = {"description": description} | keywords


def schema_of(kind: Any, components: dict[str, Schema]) -> Schema:
    """The schema of a type; dataclasses met on the way are put into `components` and referred to."""
    origin, parts = get_origin(kind), get_args(kind)
    if origin is Annotated:
        schema = schema_of(parts[0], components)
        for told in parts[1:]:
            schema = schema | told.schema  # beside a $ref as well: 2020-12 allows it
        return schema
    if origin is Literal:
        return {"type": "string", "enum": list(parts)}
    if origin in (Union, types.UnionType):
        (kind,) = [part for part in parts if part is not types.NoneType]
        schema = schema_of(kind, components)
        return schema | {"type": [schema["type"], "null"]}
    if origin is tuple:
        return {"type": "array", "items": schema_of(parts[0], components)}
    if is_dataclass(kind) and isinstance(kind, type):
        name = kind.__name__
        if name not in components:
            components[name] = {}  # its place, should it hold itself
            hints = get_type_hints(kind, include_extras=True)
            components[name] = {
                "type": "object",
                "description": (kind.__doc__ or "").strip(),
                "properties": {each.name: schema_of(hints[each.name], components) for each in fields(kind)},
                "required": [each.name for each in fields(kind)],
            }
        return {"$ref": f"#/components/schemas/{name}"}
    return dict(_PLAIN[kind])


def plain(value: Any) -> Any:
    """A dataclass as what `json.dumps` takes; times in UTC to the second, with a Z."""
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, tuple | list):
        return [plain(each) for each in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
