"""A query taken apart: its shape, for which SQL is made once, and the values that go with it.

Composing and compiling a statement takes longer than PostgreSQL needs to find a page, so it is
done once for all queries of one shape. Nothing but the shape may decide what the SQL looks like;
what stands for a value in it is a parameter with a name, and ``Asked.values`` has its value.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, NamedTuple

import asyncpg

from earthcode_common.ogc import words
from earthcode_common.ogc.datetimes import OPEN_END, OPEN_START
from earthcode_common.ogc.query import Direction, Query
from earthcode_common.ogc.space import MAX_TIME, MIN_TIME, Space, asked_space, index_time
from earthcode_common.ogc.tables import part_key

MAX_SCANS = 24
MANY = -1
# Rows come ordered from the index of place and time; or all of the asked parts and time are walked,
# in order, and their place is tested; or all at the place are gathered, and sorted.
Way = Literal["ordered", "walked", "gathered"]


class Shape(NamedTuple):
    parts: int | None  # how many, each with a scan of its own; MANY: one scan for all of them
    ids: bool
    words: bool | None  # False: free text without a word in it, which matches nothing
    one_phrase: bool  # of words: rows with it in their title are alike
    interval: bool | None  # whether it has a start
    boxes: int | None  # 0: the whole world
    way: Way  # to the boxes
    exact_box: bool
    sort: tuple[tuple[str, Direction], ...]
    plain: bool  # nothing but parts narrows: an index in the order of the sort may be walked
    match_missing: bool
    with_props: bool

    @property
    def walked(self) -> bool:
        """In the order of one key, which may have an index."""
        one = len(self.sort) == 1 and self.sort[0][0] != "relevance"
        return self.plain and one and self.by_time is None

    @property
    def by_time(self) -> bool | None:
        """Newest (True) or oldest (False) first; None for any other order."""
        if self.ids:
            return None
        if not self.sort:
            return True if self.words is None else None
        if len(self.sort) == 1 and self.sort[0][0] in ("datetime", "start_datetime"):
            return self.sort[0][1] == "desc"
        return None


@dataclass(frozen=True, slots=True)
class Asked:
    query: Query
    space: Space | None
    shape: Shape
    values: dict[str, Any]

    @property
    def many_ways(self) -> bool:
        return bool(self.shape.boxes) and self.shape.by_time is not None

    @property
    def counts(self) -> bool:
        """Whether all that match have to be found."""
        return self.query.count or self.query.numbers

    @property
    def only_words(self) -> bool:
        """Whether nothing but words and parts narrows."""
        return _is_plain(replace(self.query, q=None), self.space)

    def by(self, way: Way) -> "Asked":
        """The same, found in that way."""
        return replace(self, shape=self.shape._replace(way=way))

    def values_after(self, after: Sequence[Any] | None) -> dict[str, Any]:
        """With what bounds a scan that goes on after the row with these keys."""
        found = dict(self.values)
        if after is not None:
            found |= {f"after{number}": value for number, value in enumerate(after)}
        if self.space is not None and self.shape.by_time is not None:
            low, high = self._times(after[0] if after is not None else None)
            for number, (x0, y0, x1, y1) in enumerate(self.space.boxes):
                found[f"box{number}_low"] = [x0, y0, low]
                found[f"box{number}_high"] = [x1, y1, high]
        return found

    def _times(self, last: datetime | None) -> tuple[float, float]:
        low, high = MIN_TIME, MAX_TIME
        if self.query.interval is not None:
            start, end = self.query.interval
            low, high = index_time(start or OPEN_START), index_time(end or OPEN_END)
        if last is None:
            return low, high
        reached = index_time(last)
        return (low, min(high, reached)) if self.shape.by_time else (max(low, reached), high)


def asked(query: Query) -> Asked:
    """Raises BadRequest for places and words that make no sense."""
    return read(query, asked_space(query))


def read(query: Query, space: Space | None) -> Asked:
    parts = None if query.parts is None else list(dict.fromkeys(storable(query.parts)))
    text = None if query.q is None else words.query(query.q)
    shape = Shape(
        parts=_number_of_parts(parts, query, space),
        ids=query.ids is not None,
        words=None if query.q is None else text is not None,
        one_phrase=text is not None and words.OR not in text,
        interval=None if query.interval is None else query.interval.start is not None,
        boxes=None if space is None else len(space.boxes),
        way="ordered",
        exact_box=space is not None and space.exact_box,
        sort=tuple((name, direction) for name, direction in query.sort),
        plain=_is_plain(query, space),
        match_missing=query.match_missing,
        with_props=query.with_props,
    )
    return Asked(query, space, shape, _values(query, space, parts, text))


def _is_plain(query: Query, space: Space | None) -> bool:
    narrowing = (query.ids, query.q, query.interval, query.where, query.refine, space)
    return all(one is None for one in narrowing)


def _number_of_parts(parts: list[str] | None, query: Query, space: Space | None) -> int | None:
    """One scan for each part while they are few: a rare one is not looked for among others."""
    if parts is None:
        return None
    scans = max(1, 2 * len(space.boxes) if space else 0) + query.match_missing
    return len(parts) if 0 < len(parts) * scans <= MAX_SCANS else MANY


def _values(
    query: Query, space: Space | None, parts: list[str] | None, text: str | None
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if parts is not None:
        found["parts"] = parts
        for number, part in enumerate(parts[:MAX_SCANS]):
            found[f"part{number}"] = part
            found[f"part_key{number}"] = part_key(part)
    if query.ids is not None:
        found["ids"] = storable(query.ids)
    if text is not None:
        found |= {"words": text, "title": words.query(query.q or (), "A")}
    if query.interval is not None:
        found["start"] = query.interval.start or OPEN_START
        found["end"] = query.interval.end or OPEN_END
    for number, (x0, y0, x1, y1) in enumerate(space.boxes if space else ()):
        found[f"place{number}"] = asyncpg.Box((x1, y1), (x0, y0))
        found[f"place{number}_low"] = [x0, y0, MIN_TIME]
        found[f"place{number}_high"] = [x1, y1, MAX_TIME]
    return found


def storable(texts: object) -> list[str]:
    """Those that can be in the database at all (no NUL, no lone surrogates)."""
    return [t for t in texts if isinstance(t, str) and _is_storable(t)]  # type: ignore[attr-defined]


def _is_storable(text: str) -> bool:
    if text.isascii():
        return "\0" not in text
    return not any(c == "\0" or "\ud800" <= c <= "\udfff" for c in text)
