"""Schemas of the answers for the OpenAPI document: OGC API - Records 1.0 as it was meant.

The published ones cannot be referred to: recordGeoJSON.yaml refuses every valid record
(ogcapi-records#482), and a document that needs the network cannot be checked without it.
"""

from typing import Any

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "number"}
INSTANT: Schema = {**TEXT, "format": "date-time"}


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def listed(items: Schema, **more: Any) -> Schema:
    return {"type": "array", "items": items} | more


def made(required: list[str], **properties: Schema) -> Schema:
    found: Schema = {"type": "object", "properties": properties}
    return found | ({"required": required} if required else {})


LINKS = listed(ref("link"))
INTERVAL = listed({**INSTANT, "nullable": True}, minItems=2, maxItems=2)
CATALOG = made(
    ["id", "type", "links"],
    id=TEXT,
    type={**TEXT, "enum": ["Collection"]},
    itemType={**TEXT, "enum": ["record", "catalog"]},
    title=TEXT,
    description=TEXT,
    keywords=listed(TEXT),
    conformsTo=listed(TEXT),
    crs=listed(TEXT),
    extent=made(
        [],
        spatial=made(["bbox"], bbox=listed(listed(NUMBER, minItems=4, maxItems=6))),
        temporal=made(["interval"], interval=listed(INTERVAL)),
    ),
    defaultSortOrder=listed(made(["field", "direction"], field=TEXT, direction=TEXT)),
    links=LINKS,
)
FACETS: Schema = {
    "type": "object",
    "additionalProperties": made(["type"], type=TEXT, property=TEXT, buckets=listed({})),
}
SCHEMAS: Schema = {
    "link": made(["href", "rel"], href=TEXT, rel=TEXT, type=TEXT, title=TEXT),
    "landingPage": made(["links"], title=TEXT, description=TEXT, links=LINKS),
    "conformance": made(["conformsTo"], conformsTo=listed(TEXT)),
    "catalog": CATALOG,
    "collection": {"allOf": [ref("catalog"), made([], itemType={**TEXT, "enum": ["record"]})]},
    "collections": {
        "allOf": [
            ref("catalog"),
            made(["collections"], collections=listed(ref("collection")), recordsArrayName=TEXT),
        ]
    },
    "schema": {
        **made(["$schema", "$id", "type", "properties"], type={**TEXT, "enum": ["object"]}),
        "description": "JSON Schema",
    },
    "facets": made(["id", "facets"], id=TEXT, title=TEXT, facets=FACETS, links=LINKS),
    "filter": made(["op", "args"], op=TEXT, args=listed({})),
    "records": made(
        ["type", "features", "links", "numberReturned"],
        type={**TEXT, "enum": ["FeatureCollection"]},
        features=listed(ref("record")),
        links=LINKS,
        timeStamp=INSTANT,
        numberMatched={"type": "integer", "minimum": 0},
        numberReturned={"type": "integer", "minimum": 0},
        facets=FACETS,
    ),
    "record": made(
        ["id", "type", "geometry", "properties", "links"],
        id=TEXT,
        type={**TEXT, "enum": ["Feature"]},
        conformsTo=listed(TEXT),
        geometry={"type": "object", "nullable": True, "description": "GeoJSON, RFC 7946"},
        time={
            **made([], date=TEXT, timestamp=TEXT, interval=listed(TEXT), resolution=TEXT),
            "nullable": True,
        },
        properties={"type": "object", "nullable": True},
        links=LINKS,
        **{
            "earthcode:derived": {
                **listed(ref("derived")),
                "description": "Members that were not submitted, and what they were derived from",
            }
        },
    ),
    "derived": made(
        ["member", "from"],
        member=TEXT,
        **{"from": listed(made([], kind=TEXT, id=TEXT, href=TEXT, pointer=TEXT, value=TEXT))},
    ),
    "problem": made(
        ["code", "description"],
        type=TEXT,
        title=TEXT,
        status={"type": "integer"},
        detail=TEXT,
        code=TEXT,
        description=TEXT,
        errors=listed({"type": "object"}),
    ),
}
