"""Places of STAC Collections: the boxes of ``extent.spatial.bbox``, as they were meant."""

from collections.abc import Mapping, Sequence
from typing import Any

ROUNDED = 1e-6  # degrees
Box = list[float]


def boxes(extent: Any) -> list[Box]:
    """West, south, east, north of each box, without those that make no sense.

    Of several the first encloses the others, which say it better (STAC 1.1, Spatial Extent Object).
    """
    spatial = extent.get("spatial") if isinstance(extent, Mapping) else None
    listed = spatial.get("bbox") if isinstance(spatial, Mapping) else None
    found = [box for box in map(sensible, listed if isinstance(listed, list) else ()) if box]
    if len(found) > 1 and all(_encloses(found[0], box) for box in found[1:]):
        return found[1:]
    return found


def sensible(box: Any) -> Box | None:
    """West, south, east, north of a box that may have been written in another order, else None.

    What was published is served as it is; but it should be found where it is meant to be. West is
    east of east when it crosses the antimeridian.
    """
    if not isinstance(box, list) or len(box) not in (4, 6):
        return None
    if not all(type(number) in (int, float) for number in box):
        return None
    x0, y0, x1, y1 = (*box[:2], *box[len(box) // 2 :][:2])
    for west, south, east, north in ((x0, y0, x1, y1), (y0, x0, y1, x1)):
        if max(abs(south), abs(north)) <= 90 and max(abs(west), abs(east)) <= 360:
            if south > north:
                return _within(min(west, east), north, max(west, east), south)
            inside = west <= east or max(west, -east) <= 180
            return _within(west, south, east, north) if inside else None
    return None


def _within(west: float, south: float, east: float, north: float) -> Box | None:
    """In -180..180, so that boxes of several ways to count make one place together."""
    if east - west > 360:
        return None
    if east - west == 360:
        west, east = -180, 180
    if west < -180 or east > 180:
        west, east = ((x + 180) % 360 - 180 for x in (west, east))
        east = 180 if east == -180 else east
    return [west, south, east, north]


def _encloses(outer: Sequence[float], inner: Sequence[float]) -> bool:
    """Neither crosses the antimeridian; numbers that were rounded are let pass."""
    if outer[0] > outer[2] or inner[0] > inner[2]:
        return False
    lower = all(outer[n] <= inner[n] + ROUNDED for n in (0, 1))
    return lower and all(outer[n] >= inner[n] - ROUNDED for n in (2, 3))
