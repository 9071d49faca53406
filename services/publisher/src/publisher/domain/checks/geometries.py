"""What is wrong with a GeoJSON geometry (RFC 7946), and where."""

from collections.abc import Iterator
from typing import Any

from publisher.domain.checks.rules import shown

LEVELS = {
    "Point": 0,
    "MultiPoint": 1,
    "LineString": 1,
    "MultiLineString": 2,
    "Polygon": 2,
    "MultiPolygon": 3,
}
LEAST = {"LineString": 2, "MultiLineString": 2, "Polygon": 4, "MultiPolygon": 4}
# Beyond 180 degrees a geometry may go on across the antimeridian; once around is the most.
EAST, NORTH = 360, 90
Problem = tuple[str, str]


def problems(value: Any, pointer: str = "/geometry") -> Iterator[Problem]:
    """(pointer, what it is): nothing for a geometry that can be shown and searched."""
    if not isinstance(value, dict) or not isinstance(value.get("type"), str):
        yield pointer, "is not an object with a type"
    elif value["type"] == "GeometryCollection":
        yield from _collection(value.get("geometries"), f"{pointer}/geometries")
    elif value["type"] not in LEVELS:
        yield f"{pointer}/type", f"has the unknown type {shown(value['type'])}"
    else:
        kind, where = value["type"], f"{pointer}/coordinates"
        yield from _parts(value.get("coordinates"), kind, LEVELS[kind], where)


def _collection(parts: Any, pointer: str) -> Iterator[Problem]:
    if not isinstance(parts, list) or not parts:
        yield pointer, "has no list of geometries"
        return
    for index, part in enumerate(parts):
        if isinstance(part, dict) and part.get("type") == "GeometryCollection":
            yield f"{pointer}/{index}", "is a collection within a collection"
        else:
            yield from problems(part, f"{pointer}/{index}")


def _parts(value: Any, kind: str, level: int, pointer: str) -> Iterator[Problem]:
    if level == 0:
        if why := _position(value):
            yield pointer, why
    elif not isinstance(value, list) or not value:
        yield pointer, f"has coordinates that are not those of a {kind}"
    else:
        for index, part in enumerate(value):
            yield from _parts(part, kind, level - 1, f"{pointer}/{index}")
        if level == 1 and (why := _line(value, kind)):
            yield pointer, why


def _position(value: Any) -> str | None:
    numbers = isinstance(value, list) and all(
        isinstance(n, int | float) and not isinstance(n, bool) for n in value
    )
    if not numbers or not 2 <= len(value) <= 4:
        return "is not a position of two or three numbers"
    if not -EAST <= value[0] <= EAST:
        return f"has a longitude beyond {EAST} degrees"
    if not -NORTH <= value[1] <= NORTH:
        return "has a latitude beyond 90 degrees; the order is longitude, latitude"
    return None


def _line(positions: list[Any], kind: str) -> str | None:
    least = LEAST.get(kind, 1)
    if len(positions) < least:
        return f"has {len(positions)} positions; a {kind} has at least {least}"
    if least == 4 and positions[0] != positions[-1]:
        return "is a ring that does not end where it starts"
    return None
