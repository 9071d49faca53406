"""What the OpenAPI document says of parameters and answers: as narrow as it is true.

``format`` names what a pattern cannot say: bbox (south before north), datetime-interval (dates that
exist, in order), geojson-geometry, cql2-text, stac-query (as JSON) and page-token.
"""

from collections.abc import Iterable
from typing import Any

from earthcode_common.ogc.links import GEOJSON, HTML, JSON, NDJSON, OPENAPI, OPENAPI_31, PARQUET
from earthcode_common.ogc.links import SCHEMA as JSON_SCHEMA
from earthcode_common.ogc.openapi import Schema

from catalog_api.domain import aggregations

TEXT: Schema = {"type": "string"}
OBJECT: Schema = {"type": "object"}
LON = r"[+-]?(180(\.0*)?|(1[0-7]\d|\d?\d)(\.\d*)?)"
LAT = r"[+-]?(90(\.0*)?|[0-8]?\d(\.\d*)?)"
HEIGHT = r"[+-]?\d{1,12}(\.\d*)?"
INSTANT = (
    r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[Tt ]"
    r"([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)([.,]\d+)?([Zz]|[+-]([01]\d|2[0-3]):?[0-5]\d)"
)


def _text(pattern: str, **more: Any) -> Schema:
    return {**TEXT, "pattern": f"^{pattern}$", **more}


def _list(items: Schema, **more: Any) -> Schema:
    return {"type": "array", "minItems": 1, "items": items} | more


def _names(known: Iterable[str]) -> Schema:
    return _list({**TEXT, "enum": list(known)})


def _any_of(known: Iterable[str]) -> Schema:
    one = f"({'|'.join(known)})"
    return _text(f"{one}(,{one})*")


WORDS = _text(r"[^\x00]*[^,\s\x00][^\x00]*", format="stac-words")
ID = _text(r"[^,\x00]+", minLength=1)
IDS = _list(ID)
LISTED = _text(r",*[^,\x00]+(,[^,\x00]*)*", minLength=1)
TOKEN: Schema = {**TEXT, "minLength": 1, "format": "page-token"}
TIME = _text(
    rf"({INSTANT}|({INSTANT})/({INSTANT})|({INSTANT})/(\.\.)?|(\.\.)?/({INSTANT}))",
    format="datetime-interval",
)
CQL2_TEXT: Schema = {**TEXT, "minLength": 1, "format": "cql2-text"}
PARAMETERS: dict[str, Schema] = {
    "bbox": _text(rf"{LON},{LAT},({HEIGHT},{LON},{LAT},{HEIGHT}|{LON},{LAT})", format="bbox"),
    "datetime": TIME,
    "intersects": {**TEXT, "format": "geojson-geometry"},
    "filter": CQL2_TEXT,
    "query": {**TEXT, "format": "stac-query"},
    "sortby": {**TEXT, "minLength": 1, "format": "stac-sortby"},
    "fields": {**TEXT, "format": "stac-fields"},
    "aggregations": _names(aggregations.ITEM),
    "collections-aggregations": _names(aggregations.COLLECTION),
    "token": TOKEN,
    "collections": IDS,
    "ids": IDS,
    "q": _list(_text(r"[^,\x00]*[^,\s\x00][^,\x00]*", format="stac-words"), maxItems=32),
}
# Members of bodies where text may stand for a list, or stands alone.
IN_BODIES: dict[str, Schema] = {
    "datetime": TIME,
    "q": WORDS,
    "token": TOKEN,
    "collections": LISTED,
    "ids": LISTED,
    "aggregations": _any_of(aggregations.ITEM),
    "filter": CQL2_TEXT,
}
PATHS: Schema = {"type": "array", "maxItems": 200, "items": {**TEXT, "minLength": 1}}
BOX: Schema = {"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}}
# Coordinates are judged by the answer: a schema cannot tell a closed ring from an open one.
GEOMETRY: Schema = {
    "type": "object",
    "description": "GeoJSON (RFC 7946)",
    "required": ["type"],
    "properties": {
        "type": {
            **TEXT,
            "enum": [
                *("Point", "MultiPoint", "LineString", "MultiLineString"),
                *("Polygon", "MultiPolygon", "GeometryCollection"),
            ],
        }
    },
}
BODIES: dict[str, Schema] = {
    "collections": {"type": "array", "items": {**TEXT, "minLength": 1}},
    "ids": {"type": "array", "items": {**TEXT, "minLength": 1}},
    "q": _list(WORDS, maxItems=32),
    "aggregations": _names(aggregations.ITEM) | {"minItems": 0},
    "include": PATHS,
    "exclude": PATHS,
    "bbox": BOX,
    "intersects": GEOMETRY,
}


def made(required: list[str], **properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": required}


def listed(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


LINK = made(["rel", "href"], rel=TEXT, href=TEXT, type=TEXT, title=TEXT, method=TEXT)
LINKS = listed(ref("Link"))
COUNT: Schema = {"type": "integer", "minimum": 0}
PAGED = {"links": LINKS, "numberMatched": COUNT, "numberReturned": COUNT}
# A stored document is served as it was published, so only what must be there is promised.
STORED = {"id": TEXT, "links": LINKS}
ENTITY = ["type", "id", "links"]
SCHEMAS: dict[str, Schema] = {
    "Link": LINK,
    "LandingPage": made(
        ["type", "id", "stac_version", "description", "links", "conformsTo"],
        type={**TEXT, "enum": ["Catalog"]},
        stac_version=TEXT,
        title=TEXT,
        description=TEXT,
        conformsTo=listed(TEXT),
        **STORED,
    ),
    "Conformance": made(["conformsTo"], conformsTo=listed(TEXT)),
    "Collection": made(ENTITY, type={**TEXT, "enum": ["Collection"]}, **STORED),
    "Catalog": made(ENTITY, type={**TEXT, "enum": ["Catalog"]}, **STORED),
    "Item": made(
        [*ENTITY, "geometry", "properties"],
        type={**TEXT, "enum": ["Feature"]},
        geometry={"type": ["object", "null"]},
        properties=OBJECT,
        assets=OBJECT,
        **STORED,
    ),
    "Items": made(
        ["type", "features", "links"],
        type={**TEXT, "enum": ["FeatureCollection"]},
        features=listed(OBJECT),  # with `fields`, Items have the members that were asked for
        **PAGED,
    ),
    "Collections": made(["collections", "links"], collections=listed(OBJECT), **PAGED),
    "Catalogs": made(["catalogs", "links"], catalogs=listed(OBJECT), **PAGED),
    "Children": made(["children", "links"], children=listed(OBJECT), **PAGED),
    "JsonSchema": made(["$schema", "type"], properties=OBJECT, **{"$schema": TEXT}),
    "Aggregations": made(["aggregations"], aggregations=listed(OBJECT)),
    "Access": made(["readable"], readable={"type": "boolean"}),
}
INSTANT_OR_NULL: Schema = {"type": ["string", "null"], "format": "date-time"}
NEW_ITEM: Schema = {
    "description": "An Item as it is written; what else it has is kept",
    **made(
        ["type", "stac_version", "id", "geometry", "properties", "assets"],
        type={**TEXT, "enum": ["Feature"]},
        stac_version={**TEXT, "example": "1.1.0"},
        id={**TEXT, "minLength": 1, "maxLength": 300},
        geometry={"type": ["object", "null"]},
        bbox=BOX,
        properties=made(
            ["datetime"],
            datetime=INSTANT_OR_NULL,
            start_datetime=INSTANT_OR_NULL,
            end_datetime=INSTANT_OR_NULL,
        ),
        links=listed(made(["rel", "href"], rel=TEXT, href=TEXT)),
        assets={"type": "object", "additionalProperties": made(["href"], href=TEXT)},
    ),
    "example": {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": "example",
        "geometry": {"type": "Point", "coordinates": [10, 50]},
        "bbox": [10, 50, 10, 50],
        "properties": {"datetime": "2020-06-01T00:00:00Z"},
        "assets": {"data": {"href": "https://example.org/data.nc"}},
    },
}
SCHEMAS |= {
    "NewItem": NEW_ITEM,
    "Replacement": {  # whose id is in the address
        **NEW_ITEM,
        "required": [name for name in NEW_ITEM["required"] if name != "id"],
    },
    "NewItems": made(
        ["type", "features"],
        type={**TEXT, "enum": ["FeatureCollection"]},
        features=listed(ref("NewItem")) | {"minItems": 1},
    ),
}
SCHEMAS |= {
    "Created": made(
        ["created", "items"],
        created=COUNT,
        items=listed(made(["id", "href", "etag"], id=TEXT, href=TEXT, etag=TEXT)),
    ),
}
# What writes answer: the method and the end of the path, the status, media types and schemas.
WRITTEN: list[tuple[str, str, dict[str, Schema]]] = [
    (r"post .*/items", "201", {GEOJSON: ref("Item"), JSON: ref("Created")}),
    (r"post .*/bulk_items", "200", {JSON: OBJECT, NDJSON: TEXT}),
    (r"(put|patch) .*/\{item_id\}", "200", {GEOJSON: ref("Item")}),
]
ONE_OR_MANY: Schema = {"oneOf": [ref("NewItem"), ref("NewItems")]}
DOCUMENT = (JSON, HTML)
FEATURE = (GEOJSON, JSON, HTML)
FEATURES = (*FEATURE, NDJSON, PARQUET)
# The end of a path, its media types, and the schema of the JSON ones. The first that fits counts.
RESOURCES: list[tuple[str, tuple[str, ...], str]] = [
    (r"queryables|sortables", (JSON_SCHEMA, HTML), "JsonSchema"),
    (r"/aggregations|aggregate|-aggregations", DOCUMENT, "Aggregations"),
    (r"/access", DOCUMENT, "Access"),
    (r"/items/\{item_id\}", FEATURE, "Item"),
    (r"/items|/search", FEATURES, "Items"),
    (r"/collections/\{collection_id\}", DOCUMENT, "Collection"),
    (r"/collections", DOCUMENT, "Collections"),
    (r"/catalogs/\{kind\}|/catalogs/\{catalog_id\}", DOCUMENT, "Catalog"),
    (r"/catalogs", DOCUMENT, "Catalogs"),
    (r"/children", DOCUMENT, "Children"),
    (r"/conformance", DOCUMENT, "Conformance"),
    (r"/api", (OPENAPI, OPENAPI_31, JSON, HTML), ""),
    (r"/stac", DOCUMENT, "LandingPage"),
]
