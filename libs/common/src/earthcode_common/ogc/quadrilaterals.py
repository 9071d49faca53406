"""Footprints of convex quadrilaterals, which most satellite scenes have, without GEOS."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

import numpy as np

from earthcode_common.ogc.geometry import Footprint

_LEAST = 1e-9  # square degrees; far above what rounding does to a cross product of degrees
_WKB = np.dtype(  # OGC 06-103r4, 8.2.8: a little-endian polygon of one ring of five points
    [("order", "u1"), ("head", "<u4", 3), ("points", "<f8", (5, 2))]
)


def corners(geometry: Any) -> list[float]:
    """The numbers of its five positions when it looks like one, else none."""
    if type(geometry) is not dict or geometry.get("type") != "Polygon":
        return []
    rings = geometry.get("coordinates")
    if type(rings) is not list or len(rings) != 1 or type(rings[0]) is not list:
        return []
    ring = rings[0]
    if len(ring) != 5 or set(map(type, ring)) != {list} or set(map(len, ring)) != {2}:
        return []
    numbers = list(chain.from_iterable(ring))
    return numbers if ring[0] == ring[4] and set(map(type, numbers)) <= {int, float} else []


def quadrilaterals(numbers: Sequence[float]) -> Iterator[Footprint | None]:
    """Of each ring of five positions its footprint; None: look closer.

    Four corners that all turn to the same side make a ring that cannot cross itself.
    """
    points = np.array(numbers, dtype=np.float64).reshape(-1, 5, 2)
    least, most = points.min(axis=1), points.max(axis=1)
    fine = _are_convex(points) & _are_usual(least, most)
    boxes, wkb = np.hstack([least, most]).tolist(), _wkb(points)
    for number, (box, is_fine) in enumerate(zip(boxes, fine.tolist(), strict=True)):
        west, south, east, north = box
        start = number * _WKB.itemsize
        end = start + _WKB.itemsize
        yield Footprint(west, south, east, north, wkb[start:end]) if is_fine else None


def _are_convex(points: Any) -> Any:
    x, y = np.moveaxis(np.diff(points, axis=1), 2, 0)
    turns = x * np.roll(y, -1, axis=1) - y * np.roll(x, -1, axis=1)
    return (turns > _LEAST).all(axis=1) | (turns < -_LEAST).all(axis=1)


def _are_usual(least: Any, most: Any) -> Any:
    """Within the world, and not so wide that it may cross the antimeridian."""
    within = (least >= (-180, -90)) & (most <= (180, 90))
    return within.all(axis=1) & (most[:, 0] - least[:, 0] <= 180)


def _wkb(points: Any) -> bytes:
    made = np.empty(len(points), dtype=_WKB)
    made["order"], made["head"], made["points"] = 1, (3, 1, 5), points
    return made.tobytes()
