"""How much a store holds, roughly and without counting: PostgreSQL's own statistics.

A vacuum or analyze renews them. What is wrong in them costs time, never a row.
"""

import time
from bisect import bisect
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Generic, NamedTuple, TypeVar
from weakref import WeakKeyDictionary

from earthcode_common.db import Database, ReadSession
from earthcode_common.ogc.datetimes import OPEN_END, OPEN_START, Interval

FRESH = 60.0  # seconds
_ROWS = "select reltuples from pg_class where oid = $1::text::regclass"
_SPREAD = """
    select most_common_vals::text::{type}[], most_common_freqs, histogram_bounds::text::{type}[]
    from pg_stats where schemaname = current_schema and tablename = $1 and attname = $2"""

_WORDS = """
    select most_common_elems::text::text[], most_common_elem_freqs
    from pg_stats where schemaname = current_schema and tablename = $1 and attname = 'words'"""


T = TypeVar("T", bound=Any)  # float or datetime


class Spread(NamedTuple, Generic[T]):
    """The most common values of a column, and bounds between as many each of the others."""

    common: Sequence[T]
    freqs: Sequence[float]
    bounds: Sequence[T]

    def share(self, upto: T) -> float:
        """Of the rows, those whose value is not above ``upto``."""
        found = sum(freq for one, freq in zip(self.common, self.freqs, strict=True) if one <= upto)
        return found + (1 - sum(self.freqs)) * self._place(upto)

    def _place(self, value: T) -> float:
        place = bisect(self.bounds, value)
        if not 0 < place < len(self.bounds):
            return float(place > 0)
        before, following = self.bounds[place - 1 : place + 1]
        return (place - 1 + (value - before) / (following - before)) / (len(self.bounds) - 1)

    @property
    def ends(self) -> tuple[T, T] | None:
        """The first and the last."""
        known = [*self.common, *self.bounds[:1], *self.bounds[-1:]]
        return (min(known), max(known)) if known else None


class Sizes(NamedTuple):
    """Rows (-1: nobody knows), and those of each of the larger parts; others have fewer."""

    rows: float
    parts: Mapping[str, float]
    starts: Spread[datetime]
    ends: Spread[datetime]
    x0: Spread[float]
    y0: Spread[float]
    x1: Spread[float]
    y1: Spread[float]
    words: Sequence[tuple[str, float]]  # the common ones in order, and the share that has each
    asked: float

    def of(self, parts: Iterable[str] | None) -> float:
        """Rows of these parts, at least; of all for None."""
        if parts is None:
            return self.rows
        return sum(self.parts.get(part, 0.0) for part in set(parts))

    def left(self, parts: Sequence[str] | None, interval: Interval | None) -> float:
        """Rows of these parts and that time, about; of parts that are not known, at most."""
        found = self.rows
        if parts is not None:
            least = min(self.parts.values(), default=self.rows)
            found = min(found, sum(self.parts.get(part, least) for part in parts))
        if interval is not None:
            began = self.starts.share(interval.end or OPEN_END)
            found *= max(0.0, began - self.ends.share(interval.start or OPEN_START))
        return found


_seen: WeakKeyDictionary[Database, dict[str, Sizes]] = WeakKeyDictionary()


async def sizes(session: ReadSession, table: str) -> Sizes:
    """Not older than a minute."""
    seen = _seen.setdefault(session.database, {})
    found = seen.get(table)
    if found is None or time.monotonic() - found.asked > FRESH:
        found = seen[table] = await _read(session, table)
    return found


async def _read(session: ReadSession, table: str) -> Sizes:
    rows = (await session.fetch(_ROWS, [table]))[0][0]
    common, freqs, _ = await _spread(session, table, "part", "text")
    parts = {part: freq * rows for part, freq in zip(common, freqs, strict=True)}
    t0, t1 = [await _spread(session, table, name, "timestamptz") for name in ("t0", "t1")]
    x0, y0, x1, y1 = [
        await _spread(session, table, name, "float8") for name in ("x0", "y0", "x1", "y1")
    ]
    words = await _words(session, table)
    return Sizes(rows, parts, t0, t1, x0, y0, x1, y1, words, time.monotonic())


async def _words(session: ReadSession, table: str) -> Sequence[tuple[str, float]]:
    found = await session.fetch(_WORDS, [table])
    common, shares = found[0] if found else (None, None)
    return sorted(zip(common or (), shares or (), strict=False))  # Two more shares sum up others.


async def _spread(session: ReadSession, table: str, column: str, kind: str) -> Spread[Any]:
    found = await session.fetch(_SPREAD.format(type=kind), [table, column])
    common, freqs, bounds = found[0] if found else (None, None, None)
    return Spread(common or (), freqs or (), bounds or ())
