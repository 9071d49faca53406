"""The OpenAPI document as this API really answers, in 3.0 and 3.1, and true Allow headers."""

import re
from collections.abc import Iterator
from typing import Any

import orjson
from earthcode_common import methods
from earthcode_common.ogc import negotiation
from earthcode_common.ogc import openapi as shared
from earthcode_common.ogc.links import HTML, JSON, NDJSON, OPENAPI, OPENAPI_31, PARQUET
from earthcode_common.ogc.openapi import Schema
from fastapi import FastAPI, Request, Response

from catalog_api.routes import pages
from catalog_api.routes.openapi_schemas import (
    BODIES,
    DOCUMENT,
    IN_BODIES,
    ONE_OR_MANY,
    PARAMETERS,
    RESOURCES,
    SCHEMAS,
    WRITTEN,
    ref,
)

ETAG = {"ETag": {"description": "Of this representation", "schema": {"type": "string"}}}
LOCATION = {"Location": {"description": "Of the Item", "schema": {"type": "string"}}}
IF_MATCH: Schema = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The ETag of the version that you have seen",
    "schema": {"type": "string", "format": "etags"},
}
IDEMPOTENCY: Schema = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Makes it harmless to send the same request again",
    "schema": {"type": "string", "pattern": "^[ -~]{1,255}$"},
}


def install(app: FastAPI, *, if_match: bool) -> None:
    """``if_match``: changes need the header."""
    routes = app.router.routes
    routes[:] = [route for route in routes if getattr(route, "path", None) != app.openapi_url]
    made: dict[str, bytes] = {}

    def document() -> dict[str, Any]:
        found: dict[str, Any] = orjson.loads(_texts(app, made, if_match)[OPENAPI])
        return found

    async def openapi(request: Request) -> Response:
        media = negotiation.chosen(request, OPENAPI, OPENAPI_31, JSON, HTML)
        text = _texts(app, made, if_match)[OPENAPI if media in (JSON, HTML) else media]
        if media == HTML:
            return pages.html_of(request, text, JSON)
        return pages.made(request, text, media, lasting=True)

    app.openapi = document  # type: ignore[method-assign]
    app.add_route(app.openapi_url or "/api", openapi, methods=["GET"], include_in_schema=False)
    methods.install(app)


def _texts(app: FastAPI, made: dict[str, bytes], if_match: bool) -> dict[str, bytes]:
    """Of each version; made when first asked for, as routes may be added until then."""
    if not made:
        newer = _document(FastAPI.openapi(app), if_match)
        made |= {
            OPENAPI: orjson.dumps(shared.lowered(newer)),
            OPENAPI_31: orjson.dumps(newer),
        }
    return made


def _document(document: Schema, if_match: bool) -> Schema:
    """FastAPI's document with the answers that there are, in the form that they have."""
    document["paths"] = {"/stac/api": {"get": _api()}, **document["paths"]}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            _describe(path, method, operation, if_match)
    components = document.setdefault("components", {})
    components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    bodies = {name: _body(one) for name, one in components.get("schemas", {}).items()}
    known = bodies | SCHEMAS | {"Problem": shared.PROBLEM}
    components["schemas"] = {name: known[name] for name in sorted(_used(document, known))}
    return document


def _body(schema: Schema) -> Schema:
    """A model of a body with what its validators know and its types do not tell."""
    members = {
        name: {**one, "anyOf": [_narrow(name, kind) for kind in one["anyOf"]]}
        if "anyOf" in one
        else one
        for name, one in schema.get("properties", {}).items()
    }
    found = {**schema, "properties": members}
    if {"bbox", "intersects"} <= set(members):
        both = {name: {"type": ["array", "object"]} for name in ("bbox", "intersects")}
        found["not"] = {"required": ["bbox", "intersects"], "properties": both}
    return found


def _narrow(name: str, kind: Schema) -> Schema:
    if kind.get("type") == "string" and name in IN_BODIES:
        return IN_BODIES[name]
    return BODIES.get(name, kind) if kind.get("type") in ("array", "object") else kind


def _api() -> Schema:
    return {"tags": ["STAC"], "summary": "This document", "operationId": "api", "responses": {}}


def _used(document: Schema, known: Schema) -> set[str]:
    """Names of the schemas that the paths refer to, and those refer to in turn."""
    waiting, found = [orjson.dumps(document["paths"])], set()
    while waiting:
        for raw in re.findall(rb'"#/components/schemas/([^"]+)"', waiting.pop()):
            name = raw.decode()
            if name not in found:
                found.add(name)
                waiting.append(orjson.dumps(known[name]))
    return found


def _describe(path: str, method: str, operation: Schema, if_match: bool) -> None:
    reads = method == "get" or path.endswith(("/search", "/aggregate"))
    parameters = [_parameter(path, one) for one in operation.get("parameters", [])]
    if not reads:
        operation["security"] = [{"token": []}]
        parameters += _headers(path, method, if_match)
    answers = _answers(path, method, operation) if reads else _written(path, method, operation)
    answers.pop("422", None)
    if not reads and "requestBody" in operation:
        operation["requestBody"] = _sent(path, method, operation["requestBody"])
    problems = shared.problem_responses(_problems(path, method, reads), pages=method == "get")
    operation["responses"] = answers | problems
    if reads:
        parameters.append(_format(_offers(path)[0]))
    operation["parameters"] = parameters


def _sent(path: str, method: str, body: Schema) -> Schema:
    if method == "patch":
        return body
    schema = ref("Replacement" if method == "put" else "NewItem")
    if path.endswith("/items"):
        schema = ONE_OR_MANY
    return {**body, "content": {media: {"schema": schema} for media in body["content"]}}


def _parameter(path: str, parameter: Schema) -> Schema:
    name = parameter["name"]
    scoped = f"collections-{name}" if "/collections-" in path else name
    schema = PARAMETERS.get(scoped, PARAMETERS.get(name))
    if parameter["in"] == "path":
        schema = {**parameter["schema"], "minLength": 1}
    if schema is None:
        return parameter
    listed = {"explode": False} if schema["type"] == "array" else {}
    return {**parameter, **listed, "schema": _merged(parameter, schema)}


def _merged(parameter: Schema, schema: Schema) -> Schema:
    examples = parameter["schema"].get("examples")
    if examples and schema["type"] == "array":
        examples = [one.split(",") for one in examples]
    return {**schema, "examples": examples} if examples else schema


def _headers(path: str, method: str, if_match: bool) -> list[Schema]:
    if method in ("put", "patch", "delete"):
        needed = "; 428 without it" if if_match else ""
        return [{**IF_MATCH, "description": f"{IF_MATCH['description']}{needed}"}]
    return [IDEMPOTENCY] if path.endswith("/items") else []


def _format(offers: tuple[str, ...]) -> Schema:
    names = negotiation.names(offers)
    if "json" not in names:  # JSON of another name
        names = ["json", *names]
    return {
        "name": "f",
        "in": "query",
        "required": False,
        "description": "The representation; without it, Accept decides",
        "schema": {"type": "string", "enum": names},
    }


def _offers(path: str) -> tuple[tuple[str, ...], str]:
    fitting = ((offers, name) for end, offers, name in RESOURCES if re.search(f"({end})$", path))
    return next(fitting, (DOCUMENT, ""))


def _answers(path: str, method: str, operation: Schema) -> Schema:
    offers, name = _offers(path)
    about = operation.get("summary") or "The answer"
    content = {media: {"schema": _schema(media, name)} for media in offers}
    found: Schema = {"200": {"description": about, "content": content}}
    if method == "get":
        found["200"]["headers"] = ETAG
        found["304"] = {"description": "It is what If-None-Match named"}
    return found


def _written(path: str, method: str, operation: Schema) -> Schema:
    """As FastAPI has it, with the content that there is."""
    found = dict(operation["responses"])
    for place, status, medias in WRITTEN:
        if re.fullmatch(place, f"{method} {path}"):
            about = found.get(status, {}).get("description", "The Item as it is now (with Prefer)")
            content = {media: {"schema": schema} for media, schema in medias.items()}
            found[status] = {"description": about, "content": content, "headers": ETAG}
            if status == "201":
                found[status]["headers"] = ETAG | LOCATION
    return found


def _schema(media: str, name: str) -> Schema:
    if media == PARQUET:
        return {"type": "string", "contentMediaType": media}
    if media in (NDJSON, HTML):
        return {"type": "string"}
    return ref(name) if name else {"type": "object"}


def _problems(path: str, method: str, reads: bool) -> Iterator[int]:
    yield 400
    if "{" in path:
        yield 404
    if reads:
        yield 406
    if method in ("post", "put", "patch"):
        yield from (413, 415)
    if not reads or path.endswith("/access"):
        yield from (401, 403)
    if method in ("put", "patch", "delete"):
        yield from (412, 428)
    if method in ("post", "patch") and path.endswith(("/items", "/{item_id}")):
        yield from (409, 422)
