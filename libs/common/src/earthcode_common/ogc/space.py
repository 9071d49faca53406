"""Where a query asks: boxes for the index, and the exact shape for GEOS."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import shapely
from shapely import Geometry

from earthcode_common.ogc.bbox import Bbox
from earthcode_common.ogc.geometry import bbox_shape, parse_geometry, unwrapped_box
from earthcode_common.ogc.query import Query
from earthcode_common.problems import BadRequest

Box = tuple[float, float, float, float]
# Beyond what search_time() yields, so that they mean "no limit".
MIN_TIME, MAX_TIME = -10_000.0, 10_000.0
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST, _LAST = datetime(1800, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
MAX_POSITIONS = 10_000
_BEYOND = math.nextafter(180, 360)


@dataclass(frozen=True)
class Space:
    """``boxes`` are unwrapped, one scan each; no boxes means the whole world.

    ``fill``: how much of its box the shape covers, between 0.25 and 1: so many of the rows that
    meet the box will meet the shape too.
    """

    boxes: list[Box]
    shape: Geometry | None = None
    exact_box: bool = False
    fill: float = 1.0


def asked_space(query: Query) -> Space | None:
    """None when the query does not ask for a place. Raises BadRequest for bbox and intersects."""
    if query.bbox is not None and query.intersects is not None:
        raise BadRequest("bbox and intersects exclude each other", parameter="intersects")
    if query.bbox is not None:
        return _of_bbox(query.bbox)
    if query.intersects is not None:
        return _of_shape(query.intersects)
    return None


def _of_bbox(box: Bbox) -> Space:
    if box.world:
        return Space([])
    shape = bbox_shape(box)
    shapely.prepare(shape)
    east = box.east if box.west <= box.east else box.east + 360
    return Space(_shifted((box.west, box.south, east, box.north)), shape, exact_box=True)


def _of_shape(geometry: Geometry | Mapping[str, Any]) -> Space:
    if not isinstance(geometry, Geometry):
        geometry = parse_geometry(geometry, parameter="intersects", max_positions=MAX_POSITIONS)
    shapely.prepare(geometry)
    box = unwrapped_box(geometry)
    return Space(_shifted(box), geometry, fill=_fill(geometry, box))


def _fill(geometry: Geometry, box: Box) -> float:
    around = (box[2] - box[0]) * (box[3] - box[1])
    return min(max(geometry.area / around, 0.25), 1.0) if around else 1.0


def _shifted(box: Box) -> list[Box]:
    """The box, and where it is found again when boxes of rows pass the antimeridian."""
    x0, y0, x1, y1 = box
    boxes = [box]
    if x0 < -120 and x1 < 180:  # Rows reach from 120 or more to 240 at most (geometry.WIDE).
        # What lies on 180 itself is not on -180: shapes are plane.
        boxes.append((max(x0 + 360, _BEYOND), y0, x1 + 360, y1))
    if x1 > 180:
        boxes.append((x0 - 360, y0, x1 - 360, y1))
    return boxes


def index_time(moment: datetime) -> float:
    """What ``search_time()`` of store.sql makes of it."""
    seconds = (min(max(moment, _FIRST), _LAST) - _EPOCH) // timedelta(microseconds=1) / 1_000_000
    return seconds / 1048576
