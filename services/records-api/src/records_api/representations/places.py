"""Where and when, as other formats say it."""

from collections.abc import Mapping
from typing import Any

import shapely
from earthcode_common.ogc.datetimes import Interval
from earthcode_common.ogc.geometry import parse_geometry, unwrapped_box
from earthcode_common.problems import BadRequest

from records_api.domain import derive

DECIMALS = 9
Box = tuple[float, float, float, float]


def shape_of(geometry: Any) -> shapely.Geometry | None:
    """In two dimensions and within -180..180; None for what is no place."""
    try:
        return parse_geometry(geometry)
    except BadRequest:
        return None


def box_of(shape: shapely.Geometry) -> Box:
    """West, south, east, north; west > east across the antimeridian (RFC 7946, section 5.2)."""
    west, south, east, north = (round(n, DECIMALS) for n in unwrapped_box(shape))
    return west, south, east - 360 if east > 180 else east, north


def wkt(shape: shapely.Geometry) -> str:
    return str(shapely.to_wkt(shape, rounding_precision=DECIMALS))


def box_wkt(box: Box) -> str:
    """A box as a polygon; as two of them when it crosses the antimeridian."""
    west, south, east, north = box
    if west <= east:
        return wkt(shapely.box(*box))
    halves = [shapely.box(west, south, 180, north), shapely.box(-180, south, east, north)]
    return wkt(shapely.MultiPolygon(halves))


def interval_of(time: Any) -> Interval | None:
    """OGC API - Records ``time``: a date, a timestamp or an interval."""
    members: Mapping[str, Any] = time if isinstance(time, dict) else {}
    one = members.get("timestamp") or members.get("date")
    try:
        pair = derive.ends(members.get("interval") if one is None else [one, one])
    except (TypeError, AttributeError):
        return None
    return Interval(*pair) if pair else None
