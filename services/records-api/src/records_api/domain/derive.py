"""Where and when of records that do not say so, from their products, else from their project."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from earthcode_common.ogc import extents
from earthcode_common.ogc.datetimes import OPEN_START, Interval, format_instant, parse_instant
from earthcode_common.ogc.entities import Key
from earthcode_common.ogc.geometry import boxes_geometry, footprint
from earthcode_common.problems import BadRequest


class Extent(NamedTuple):
    """Boxes of 4 or 6 numbers, and intervals of two ends, None being open."""

    boxes: list[list[float]]
    intervals: list[tuple[datetime | None, datetime | None]]


@dataclass(frozen=True)
class Surroundings:
    """Entities around some records: who is linked with whom (either way), and known extents."""

    edges: Mapping[Key, set[Key]] = field(default_factory=dict)
    extents: Mapping[Key, Extent] = field(default_factory=dict)

    def around(self, key: Key, kind: str) -> list[Key]:
        return sorted(one for one in self.edges.get(key, ()) if one.kind == kind)


class Derived(NamedTuple):
    """A value and the entities it was derived from."""

    value: Any
    sources: list[Key]


def boxes(key: Key, here: Surroundings) -> Derived | None:
    """All boxes of the products of a record, else those of its project."""
    for sources in _sources(key, here):
        found = [(one, here.extents[one].boxes) for one in sources if one in here.extents]
        found = [(one, many) for one, many in found if many]
        if found:
            return Derived([box for _, many in found for box in many], [one for one, _ in found])
    return None


def interval(key: Key, here: Surroundings) -> Derived | None:
    """The interval that encloses those of the products of a record, else of its project."""
    for sources in _sources(key, here):
        found = [(one, here.extents[one].intervals) for one in sources if one in here.extents]
        found = [(one, many) for one, many in found if many]
        if found:
            whole = enclosing([one for _, many in found for one in many])
            return Derived(whole, [one for one, _ in found])
    return None


def _sources(key: Key, here: Surroundings) -> list[list[Key]]:
    """Products first, projects when none of these says anything."""
    return [products(key, here), projects(key, here)]


def products(key: Key, here: Surroundings) -> list[Key]:
    """Those of a record; a product is its own."""
    if key.kind == "product":
        return [key]
    found = here.around(key, "product")
    if found or key.kind == "experiment":
        return found
    return _all(products(one, here) for one in here.around(key, "experiment"))


def projects(key: Key, here: Surroundings) -> list[Key]:
    """A record's own project, else that of what it was made with."""
    found = here.around(key, "project")
    if found or key.kind in ("workflow", "product"):
        return found
    above = "workflow" if key.kind == "experiment" else "experiment"
    return _all(projects(one, here) for one in here.around(key, above))


def _all(lists: Iterable[Sequence[Key]]) -> list[Key]:
    return sorted({one for many in lists for one in many})


def enclosing(intervals: Sequence[tuple[datetime | None, datetime | None]]) -> Interval:
    starts, ends = [one[0] for one in intervals], [one[1] for one in intervals]
    known_starts, known_ends = [s for s in starts if s], [e for e in ends if e]
    return Interval(
        min(known_starts) if len(known_starts) == len(starts) else None,
        max(known_ends) if len(known_ends) == len(ends) else None,
    )


def envelope(found: Sequence[Sequence[float]]) -> dict[str, Any]:
    """A Polygon in the order south-west, north-west, north-east, south-east, south-west.

    QGIS takes corner 0 for the minimum and corner 2 for the maximum, and knows polygons only; all
    longitudes are taken when a box crosses the antimeridian.
    """
    geometry = boxes_geometry(found)
    assert geometry is not None
    x0, y0, x1, y1, _ = footprint(geometry)
    whole = boxes_geometry([[x0, y0, x1, y1] if x1 <= 180 else [-180, y0, 180, y1]])
    assert whole is not None
    return whole


def time_member(found: Interval) -> dict[str, Any]:
    """OGC API - Records ``time``: open ends are ``..``."""
    return {"interval": [format_instant(end) if end else ".." for end in found]}


def extent_of(document: Mapping[str, Any]) -> Extent:
    """The ``extent`` of a STAC Collection, without boxes and intervals that make no sense."""
    found = document.get("extent")
    pairs = _listed(found, "temporal", "interval")
    return Extent(
        extents.boxes(found),
        [pair for pair in map(ends, pairs) if pair is not None],
    )


def _listed(value: Any, *names: str) -> list[Any]:
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value if isinstance(value, list) else []


def is_footprint(geometry: Any) -> bool:
    try:
        footprint(geometry)
    except BadRequest:
        return False
    return True


def ends(pair: Any, last: str = "00:00:00") -> tuple[datetime | None, datetime | None] | None:
    """Two instants, of which one may be open; None for anything else.

    ``last``: the time of day that a date means as the end.
    """
    if not isinstance(pair, list | tuple) or len(pair) != 2:
        return None
    days = zip(pair, ("00:00:00", last), strict=True)
    try:
        start, end = (None if one in (None, "..", "") else _instant(one, at) for one, at in days)
    except BadRequest:
        return None
    if start is None and end is None:
        return None
    return (end, start) if start and end and start > end else (start, end)


def _instant(value: Any, at: str) -> datetime:
    if isinstance(value, str) and len(value) == len("2020-01-01"):
        value = f"{value}T{at}Z"
    return parse_instant(value)


def stored(extent: Extent) -> dict[str, Any]:
    intervals = [[one and format_instant(one) for one in pair] for pair in extent.intervals]
    return {"bbox": extent.boxes, "interval": intervals}


def restored(value: Mapping[str, Any]) -> Extent:
    pairs = (ends(pair) for pair in value["interval"])
    return Extent(value["bbox"], [pair for pair in pairs if pair])


def searched(found: Interval) -> Interval:
    """For the search store, in which two open ends would mean "no time"."""
    return Interval(OPEN_START, None) if found == (None, None) else found
