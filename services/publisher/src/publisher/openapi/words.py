"""How the OpenAPI document says what a route takes and answers."""

from typing import Any

from earthcode_common.problems import MEDIA_TYPE
from pydantic import BaseModel

Words = dict[Any, Any]
# FastAPI drops every null of an example, so the document holds their names until it is made.
NAMED: dict[str, Words] = {}
_REASONS = {
    400: "Something in the request is wrong; `errors` says where and how to mend it",
    401: "Log in first",
    403: "This is not for your role, or not for you",
    404: "There is nothing here (or nothing you may see)",
    409: "Not possible in this state; `errors` says what is",
    410: "It was deleted",
    412: "It was changed meanwhile",
    413: "Too large",
    415: "The body is not JSON",
    422: "This Idempotency-Key was used for another request",
    428: "Send If-Match",
}
KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {"type": "string", "maxLength": 255},
    "description": "Repeating the request with the same key does nothing twice.",
}
MATCH = {
    "name": "If-Match",
    "in": "header",
    "schema": {"type": "string"},
    "description": "The ETag you have seen.",
}
NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "schema": {"type": "string"},
    "description": "The ETag you have; 304 when it is still the same.",
}


def request(model: type[BaseModel], example: Words, *headers: Words) -> Words:
    schema = {"$ref": f"#/components/schemas/{model.__name__}"}
    body = {
        "required": True,
        "content": {"application/json": {"schema": schema, "example": example}},
    }
    return {"requestBody": body, "parameters": list(headers)}


def answers(model: type[BaseModel], example: Words, *errors: int, status: int = 200) -> Words:
    good = {
        "model": model,
        "description": "Created" if status == 201 else "Done",
        "content": {"application/json": {"example": _named(example)}},
    }
    return {status: good} | problems(*errors)


def _named(example: Words) -> str:
    name = f"example {len(NAMED)}"
    NAMED[name] = example
    return name


def problems(*errors: int) -> Words:
    return {
        number: {"description": _REASONS[number], "content": {MEDIA_TYPE: {}}} for number in errors
    }


def stored(*errors: int, media_types: tuple[str, ...] = ("application/json",)) -> Words:
    found = {
        "description": "The stored bytes, unchanged",
        "content": {media_type: {} for media_type in media_types},
    }
    return {200: found, 304: {"description": "Not changed"}} | problems(*errors)
