"""Footprints of many geometries at once: what is simple is made in one go, the rest one by one.

Simple are polygons in two dimensions that are valid and end within -180..180; of these the answers
are those of ``geometry.footprint``, at a small part of the cost.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

import numpy as np
import shapely

from earthcode_common.ogc.geometry import MAX_POSITIONS, Footprint, footprint
from earthcode_common.ogc.quadrilaterals import corners, quadrilaterals
from earthcode_common.problems import BadRequest

_NUMBERS = {int, float}
_KINDS = {"Polygon", "MultiPolygon"}


def footprints(geometries: Iterable[Any]) -> list[Footprint | BadRequest | None]:
    """Of each its footprint, or why it has none (see ``geometry.parse_geometry``).

    None has none.
    """
    simple = _Simple()
    kept = []
    for place, geometry in enumerate(geometries):
        simple.add(place, geometry)
        kept.append(geometry)
    made = dict(simple.footprints())
    return [made.get(place) or _single(geometry) for place, geometry in enumerate(kept)]


def _single(geometry: Any) -> Footprint | BadRequest | None:
    if geometry is None:
        return None
    try:
        return footprint(geometry)
    except BadRequest as problem:
        return problem


class _Simple:
    """The coordinates of many geometries, and how many of them each ring, polygon and shape has."""

    def __init__(self) -> None:
        self.corners: list[float] = []  # of quadrilaterals, which are kept apart
        self.quadrilaterals: list[int] = []
        self.numbers: list[float] = []
        self.of_ring: list[int] = []
        self.of_polygon: list[int] = []
        self.of_shape: list[int] = []
        self.multi: list[bool] = []
        self.places: list[int] = []

    def add(self, place: int, geometry: Any) -> None:
        """Takes the geometry when it looks simple."""
        if four := corners(geometry):
            self.corners += four
            self.quadrilaterals.append(place)
            return
        kind = geometry.get("type") if isinstance(geometry, Mapping) else None
        if not isinstance(kind, str) or kind not in _KINDS:
            return
        inner = geometry.get("coordinates")
        polygons = [inner] if kind == "Polygon" else inner
        rings = _within(polygons)
        positions = _within(rings)
        numbers = _within(positions)
        if not numbers or not _are_simple(rings, positions, numbers):
            return
        self.numbers += numbers
        self.of_ring += map(len, rings)
        self.of_polygon += map(len, polygons)
        self.of_shape.append(len(polygons))
        self.multi.append(kind == "MultiPolygon")
        self.places.append(place)

    def footprints(self) -> Iterator[tuple[int, Footprint]]:
        """(place, footprint) of what turned out to be simple."""
        if self.quadrilaterals:
            found = zip(self.quadrilaterals, quadrilaterals(self.corners), strict=True)
            yield from ((place, one) for place, one in found if one)
        if self.places:
            yield from self._others()

    def _others(self) -> Iterator[tuple[int, Footprint]]:
        shapes = self._shapes()
        bounds = shapely.bounds(shapes)
        usual = shapely.is_valid(shapes) & _are_usual(bounds)
        boxes, wkb = bounds.tolist(), shapely.to_wkb(shapes)
        for number in np.flatnonzero(usual).tolist():
            west, south, east, north = boxes[number]
            yield self.places[number], Footprint(west, south, east, north, wkb[number])

    def _shapes(self) -> Any:
        coordinates = np.array(self.numbers, dtype=np.float64).reshape(-1, 2)
        rings = shapely.linearrings(coordinates, indices=_owners(self.of_ring))
        polygons = shapely.polygons(rings, indices=_owners(self.of_polygon))
        sizes, multi = np.array(self.of_shape), np.array(self.multi)
        in_multi = np.repeat(multi, sizes)
        shapes = np.empty(len(sizes), dtype=object)
        shapes[~multi] = polygons[~in_multi]
        if multi.any():
            owners = _owners(sizes[multi])
            shapes[multi] = shapely.multipolygons(polygons[in_multi], indices=owners)
        return shapes


def _within(lists: Any) -> list[Any]:
    """What is in all of ``lists``; nothing when one of them is empty or no list."""
    if not isinstance(lists, list) or set(map(type, lists)) != {list} or not all(lists):
        return []
    return list(chain.from_iterable(lists))


def _are_simple(rings: list[Any], positions: list[Any], numbers: list[Any]) -> bool:
    return (
        set(map(len, positions)) == {2}
        and set(map(type, numbers)) <= _NUMBERS
        and len(positions) <= MAX_POSITIONS
        and all(len(ring) >= 4 and ring[0] == ring[-1] for ring in rings)
    )


def _are_usual(bounds: Any) -> Any:
    """Within the world, and not so wide that it may cross the antimeridian."""
    west, south, east, north = bounds.T
    inside = (west >= -180) & (east <= 180) & (south >= -90) & (north <= 90)
    return inside & (east - west <= 180)


def _owners(sizes: Any) -> Any:
    """[2, 3] -> [0, 0, 1, 1, 1]"""
    return np.repeat(np.arange(len(sizes)), sizes)
