"""The OpenAPI document as this API really answers, and true Allow headers."""

from collections.abc import Iterator
from typing import Any

from earthcode_common import methods, problems
from fastapi import FastAPI, Request, Response

from catalog_api.routes import pages
from catalog_api.routes.landing import OPENAPI

PROBLEMS = {
    400: "A parameter or the body makes no sense; `errors` says which and how to mend it",
    401: "Log in first",
    403: "This is not yours to write",
    404: "It is not here",
    409: "It is here already",
    412: "It was changed meanwhile",
    413: "The body is too large",
    415: "The body is not of a type that is understood",
    422: "The Idempotency-Key was used for another request",
    428: "If-Match is needed",
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "description"],
    "properties": {
        **{key: {"type": "string"} for key in ("type", "title", "detail", "code", "description")},
        "status": {"type": "integer"},
        "errors": {"type": "array", "items": {"type": "object"}},
        "request_id": {"type": "string"},
    },
}


def install(app: FastAPI) -> None:
    routes = app.router.routes
    routes[:] = [route for route in routes if getattr(route, "path", None) != app.openapi_url]
    generate = app.openapi
    app.openapi = lambda: _document(generate())  # type: ignore[method-assign]

    async def openapi(request: Request) -> Response:
        return pages.json(request, app.openapi(), media=OPENAPI, lasting=True)

    app.add_route(app.openapi_url or "/api", openapi, methods=["GET"], include_in_schema=False)
    methods.install(app)


def _document(document: dict[str, Any]) -> dict[str, Any]:
    """FastAPI's document with the errors that there are, in the form that they have."""
    components = document.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = SCHEMA
    components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    for name in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(name, None)
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            _describe(path, method, operation)
    return document


def _describe(path: str, method: str, operation: dict[str, Any]) -> None:
    answers = operation["responses"]
    answers.pop("422", None)
    for status in _problems(path, method):
        content = {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        answers[str(status)] = {"description": PROBLEMS[status], "content": content}
    if _writes(path, method):
        operation["security"] = [{"token": []}]


def _problems(path: str, method: str) -> Iterator[int]:
    yield 400
    if "{" in path:
        yield 404
    if method in ("post", "put"):
        yield from (413, 415)
    if _writes(path, method):
        yield from (401, 403)
    if method in ("put", "delete"):
        yield from (412, 428)
    if method == "post" and path.endswith("/items"):
        yield from (409, 422)


def _writes(path: str, method: str) -> bool:
    return method != "get" and not path.endswith("/search")
