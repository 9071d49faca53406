"""The OpenAPI 3.0 document (OGC API - Records, conformance class oas30)."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from earthcode_common import __version__
from earthcode_common.ogc.links import HTML
from earthcode_common.problems import MEDIA_TYPE

from records_api.domain.catalog import DESCRIPTION, TITLE
from records_api.representations.format import as_it_is
from records_api.routes import formats, openapi_oai
from records_api.routes.filters import MEDIA
from records_api.routes.formats import Format
from records_api.routes.openapi_parameters import PARAMETERS, formats_parameter
from records_api.routes.parameters import PROPERTIES, SEARCH
from records_api.routes.schemas import SCHEMAS, Schema, ref

PAGES = "Pages are linked by `next`, an address to be taken as it is."
COLLECTION = "/records/collections/{collectionId}"
ITEMS = f"{COLLECTION}/items"
SEARCHED = (*SEARCH, "offset", "facets", *PROPERTIES)


class Operation(NamedTuple):
    name: str
    summary: str
    offers: Sequence[Format]
    schema: str
    used: Sequence[str] = ()
    description: str = ""


OPERATIONS = {
    "/records": Operation("getLandingPage", "Landing page", formats.DOCUMENT, "landingPage"),
    "/records/conformance": Operation(
        "getConformance", "Conformance classes", formats.DOCUMENT, "conformance"
    ),
    "/records/api": Operation("getApi", "This document", formats.API, ""),
    "/records/collections": Operation(
        *("getCollections", "Catalogues of records", formats.DOCUMENT, "collections"),
        [*(name for name in SEARCH if name != "sortby"), "sortbyOfCollections"],
    ),
    "/records/collections-queryables": Operation(
        "getQueryablesOfCollections", "Queryables of the catalogues", formats.SCHEMAS, "schema"
    ),
    "/records/collections-sortables": Operation(
        "getSortablesOfCollections", "Sortables of the catalogues", formats.SCHEMAS, "schema"
    ),
    COLLECTION: Operation(
        "getCollection", "A catalogue of records", formats.CATALOG, "collection", ["collectionId"]
    ),
    f"{COLLECTION}/queryables": Operation(
        "getQueryables", "What filters may name", formats.SCHEMAS, "schema", ["collectionId"]
    ),
    f"{COLLECTION}/sortables": Operation(
        "getSortables", "What can be sorted by", formats.SCHEMAS, "schema", ["collectionId"]
    ),
    f"{COLLECTION}/schema": Operation(
        "getSchema", "What records hold", formats.SCHEMAS, "schema", ["collectionId"]
    ),
    f"{COLLECTION}/facets": Operation(
        "getFacets", "What can be counted", formats.COUNTABLE, "facets", ["collectionId"]
    ),
    ITEMS: Operation(
        *("getRecords", "Records, newest first", formats.RECORDS, "records"),
        *(["collectionId", *SEARCHED], PAGES),
    ),
    f"{ITEMS}/{{recordId}}": Operation(
        *("getRecord", "A record", formats.RECORD, "record", ["collectionId", "recordId"]),
    ),
    "/records/profiles": Operation("getProfiles", "Profiles of records", formats.DOCUMENT, ""),
    "/records/profiles/{profileId}": Operation(
        "getProfile", "What a profile is for", formats.DOCUMENT, "", ["profileId"]
    ),
    "/records/profiles/{profileId}/schema.json": Operation(
        *("getProfileSchema", "JSON Schema of records that have a profile", formats.SCHEMAS),
        *("", ["profileId"]),
    ),
    "/records/catalogs": Operation(
        "getCrawlableCatalogs", "The catalogues, to be crawled", formats.CATALOG, "catalog"
    ),
    "/records/catalogs/{collectionId}": Operation(
        *("getCrawlableCatalog", "A catalogue with links to its records", formats.CATALOG),
        *("catalog", ["collectionId", "after"]),
    ),
}
SEARCH_BY_POST = OPERATIONS[ITEMS]._replace(
    name="searchRecords", summary="Records that a filter finds: CQL2 JSON as the body"
)


def document(public_url: str) -> dict[str, Any]:
    paths = {path: _item(operation) for path, operation in OPERATIONS.items()}
    paths[ITEMS]["post"] = _operation(SEARCH_BY_POST) | {"requestBody": BODY}
    paths[ITEMS]["post"]["responses"] |= _errors("413", "415")
    return {
        "openapi": "3.0.3",
        "info": {
            "title": TITLE,
            "description": DESCRIPTION,
            "version": __version__,
            "license": {"name": "Apache-2.0"},
        },
        "servers": [{"url": public_url}],
        "tags": [{"name": "Records"}],
        "paths": paths | openapi_oai.PATHS,
        "components": {
            "parameters": PARAMETERS,
            "responses": RESPONSES,
            "schemas": SCHEMAS,
        },
    }


def _item(one: Operation) -> Schema:
    made = _operation(one)
    plain = {"200": {"description": one.summary, "headers": made["responses"]["200"]["headers"]}}
    head = made | {"operationId": f"{one.name}Head", "responses": made["responses"] | plain}
    return {"get": made, "head": head}


def _operation(one: Operation) -> Schema:
    content = {each.media: {"schema": _schema(one, each)} for each in one.offers}
    told = {"description": one.summary, "content": content, "headers": HEADERS}
    named = any(name.endswith("Id") for name in one.used)
    statuses = ["400", "404", "406", "500"] if named else ["400", "406", "500"]
    responses: Schema = {"200": told, "304": {"description": "It is what If-None-Match named"}}
    used = [{"$ref": f"#/components/parameters/{name}"} for name in [*one.used, "profile"]]
    made: Schema = {
        "operationId": one.name,
        "summary": one.summary,
        "tags": ["Records"],
        "parameters": [*used, formats_parameter(one.offers)],
        "responses": responses | _errors(*statuses),
    }
    return made | ({"description": one.description} if one.description else {})


def _errors(*statuses: str) -> Schema:
    return {status: {"$ref": f"#/components/responses/{status}"} for status in statuses}


def _schema(one: Operation, format: Format) -> Schema:
    if not format.media.partition(";")[0].endswith("json"):
        return {"type": "string"}
    return ref(one.schema) if one.schema and format.render is as_it_is else {"type": "object"}


HEADERS: Schema = {
    "ETag": {"schema": {"type": "string"}},
    "Link": {"schema": {"type": "string"}, "description": "The profile of the content"},
}
EXAMPLE: Schema = {"op": "=", "args": [{"property": "type"}, "workflow"]}
BODY: Schema = {
    "required": True,
    "description": "CQL2 JSON; all parameters count too",
    "content": {media: {"schema": ref("filter"), "example": EXAMPLE} for media in MEDIA},
}
RESPONSES: Schema = {
    status: {
        "description": description,
        "content": {
            MEDIA_TYPE: {"schema": ref("problem")},
            HTML: {"schema": {"type": "string"}},  # for whoever asks for pages
        },
    }
    for status, description in {
        "400": "A parameter or the body is not known or not valid",
        "404": "There is no such collection or record",
        "406": "There is no representation of that media type",
        "413": "The body is too large",
        "415": "The body is not of a type that is understood",
        "500": "Something broke here",
    }.items()
}
