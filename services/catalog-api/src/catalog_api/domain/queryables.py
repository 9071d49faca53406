"""What may be asked of Items and Collections: queryables and sortables.

Known properties have a type here; those that documents really have are described beside them.
``additionalProperties`` of queryables is true: STAC documents hold what their authors needed, so a
name that no document has is no error but has the value null everywhere (STAC API - Filter
extension, section Queryables). Sorting is strict: by what is listed or stored, nothing else.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from earthcode_common.ogc.cql2 import Queryable, Queryables

DRAFT = "2019-09"
SCALARS = ("string", "number", "boolean")
SORTED_KINDS = ("text", "number", "boolean", "instant")
Known = Mapping[str, Queryable]
_GEOMETRY = {
    "$ref": "https://geojson.org/schema/Geometry.json",
    "format": "geometry-any",
    "x-ogc-role": "primary-geometry",
}
_DATETIME = {
    "$ref": "https://schemas.stacspec.org/v1.0.0/item-spec/json-schema/datetime.json"
    "#/properties/datetime",
    "title": "Time",
    "description": "An instant, or all from start to end: compared as the parameter datetime does",
    "type": "string",
    "format": "date-time",
}


def _text(title: str, source: str | None = None, **more: Any) -> Queryable:
    return Queryable("text", source, title, schema=more)


def _time(title: str, source: str | None = None) -> Queryable:
    return Queryable("instant", source, title)


def _texts(title: str) -> Queryable:
    return Queryable("array", None, title, schema={"items": {"type": "string"}})


def _number(title: str, **more: Any) -> Queryable:
    return Queryable("number", None, title, schema=more)


_SHARED: Known = {
    "id": _text("Id", "id", **{"x-ogc-role": "id"}),
    "geometry": Queryable("geometry", "geometry", "Geometry in WGS 84", schema=_GEOMETRY),
    "datetime": Queryable("interval", "time", schema=_DATETIME),
    "start_datetime": _time("Start of its time", "start"),
    "end_datetime": _time("End of its time", "end"),
    "title": _text("Title"),
    "keywords": _texts("Keywords"),
    "license": _text("Licence"),
    "created": _time("When the metadata was created"),
    "updated": _time("When the metadata was changed"),
    "themes": _texts("Ids of science themes"),
    "osc:project": _text("Id of the project"),
    "osc:status": _text("Status"),
    "osc:region": _text("Region"),
    "osc:type": _text("product or project"),
    "osc:variables": _texts("Ids of variables"),
    "osc:missions": _texts("Ids of missions"),
}
ITEM: Known = {
    **_SHARED,
    "collection": _text("Id of the Collection", "part"),
    "platform": _text("Platform"),
    "constellation": _text("Constellation"),
    "mission": _text("Mission"),
    "instruments": _texts("Instruments"),
    "gsd": _number("Ground sample distance in metres"),
    "eo:cloud_cover": _number("Cloud cover in percent", minimum=0, maximum=100),
}
COLLECTION: Known = {
    **_SHARED,
    "osc:experiment": _text("Id of the experiment"),
    "osc:workflows": _texts("Ids of workflows"),
    "sci:doi": _text("DOI"),
    "version": _text("Version"),
}


def queryables(known: Known, stored: Mapping[str, Iterable[str]] | None = None) -> Queryables:
    """``stored``: the JSON types that documents have under each name."""
    names = sorted(set(stored or ()) - set(known))
    return Queryables({**known, **{name: _found((stored or {})[name]) for name in names}}, True)


def sortables(known: Known, stored: Mapping[str, Iterable[str]] | None = None) -> Queryables:
    """Those of the queryables whose values have an order."""
    every = queryables(known, stored).known
    return Queryables({name: one for name, one in every.items() if _has_order(one)})


def _found(types: Iterable[str]) -> Queryable:
    each = sorted(set(types) - {"null"})
    return Queryable(schema={"type": each[0] if len(each) == 1 else each} if each else {})


def _has_order(one: Queryable) -> bool:
    types = one.schema.get("type", ())
    seen = [types] if isinstance(types, str) else types
    return one.kind in SORTED_KINDS or any(kind in SCALARS for kind in seen)
