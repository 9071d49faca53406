"""What may be asked of Items and Collections: queryables and sortables as JSON Schema.

Known properties have a description here; those that documents really have are added as they are
found. ``additionalProperties`` of queryables is true: STAC documents hold what their authors
needed, so a name that no document has is no error but has the value null everywhere (STAC API -
Filter extension, section Queryables). Sorting is strict: by what is listed or stored, nothing else.
"""

from collections.abc import Iterable, Mapping
from typing import Any

Schema = dict[str, Any]
DRAFT = "https://json-schema.org/draft/2019-09/schema"
SCALARS = ("string", "number", "boolean")


def _string(title: str, **more: Any) -> Schema:
    return {"title": title, "type": "string", **more}


def _time(title: str) -> Schema:
    return _string(title, format="date-time")


def _strings(title: str) -> Schema:
    return {"title": title, "type": "array", "items": {"type": "string"}}


def _number(title: str, **more: Any) -> Schema:
    return {"title": title, "type": "number", **more}


GEOMETRY = {
    "title": "Geometry",
    "description": "A geometry in WGS 84, longitude first",
    "$ref": "https://geojson.org/schema/Geometry.json",
    "format": "geometry-any",
    "x-ogc-role": "primary-geometry",
}
_SHARED: Mapping[str, Schema] = {
    "id": _string("Id", **{"x-ogc-role": "id"}),
    "geometry": GEOMETRY,
    "title": _string("Title"),
    "keywords": _strings("Keywords"),
    "license": _string("Licence"),
    "created": _time("When the metadata was created"),
    "updated": _time("When the metadata was changed"),
    "themes": _strings("Ids of science themes"),
    "osc:project": _string("Id of the project"),
    "osc:status": _string("Status"),
    "osc:region": _string("Region"),
    "osc:type": _string("product or project"),
    "osc:variables": _strings("Ids of variables"),
    "osc:missions": _strings("Ids of missions"),
}
ITEM: Mapping[str, Schema] = {
    **_SHARED,
    "collection": _string("Id of the Collection"),
    "datetime": _time("Time; the start when there is only a start and an end"),
    "start_datetime": _time("Start of its time"),
    "end_datetime": _time("End of its time"),
    "platform": _string("Platform"),
    "constellation": _string("Constellation"),
    "mission": _string("Mission"),
    "instruments": _strings("Instruments"),
    "gsd": _number("Ground sample distance in metres"),
    "eo:cloud_cover": _number("Cloud cover in percent", minimum=0, maximum=100),
}
COLLECTION: Mapping[str, Schema] = {
    **_SHARED,
    "datetime": _time("Start of the temporal extent"),
    "start_datetime": _time("Start of the temporal extent"),
    "end_datetime": _time("End of the temporal extent"),
    "osc:experiment": _string("Id of the experiment"),
    "osc:workflows": _strings("Ids of workflows"),
    "sci:doi": _string("DOI"),
    "version": _string("Version"),
}


def queryables(known: Mapping[str, Schema], stored: Mapping[str, Iterable[str]]) -> dict[str, Any]:
    """Schemas by name; ``stored``: the JSON types that documents have under each name."""
    found = {name: _found(types) for name, types in sorted(stored.items()) if name not in known}
    return {**known, **found}


def sortables(known: Mapping[str, Schema], stored: Mapping[str, Iterable[str]]) -> dict[str, Any]:
    """Those of the queryables whose values have an order."""
    every = queryables(known, stored)
    return {name: schema for name, schema in every.items() if is_sortable(schema)}


def is_sortable(schema: Schema) -> bool:
    types = schema.get("type", ())
    return any(one in SCALARS for one in ([types] if isinstance(types, str) else types))


def _found(types: Iterable[str]) -> Schema:
    each = sorted(set(types) - {"null"})
    if not each:
        return {}
    return {"type": each[0] if len(each) == 1 else each}


def document(address: str, title: str, properties: Mapping[str, Schema]) -> dict[str, Any]:
    """The JSON Schema (OGC API - Features Part 3, 6.2) at ``address``."""
    return {
        "$schema": DRAFT,
        "$id": address,
        "type": "object",
        "title": title,
        "properties": properties,
    }
