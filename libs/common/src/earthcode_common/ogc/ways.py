"""Which way to the rows at a place, newest first: a guess of what each costs.

All find the same rows in the same order.
"""

from earthcode_common.ogc.datetimes import OPEN_END, OPEN_START, Interval
from earthcode_common.ogc.shape import Asked, Way
from earthcode_common.ogc.sizes import Sizes
from earthcode_common.ogc.space import Box, Space, index_time

WALKED = 2000  # rows that may be looked through at all: a guess may be wrong
GATHERED = 40  # the same; this guess knows nothing of places where more is than elsewhere
WORTH = 20  # rows that take as long as a page of the index of place and time (pages overlap)
ON_A_PAGE = 50  # rows
WORLD = 360.0 * 180.0


def way(asked: Asked, known: Sizes) -> Way:
    query, space = asked.query, asked.space
    if known.rows <= 0 or space is None:
        return "ordered"
    rows = known.left(query.parts, query.interval)
    edge, times = _page(known), _times(known, query.interval)
    if rows <= min(WALKED, WORTH * sum(_pages(box, times, edge) for box in space.boxes)):
        return "walked"
    few = known.left(query.parts, None) * _share(known, space) <= GATHERED
    return "gathered" if few else "ordered"


def _share(known: Sizes, space: Space) -> float:
    """Of the rows, those that meet the boxes, if longitudes and latitudes had nothing in common."""
    found = 0.0
    for x0, y0, x1, y1 in space.boxes:
        x = known.x0.share(x1) - known.x1.share(x0)
        y = known.y0.share(y1) - known.y1.share(y0)
        found += max(0.0, x) * max(0.0, y)
    return found


def _page(known: Sizes) -> float:
    """The edge of what a page covers, if pages were cubes that fill the world of all times."""
    return float((WORLD * max(_times(known, None), 1.0) * ON_A_PAGE / known.rows) ** (1 / 3))


def _times(known: Sizes, interval: Interval | None) -> float:
    """How long that is, in the unit of the index, of the time that rows have."""
    first, last = map(index_time, known.starts.ends or (OPEN_START, OPEN_END))
    if interval is not None:
        first = max(first, index_time(interval.start or OPEN_START))
        last = min(last, index_time(interval.end or OPEN_END))
    return max(0.0, last - first)


def _pages(box: Box, times: float, edge: float) -> float:
    x0, y0, x1, y1 = box
    return ((x1 - x0) / edge + 1) * ((y1 - y0) / edge + 1) * (times / edge + 1)
