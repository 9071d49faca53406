"""GeoJSON geometries (RFC 7946) as footprints: checked, cut at the antimeridian, with a box.

The box is *unwrapped*: a footprint that crosses the antimeridian has ``x1`` beyond 180, so that it
stays narrow; one that is wider than 60 degrees and crosses takes all longitudes instead.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import orjson
import shapely
from shapely import Geometry
from shapely.affinity import translate

from earthcode_common.ogc.bbox import Bbox
from earthcode_common.ogc.crossings import check_crossings
from earthcode_common.problems import BadRequest

WIDE = 60.0
MAX_POSITIONS = 100_000
MAX_BOXES = 100
TYPES = {
    "Point": 0,
    "MultiPoint": 1,
    "LineString": 1,
    "MultiLineString": 2,
    "Polygon": 2,
    "MultiPolygon": 3,
}
WORLD = shapely.box(-180, -90, 180, 90)


class Footprint(NamedTuple):
    """What the store keeps of a geometry; all longitudes of ``wkb`` are within -180..180."""

    x0: float
    y0: float
    x1: float
    y1: float
    wkb: bytes


def footprint(geometry: Mapping[str, Any], *, pointer: str = "/geometry") -> Footprint:
    """Raises BadRequest (see ``parse_geometry``)."""
    shape = parse_geometry(geometry, pointer=pointer)
    return Footprint(*unwrapped_box(shape), shapely.to_wkb(shape))


def parse_geometry(
    geometry: Any,
    *,
    pointer: str | None = None,
    parameter: str | None = None,
    max_positions: int = MAX_POSITIONS,
) -> Geometry:
    """The geometry in two dimensions, valid, within -180..180; self-crossing polygons are mended.

    Raises BadRequest for what is not GeoJSON, is empty, out of range, nested, too large, or crosses
    itself so often that mending it would take long.
    """
    try:
        return _shape(geometry, max_positions)
    except ValueError as error:
        reason = str(error)
    except shapely.errors.GEOSException as error:
        reason = str(error).partition(": ")[2] or str(error)
    detail = f"The geometry is not valid: {reason[:200]}"
    raise BadRequest(detail, pointer=pointer, parameter=parameter)


def _shape(geometry: Any, max_positions: int) -> Geometry:
    members = _members(geometry)
    positions = sum(_check(member) for member in members)
    if positions > max_positions:
        raise ValueError(f"it has {positions} positions; at most {max_positions}")
    shapes = [shapely.force_2d(_from_geojson(member)) for member in members]
    if len(shapes) > 1 or not shapes[0].is_valid:
        check_crossings(shapes)
    shapes = [shape if shape.is_valid else _mended(shape) for shape in shapes]
    shape = shapes[0] if len(shapes) == 1 else shapely.union_all(shapes)
    if shape.is_empty:
        raise ValueError("it is empty")
    return _normal(shape)


def _mended(shape: Geometry) -> Geometry:
    """Not by the method "linework": that takes minutes for some hundred overlapping polygons."""
    return shapely.make_valid(shape, method="structure")


def _members(geometry: Any) -> Sequence[Any]:
    if not isinstance(geometry, Mapping):
        raise ValueError("it is not a GeoJSON object")
    if geometry.get("type") != "GeometryCollection":
        return [geometry]
    members = geometry.get("geometries")
    if not isinstance(members, list) or not members:
        raise ValueError("a GeometryCollection needs a non-empty array `geometries`")
    if any(isinstance(m, Mapping) and m.get("type") == "GeometryCollection" for m in members):
        raise ValueError("a GeometryCollection within another is not supported")
    return members


def _check(geometry: Any) -> int:
    """The number of positions; raises ValueError for anything but finite numbers in range."""
    kind = geometry.get("type") if isinstance(geometry, Mapping) else None
    if not isinstance(kind, str) or kind not in TYPES:
        raise ValueError(f"its type is not one of {', '.join(TYPES)} or GeometryCollection")
    positions = [geometry.get("coordinates")]
    for _ in range(TYPES[kind]):
        positions = [inner for outer in positions for inner in _array(outer)]
    for position in positions:
        _check_position(position)
    return len(positions)


def _array(value: Any) -> Iterable[Any]:
    if not isinstance(value, list | tuple):
        raise ValueError("its coordinates are not nested as deep as its type asks")
    if not value:
        raise ValueError("it has empty coordinates")
    return value


def _check_position(position: Any) -> None:
    if not isinstance(position, list | tuple) or not 2 <= len(position) <= 4:
        raise ValueError("a position has two or three numbers")
    if any(isinstance(n, bool) or not isinstance(n, int | float) for n in position):
        raise ValueError("a position has two or three numbers")
    x, y = position[:2]
    if not (-360 <= x <= 360 and -90 <= y <= 90) or not all(map(_finite, position)):
        raise ValueError(
            f"[{x:.6g}, {y:.6g}] is not a longitude and latitude (degrees, in this order)"
            if abs(x) < 1e300 and abs(y) < 1e300
            else "a position must be finite"
        )


def _finite(number: float) -> bool:
    return -1e300 < number < 1e300


def _from_geojson(member: Mapping[str, Any]) -> Geometry:
    slim = {"type": member["type"], "coordinates": _planar(member["coordinates"])}
    return shapely.from_geojson(orjson.dumps(slim).decode())


def _planar(coordinates: Any) -> Any:
    if isinstance(coordinates[0], int | float):
        return [float(n) for n in coordinates[:2]]
    return [_planar(inner) for inner in coordinates]


def _normal(shape: Geometry) -> Geometry:
    """Moves what lies beyond the antimeridian to the other side; nearly always there is nothing."""
    west, _, east, _ = shape.bounds
    if west >= -180 and east <= 180:
        return shape
    if east - west > 360:
        raise ValueError("it is wider than 360 degrees")
    parts = [shapely.intersection(translate(shape, shift), WORLD) for shift in (-360, 0, 360)]
    # A polygon that ends at 180 exactly leaves only a line on the other side: not a part of it.
    dimensions = shapely.get_dimensions(shape)
    return shapely.union_all([p for p in parts if shapely.get_dimensions(p) == dimensions])


def unwrapped_box(shape: Geometry) -> tuple[float, float, float, float]:
    """West, south, east (up to 240 when it crosses the antimeridian) and north, in degrees."""
    west, south, east, north = (float(n) for n in shape.bounds)
    if east - west <= 180:
        return west, south, east, north
    parts = shapely.get_parts(shape)
    if len(parts) > 1:
        start, end = _shortest_arc(shapely.bounds(parts)[:, [0, 2]])
        if end > 180 and end - start <= WIDE:
            return start, south, end, north
        if end > 180:
            return -180.0, south, 180.0, north
    return west, south, east, north


def _shortest_arc(spans: Any) -> tuple[float, float]:
    """The shortest arc that covers all spans: it starts after the widest gap."""
    spans = spans[np.argsort(spans[:, 0])]
    reach = np.maximum.accumulate(spans[:, 1])
    gaps = spans[1:, 0] - reach[:-1]
    around = spans[0, 0] + 360 - reach[-1]
    if not len(gaps) or around >= gaps.max():
        return float(spans[0, 0]), float(reach[-1])
    cut = int(gaps.argmax())
    return float(spans[cut + 1, 0]), float(reach[cut]) + 360


def boxes_of(box: Bbox) -> list[tuple[float, float, float, float]]:
    """The one or two boxes, within -180..180, that a bbox means."""
    if box.west <= box.east:
        return [(box.west, box.south, box.east, box.north)]
    return [
        (box.west, box.south, 180.0, box.north),
        (-180.0, box.south, box.east, box.north),
    ]


def bbox_shape(box: Bbox) -> Geometry:
    """The area of a bbox; a line or a point when it has no width or height."""
    shapes = [_area(*corners) for corners in boxes_of(box)]
    return shapes[0] if len(shapes) == 1 else shapely.union_all(shapes)


def _area(west: float, south: float, east: float, north: float) -> Geometry:
    # What mends a flat polygon goes there and back, which is a line without ends.
    if west < east and south < north:
        return shapely.box(west, south, east, north)
    if west == east and south == north:
        return shapely.Point(west, south)
    return shapely.LineString([(west, south), (east, north)])


def boxes_geometry(boxes: Iterable[Sequence[float]]) -> dict[str, Any] | None:
    """A GeoJSON geometry of several boxes (an ``extent.spatial.bbox``), 4 or 6 numbers each.

    None without boxes; beyond MAX_BOXES what encloses them all. Does not judge the numbers:
    ``footprint`` does.
    """
    corners = [(*box[:2], *box[len(box) // 2 :][:2]) for box in boxes]
    rings = []
    for west, south, east, north in corners if len(corners) <= MAX_BOXES else _around(corners):
        spans = [(west, east)] if west <= east else [(west, 180), (-180, east)]
        rings += [[_ring(x0, south, x1, north)] for x0, x1 in spans]
    if len(rings) == 1:
        return {"type": "Polygon", "coordinates": rings[0]}
    return {"type": "MultiPolygon", "coordinates": rings} if rings else None


def _around(corners: Sequence[Sequence[float]]) -> list[tuple[float, float, float, float]]:
    """All longitudes, when a box crosses the antimeridian."""
    wests, souths, easts, norths = zip(*corners, strict=True)
    crosses = any(west > east for west, east in zip(wests, easts, strict=True))
    west, east = (-180.0, 180.0) if crosses else (min(wests), max(easts))
    return [(west, min(souths), east, max(norths))]


def _ring(west: float, south: float, east: float, north: float) -> list[list[float]]:
    return [[west, south], [west, north], [east, north], [east, south], [west, south]]
