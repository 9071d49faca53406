"""OpenAPI documents: from 3.1, as FastAPI writes them, to 3.0, as OGC API and many tools read them.

OGC API - Features Part 1 (17-069r4), requirements class oas30; and what all services answer.
"""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from earthcode_common.ogc.links import HTML
from earthcode_common.problems import MEDIA_TYPE

Schema = dict[str, Any]
VERSION = "3.0.3"
# Members whose values are data: what is in them is no schema.
DATA = frozenset({"example", "examples", "default", "enum", "const", "value"})
# Keywords of JSON Schema 2020-12 that 3.0 does not have and that can be left out without a lie.
DROPPED = frozenset(
    {
        *("$schema", "$id", "$comment", "propertyNames", "patternProperties", "contentEncoding"),
        *("unevaluatedProperties", "unevaluatedItems", "dependentRequired", "dependentSchemas"),
        *("if", "then", "else", "jsonSchemaDialect", "webhooks", "contains", "minContains"),
    }
)
PROBLEM: Schema = {
    "type": "object",
    "description": "A problem document (RFC 9457) with the members of OGC API exceptions",
    "required": ["type", "title", "status", "detail", "code", "description"],
    "properties": {
        **{key: {"type": "string"} for key in ("type", "title", "detail", "code", "description")},
        "status": {"type": "integer"},
        "errors": {"type": "array", "items": {"type": "object"}},
        "request_id": {"type": "string"},
    },
}
PROBLEMS: Mapping[int, str] = {
    400: "A parameter or the body makes no sense; `errors` says which and how to mend it",
    401: "Log in first",
    403: "You may not do this",
    404: "It is not here",
    406: "There is no representation that Accept asks for; the problem lists those there are",
    409: "It is here already",
    412: "It was changed meanwhile",
    413: "The body is too large",
    415: "The body is not of a type that is understood",
    422: "The Idempotency-Key was used for another request",
    428: "If-Match is needed",
}


def problem_responses(statuses: Iterable[int], *, pages: bool = False) -> Schema:
    """``pages``: people get them as HTML (see ``earthcode_common.html.people``)."""
    content: Schema = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    if pages:
        content[HTML] = {"schema": {"type": "string"}}
    return {
        str(status): {
            "description": PROBLEMS.get(status, HTTPStatus(status).phrase),
            "content": content,
        }
        for status in statuses
    }


def lowered(document: Mapping[str, Any]) -> Schema:
    """The document in OpenAPI 3.0.3; says the same, or less where 3.0 has no words for it."""
    lower: Schema = _lowered(document)
    return {**lower, "openapi": VERSION}


def _lowered(node: Any) -> Any:
    if isinstance(node, list):
        return [_lowered(one) for one in node]
    if not isinstance(node, Mapping):
        return node
    found = {
        key: value if key in DATA else _names(value) if key == "properties" else _lowered(value)
        for key, value in node.items()
        if key not in DROPPED
    }
    for change in (_constant, _types, _alternatives, _bounds, _tuple, _binary, _examples, _alone):
        found = change(found)
    return found


def _names(properties: Any) -> Any:
    """``properties`` of a schema: its keys are names, whatever they are called."""
    if not isinstance(properties, Mapping):
        return properties
    return {name: _lowered(schema) for name, schema in properties.items()}


def _constant(node: Schema) -> Schema:
    if "const" not in node:
        return node
    return {key: one for key, one in node.items() if key != "const"} | {"enum": [node["const"]]}


def _types(node: Schema) -> Schema:
    kinds = node.get("type")
    if not isinstance(kinds, list):
        return node
    rest = {key: one for key, one in node.items() if key != "type"}
    named = [kind for kind in kinds if kind != "null"]
    null: Schema = {"nullable": True} if "null" in kinds else {}
    if len(named) == 1:
        return {**rest, "type": named[0], **null}
    return {**rest, "anyOf": [{"type": kind, **null} for kind in named]}


def _alternatives(node: Schema) -> Schema:
    for word in ("anyOf", "oneOf"):
        each = node.get(word)
        if not isinstance(each, list) or {"type": "null"} not in each:
            continue
        rest = {key: one for key, one in node.items() if key != word}
        others = [one for one in each if one != {"type": "null"}]
        if len(others) > 1:
            return {**rest, word: [_nullable(one) for one in others]}
        return {**rest, **_nullable(others[0])}
    return node


def _nullable(schema: Schema) -> Schema:
    if "$ref" in schema:
        return {"nullable": True, "allOf": [schema]}
    # A list of values must name null too (OpenAPI 3.0.3, Clarify Semantics of nullable).
    values = {"enum": [*schema["enum"], None]} if None not in schema.get("enum", [None]) else {}
    return {**schema, **values, "nullable": True}


def _bounds(node: Schema) -> Schema:
    found = dict(node)
    for exclusive, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        value = found.get(exclusive)
        if isinstance(value, int | float) and not isinstance(value, bool):
            found |= {bound: value, exclusive: True}
    return found


def _tuple(node: Schema) -> Schema:
    if not isinstance(node.get("prefixItems"), list):
        return node
    each = node["prefixItems"]
    rest = {key: one for key, one in node.items() if key != "prefixItems"}
    items = each[0] if all(one == each[0] for one in each) else {"anyOf": each}
    return rest | {"items": items}


def _binary(node: Schema) -> Schema:
    if "contentMediaType" not in node:
        return node
    rest = {key: one for key, one in node.items() if key != "contentMediaType"}
    return rest | {"format": "binary"}


def _examples(node: Schema) -> Schema:
    """A list of examples belongs to a schema; a mapping belongs to parameters and media types."""
    if not isinstance(node.get("examples"), list):
        return node
    rest = {key: one for key, one in node.items() if key != "examples"}
    return rest | ({"example": node["examples"][0]} if node["examples"] else {})


def _alone(node: Schema) -> Schema:
    """In 3.0 whatever stands beside a reference is not read."""
    others = {key: one for key, one in node.items() if key != "$ref"}
    if not isinstance(node.get("$ref"), str) or not others:
        return node
    return others | {"allOf": [{"$ref": node["$ref"]}]}
