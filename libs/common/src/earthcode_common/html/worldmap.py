"""A map of where something is, as values for an inline SVG: degrees, north up (y is -latitude)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import shapely
from shapely.errors import ShapelyError

from earthcode_common.html.land import LAND

MAX_SHAPES = 500
LEAST_WIDTH = 100.0  # degrees of longitude: the outline of the land is too coarse for less
WORLD = 360.0 * 180.0  # square degrees
TINY = 0.012  # of the map's width: what is smaller gets a dot to be seen


class WorldMap(NamedTuple):
    """``view`` is west, top, width, height; ``dots`` are x, y of shapes too small to see."""

    view: tuple[float, float, float, float]
    land: str
    shapes: list[str]
    dots: list[tuple[float, float]]
    dot: float

    @property
    def viewbox(self) -> str:
        return " ".join(f"{number:g}" for number in self.view)

    @property
    def graticule(self) -> str:
        across = "".join(f"M-180 {y}H180" for y in range(-60, 90, 30))
        return across + "".join(f"M{x} -90V90" for x in range(-150, 180, 30))


def of_boxes(boxes: Any) -> WorldMap | None:
    """``boxes`` as in an ``extent.spatial.bbox``; odd ones are passed over."""
    found = [_box(one) for one in (boxes if isinstance(boxes, list) else [])[:MAX_SHAPES]]
    return _map([shape for shapes in found for shape in shapes])


def of_geometries(geometries: Iterable[Any]) -> WorldMap | None:
    """GeoJSON geometries; those that cannot be drawn are passed over."""
    shapes = (_shape(one) for one in list(geometries)[:MAX_SHAPES])
    return _map([shape for shape in shapes if shape is not None and not shape.is_empty])


def _box(corners: Any) -> list[shapely.Geometry]:
    if not isinstance(corners, Sequence) or len(corners) not in (4, 6):
        return []
    if not all(isinstance(one, int | float) and abs(one) <= 1e6 for one in corners):
        return []
    half = len(corners) // 2
    west, south, east, north = (*corners[:2], *corners[half : half + 2])
    south, north = sorted((_between(south, -90, 90), _between(north, -90, 90)))
    return [shapely.box(x0, south, x1, north) for x0, x1 in _spans(west, east)]


def _spans(west: float, east: float) -> list[tuple[float, float]]:
    """Within -180..180; two when the antimeridian is between, or longitudes count on past it."""
    if east - west >= 360:
        return [(-180.0, 180.0)]
    west, east = (_turned(number) if abs(number) > 180 else number for number in (west, east))
    return [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]


def _turned(longitude: float) -> float:
    return (longitude + 180) % 360 - 180


def _between(number: float, low: float, high: float) -> float:
    return max(low, min(high, float(number)))


def _shape(geometry: Any) -> shapely.Geometry | None:
    if not isinstance(geometry, Mapping):
        return None
    try:
        shape = shapely.geometry.shape(geometry)
        return shapely.force_2d(shape).simplify(0.2, preserve_topology=False) or shape
    except (ShapelyError, ValueError, TypeError, KeyError, AttributeError, IndexError):
        return None


def _map(shapes: Sequence[shapely.Geometry]) -> WorldMap | None:
    if not shapes:
        return None
    view = _view(shapely.total_bounds(list(shapes)).tolist())
    least = view[2] * TINY
    small = [shape for shape in shapes if _size(shape) < least]
    middles = [shape.centroid for shape in small]
    dots = [(round(p.x, 2), round(-p.y, 2)) for p in middles if not p.is_empty]
    paths = [path for path in dict.fromkeys(map(_path, _telling(shapes))) if path]
    return WorldMap(view, LAND, paths, list(dict.fromkeys(dots)), round(least * 0.6, 3))


def _telling(shapes: Sequence[shapely.Geometry]) -> Sequence[shapely.Geometry]:
    """Beside others, one that is everywhere only hides them."""
    return [shape for shape in shapes if shape.area < 0.8 * WORLD] or shapes


def _size(shape: shapely.Geometry) -> float:
    west, south, east, north = shape.bounds
    return max(east - west, north - south)


def _view(bounds: Sequence[float]) -> tuple[float, float, float, float]:
    """Twice as wide as high, around ``bounds`` with the land nearby, within the world."""
    west, south, east, north = bounds
    width = max(LEAST_WIDTH, (east - west) * 1.6, (north - south) * 3.2)
    if width >= 240:
        return (-180.0, -90.0, 360.0, 180.0)
    left = _between((west + east) / 2 - width / 2, -180, 180 - width)
    top = _between(-(south + north) / 2 - width / 4, -90, 90 - width / 2)
    return (round(left, 2), round(top, 2), round(width, 2), round(width / 2, 2))


def _path(shape: shapely.Geometry) -> str:
    if isinstance(shape, shapely.Polygon):
        return "".join(_line(ring.coords) + "Z" for ring in (shape.exterior, *shape.interiors))
    if isinstance(shape, shapely.LineString):
        return _line(shape.coords)
    return "".join(_path(part) for part in getattr(shape, "geoms", ()))


def _line(coords: Iterable[Sequence[float]]) -> str:
    return "M" + "L".join(f"{point[0]:.6g} {-point[1]:.6g}" for point in coords)
