"""Rules on the extent of products and projects: what the search index is built from."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from earthcode_common.ogc.instants import instant

from publisher.domain.checks.rules import Fault, Severity, Subject, rule, shown

COLLECTIONS = ("product", "project")
# A search knows this many boxes of a collection; of one with more only what encloses them.
GOOD_BOXES = 100
MAX_BOXES = 1000


@rule(
    "extent.bbox",
    "error",
    "extent.spatial.bbox is a list of boxes [west, south, east, north] in degrees",
    "the map and every spatial search read it (STAC Collection, RFC 7946 section 5)",
    COLLECTIONS,
)
def bbox(subject: Subject) -> Iterator[Fault]:
    boxes = _inside(subject, "spatial", "bbox")
    if boxes is None:
        return
    if not isinstance(boxes, list) or not boxes:
        yield Fault("/extent/spatial/bbox", "It is not a list of boxes", "[[-180, -90, 180, 90]]")
        return
    for index, box in enumerate(boxes):
        if why := box_problem(box):
            yield Fault(f"/extent/spatial/bbox/{index}", f"The box {why}")


@rule(
    "extent.boxes",
    "warning",
    f"there are at most {GOOD_BOXES} boxes; more than {MAX_BOXES} are refused",
    "every search by place looks at all of them; what differs box by box belongs into Items",
    COLLECTIONS,
)
def boxes(subject: Subject) -> Iterator[Fault]:
    found = _inside(subject, "spatial", "bbox")
    if isinstance(found, list) and len(found) > GOOD_BOXES:
        said = f"There are {len(found)} boxes; it will be found by what encloses them all"
        severe: Severity | None = "error" if len(found) > MAX_BOXES else None
        hint = f"at most {GOOD_BOXES}"
        yield Fault("/extent/spatial/bbox", said, hint, severity=severe)


@rule(
    "extent.interval",
    "error",
    "extent.temporal.interval is a list of [start, end], each a date and time or null",
    "every temporal search reads it (STAC Collection, RFC 3339 section 5.6)",
    COLLECTIONS,
)
def interval(subject: Subject) -> Iterator[Fault]:
    intervals = _inside(subject, "temporal", "interval")
    if intervals is None:
        return
    pointer = "/extent/temporal/interval"
    if not isinstance(intervals, list) or not intervals:
        yield Fault(pointer, "It is not a list of intervals", '[["2020-01-01T00:00:00Z", null]]')
        return
    for index, pair in enumerate(intervals):
        if why := interval_problem(pair):
            yield Fault(f"{pointer}/{index}", f"The interval {why}")


@rule(
    "extent.shape",
    "error",
    "the extent has spatial.bbox and temporal.interval",
    "STAC requires both",
    COLLECTIONS,
)
def shape(subject: Subject) -> Iterator[Fault]:
    extent = subject.body.get("extent")
    if not isinstance(extent, dict):
        return
    for outer, inner in (("spatial", "bbox"), ("temporal", "interval")):
        part = extent.get(outer)
        if not isinstance(part, dict) or inner not in part:
            yield Fault(f"/extent/{outer}", f"extent.{outer}.{inner} is missing", "add it")


@rule(
    "extent.open",
    "warning",
    "an interval has at least one end",
    "[null, null] says nothing about time, so a search by time finds it always or never",
    COLLECTIONS,
)
def open_interval(subject: Subject) -> Iterator[Fault]:
    intervals = _inside(subject, "temporal", "interval")
    for index, pair in enumerate(intervals if isinstance(intervals, list) else ()):
        if pair == [None, None]:
            yield Fault(f"/extent/temporal/interval/{index}", "The interval is open on both ends")


def box_problem(box: Any) -> str | None:
    """Why ``box`` is no bounding box in degrees, or None; west > east crosses 180 degrees."""
    if not isinstance(box, list) or len(box) not in (4, 6) or not all(map(_number, box)):
        return "is not a list of four (or six) numbers"
    half = len(box) // 2
    (west, south), (east, north) = box[:2], box[half : half + 2]
    if not (-180 <= west <= 180 and -180 <= east <= 180):
        return "has a longitude outside -180 to 180"
    if not (-90 <= south <= 90 and -90 <= north <= 90):
        return "has a latitude outside -90 to 90; the order is west, south, east, north"
    return "has its south above its north" if south > north else None


def interval_problem(pair: Any) -> str | None:
    """Why ``pair`` is not [start, end], or None."""
    if not isinstance(pair, list) or len(pair) != 2:
        return "is not a list of two"
    for value in pair:
        if value is not None and instant(value) is None:
            return f"holds {shown(value)}, which is no date and time with a zone (RFC 3339)"
    ends = [end for end in map(instant, pair) if end is not None]
    return "ends before it starts" if any(a > b for a, b in pairwise(ends)) else None


def _inside(subject: Subject, outer: str, inner: str) -> Any:
    extent = subject.body.get("extent")
    part = extent.get(outer) if isinstance(extent, dict) else None
    return part.get(inner) if isinstance(part, dict) else None


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value
