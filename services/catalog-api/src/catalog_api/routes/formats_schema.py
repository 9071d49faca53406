"""The shape that many JSON values have in common, as a column of a table can have it.

A shape is None (only nulls so far), "boolean", "integer", "number", "string", "json" (values with
nothing in common: kept as JSON text), "time", "wkb", [shape of the elements] or {key: shape}.
"""

from collections.abc import Mapping
from typing import Any

from earthcode_common.ogc.datetimes import parse_instant
from earthcode_common.problems import BadRequest

Shape = Any
TIMES = frozenset(
    {
        *("datetime", "start_datetime", "end_datetime", "created", "updated"),
        *("published", "expires", "unpublished"),
    }
)
GEOMETRIES = frozenset(
    {"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"}
)
MAX_KEYS = 300  # of one object; beyond, keys are data and not names
MAX_DEPTH = 8
NAMES = {bool: "boolean", int: "integer", float: "number", str: "string"}
PARTS = ("links", "assets", "stac_extensions", "collection", "stac_version", "id")


class Shapes:
    """Columns of Items, in the order in which they were met first."""

    def __init__(self) -> None:
        self.columns: dict[str, Shape] = {}
        self.high = False  # some bbox has heights

    def add(self, item: Mapping[str, Any]) -> None:
        box = item.get("bbox")
        self.high = self.high or (isinstance(box, list) and len(box) == 6)
        columns = self.columns
        for name, value in flat(item).items():
            if name in TIMES or (isinstance(value, dict) and "coordinates" in value):
                columns[name] = merge(columns.get(name), _special(name, value))
            else:
                columns[name] = widened(columns.get(name), value)


def flat(item: Mapping[str, Any]) -> dict[str, Any]:
    """An Item with its properties at the top; geometry and bbox are not here.

    A property that is named like a member of Items keeps its path ("properties.id"): the
    specification has no place for it.
    """
    found = {k: v for k, v in item.items() if k not in ("type", "geometry", "bbox", "properties")}
    taken = {*PARTS, *found, "type", "geometry", "bbox"}
    properties = item.get("properties")
    for name, value in (properties if isinstance(properties, Mapping) else {}).items():
        found[f"properties.{name}" if name in taken else name] = value
    return found


def _special(name: str, value: Any) -> Shape:
    if name in TIMES and isinstance(value, str):
        return "time" if _is_time(value) else "string"
    if isinstance(value, dict) and str(value.get("type")) in GEOMETRIES:
        return "wkb"
    return widened(None, value)


def _is_time(value: str) -> bool:
    try:
        parse_instant(value, name="datetime")
    except BadRequest:
        return False
    return True


def widened(shape: Shape, value: Any, depth: int = 0) -> Shape:
    """``shape``, or one that takes ``value`` too; the very same object when it does already."""
    if value is None:
        return shape
    kind = type(value)
    if kind is dict:
        return _widened_object(shape, value, depth)
    if kind is list:
        return _widened_list(shape, value, depth)
    name = NAMES[kind]
    if name == "integer" and not -(2**63) <= value < 2**63:
        name = "json"
    return shape if shape == name else merge(shape, name)


def _widened_object(shape: Shape, value: dict[str, Any], depth: int) -> Shape:
    if depth >= MAX_DEPTH or len(value) > MAX_KEYS or "" in value:
        return "json"
    if shape is None:
        shape = {}
    elif type(shape) is not dict:
        return "json"
    wider = shape
    for key, one in value.items():
        known = shape.get(key)
        found = widened(known, one, depth + 1)
        if found is not known or key not in shape:
            wider = wider if wider is not shape else dict(shape)
            wider[key] = found
    return wider if len(wider) <= MAX_KEYS else "json"


def _widened_list(shape: Shape, values: list[Any], depth: int) -> Shape:
    if depth >= MAX_DEPTH or not (shape is None or type(shape) is list):
        return "json"
    known = found = shape[0] if shape else None
    for one in values:
        found = widened(found, one, depth + 1)
    return shape if shape and found is known else [found]


def merge(one: Shape, other: Shape) -> Shape:
    """The narrowest shape that values of both have."""
    if one is None or one == other:
        return other
    if other is None:
        return one
    if isinstance(one, dict) and isinstance(other, dict):
        return _merged(one, other)
    if isinstance(one, list) and isinstance(other, list):
        return [merge(one[0], other[0])]
    if {str(one), str(other)} == {"integer", "number"}:
        return "number"
    if {str(one), str(other)} == {"time", "string"}:
        return "string"
    return "json"


def _merged(one: dict[str, Shape], other: dict[str, Shape]) -> Shape:
    found = dict(one)
    for key, value in other.items():
        found[key] = merge(found.get(key), value)
    return found if len(found) <= MAX_KEYS else "json"
