"""The OpenAPI 3.0 document (OGC API - Records, conformance class oas30)."""

from typing import Any

from earthcode_common import __version__
from earthcode_common.ogc.links import GEOJSON, JSON, OPENAPI
from earthcode_common.problems import MEDIA_TYPE

from records_api.domain.catalog import DESCRIPTION, TITLE
from records_api.domain.kinds import COLLECTIONS
from records_api.domain.links import CATALOG_JSON
from records_api.routes.parameters import DEFAULT_LIMIT, FORMATS, MAX_LIMIT, MAX_OFFSET
from records_api.routes.schemas import SCHEMAS, Schema, ref


def document(public_url: str) -> dict[str, Any]:
    return {
        "openapi": "3.0.3",
        "info": {"title": TITLE, "description": DESCRIPTION, "version": __version__},
        "servers": [{"url": public_url}],
        "paths": {path: _item(*operation) for path, operation in OPERATIONS.items()},
        "components": {
            "parameters": PARAMETERS,
            "responses": RESPONSES,
            "schemas": SCHEMAS,
        },
    }


def _item(name: str, summary: str, medias: list[str], schema: str, used: list[str]) -> Schema:
    content = {media: {"schema": _schema(schema)} for media in medias}
    errors = ["400", "404", "406", "500"] if "collectionId" in used else ["400", "406", "500"]
    responses: Schema = {"200": {"description": summary, "content": content}}
    responses["304"] = {"description": "It is what If-None-Match named"}
    responses |= {status: {"$ref": f"#/components/responses/{status}"} for status in errors}
    operation = {
        "operationId": name,
        "summary": summary,
        "tags": ["Records"],
        "parameters": [{"$ref": f"#/components/parameters/{one}"} for one in [*used, "f"]],
        "responses": responses,
    }
    head = operation | {"operationId": f"{name}Head"}
    return {"get": operation, "head": head}


def _schema(name: str) -> Schema:
    return ref(name) if name else {"type": "object"}


SEARCH = ["bbox", "datetime", "q", "type", "ids", "externalIds", "limit", "offset", "token"]
ITEMS = "/records/collections/{collectionId}/items"
# Path: name, summary, media types (the default first), schema, parameters.
OPERATIONS: dict[str, tuple[str, str, list[str], str, list[str]]] = {
    "/records": ("getLandingPage", "Landing page", [JSON], "landingPage", []),
    "/records/conformance": ("getConformance", "Conformance classes", [JSON], "conformance", []),
    "/records/api": ("getApi", "This document", [OPENAPI, JSON], "", []),
    "/records/collections": ("getCollections", "Collections", [JSON], "collections", []),
    "/records/collections/{collectionId}": (
        *("getCollection", "A collection of records", [CATALOG_JSON, JSON]),
        *("collection", ["collectionId"]),
    ),
    ITEMS: (
        *("getRecords", "Records, newest first", [GEOJSON, JSON]),
        *("records", ["collectionId", *SEARCH]),
    ),
    f"{ITEMS}/{{recordId}}": (
        *("getRecord", "A record", [GEOJSON, JSON]),
        *("record", ["collectionId", "recordId"]),
    ),
}
_TEXTS: Schema = {"type": "array", "items": {"type": "string"}}


def _query(name: str, description: str, schema: Schema, *, listed: bool = False) -> Schema:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": description,
        "schema": schema,
        "style": "form",
        "explode": not listed,
    }


def _path(name: str, description: str, schema: Schema) -> Schema:
    about = {"name": name, "in": "path", "required": True, "description": description}
    return about | {"schema": schema}


PARAMETERS: Schema = {
    "collectionId": _path(
        "collectionId", "Which collection", {"type": "string", "enum": list(COLLECTIONS)}
    ),
    "recordId": _path("recordId", "Identifier of the record", {"type": "string"}),
    "bbox": _query(
        "bbox",
        "west,south,east,north in CRS84 (with heights: six numbers); west > east crosses the"
        " antimeridian. Records without geometry match every box.",
        {
            **{"type": "array", "minItems": 4, "maxItems": 6},
            "items": {"type": "number"},
        },
        listed=True,
    ),
    "datetime": _query(
        "datetime",
        "An RFC 3339 instant, or two with / between, of which one may be .. or empty. Records"
        " without time match always.",
        {"type": "string"},
    ),
    "q": _query(
        "q",
        "Words in title, description or keywords: commas separate alternatives, the words of one"
        " follow one another, its last one may be the beginning of a word. Case and accents do"
        " not matter.",
        _TEXTS,
        listed=True,
    ),
    "type": _query(
        "type",
        "Types of records, any of them",
        {"type": "array", "items": {"type": "string", "maxLength": 64}},
        listed=True,
    ),
    "ids": _query("ids", "Identifiers of records, any of them", _TEXTS, listed=True),
    "externalIds": _query(
        "externalIds",
        "Identifiers given by others, any of them: value, scheme:value or scheme:",
        {"type": "array", "items": {"type": "string", "pattern": "^([^:]+:)?[^:]+"}},
        listed=True,
    ),
    "limit": _query(
        "limit",
        "How many records a page holds at most; a greater number counts as the maximum",
        {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
    ),
    "offset": _query(
        "offset",
        "How many records to skip",
        {"type": "integer", "minimum": 0, "maximum": MAX_OFFSET, "default": 0},
    ),
    "token": _query("token", "Where a page goes on, from a link `next`", {"type": "string"}),
    "f": _query("f", "Plain JSON", {"type": "string", "enum": list(FORMATS)}),
}
RESPONSES: Schema = {
    status: {
        "description": description,
        "content": {MEDIA_TYPE: {"schema": ref("problem")}},
    }
    for status, description in {
        "400": "A parameter is not known or not valid",
        "404": "There is no such collection or record",
        "406": "There is no representation of that media type",
        "500": "Something broke here",
    }.items()
}
