"""Which way to a place: through the spatial index, or through the rows that part and time leave.

A guess of the costs. Either way finds the same rows in the same order.
"""

from earthcode_common.ogc.datetimes import OPEN_END, OPEN_START, Interval
from earthcode_common.ogc.shape import Asked
from earthcode_common.ogc.sizes import Sizes
from earthcode_common.ogc.space import Box, index_time

FEW = 2000  # rows that may be looked through at all: a guess may be wrong
WORTH = 20  # rows that take as long as a page of the spatial index (pages overlap)
ON_A_PAGE = 50  # rows
WORLD = 360.0 * 180.0


def few_are_left(asked: Asked, known: Sizes) -> bool:
    """By part and time: fewer than one would look at in the spatial index."""
    query, space = asked.query, asked.space
    if known.rows <= 0 or space is None:
        return False
    rows = known.left(query.parts, query.interval)
    if rows > FEW:
        return False
    edge, times = _page(known), _times(known, query.interval)
    return rows <= WORTH * sum(_pages(box, times, edge) for box in space.boxes)


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
