"""How much a store holds, roughly and without counting: PostgreSQL's own statistics.

A vacuum or analyze renews them. What is wrong in them costs time, never a row.
"""

import time
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from weakref import WeakKeyDictionary

from earthcode_common.db import Database, ReadSession

FRESH = 60.0  # seconds
FEW = 2000  # rows that are looked through sooner than a place among those of all parts
_SIZES = """
    select c.reltuples, s.most_common_freqs as freqs, s.most_common_vals::text::text[] as common
    from pg_class c
    left join pg_stats s on s.schemaname = current_schema and s.tablename = c.relname
        and s.attname = 'part'
    where c.oid = $1::text::regclass"""


class Sizes(NamedTuple):
    """Rows, and those of each of the larger parts; every other part has fewer than these."""

    rows: float
    parts: Mapping[str, float]
    asked: float

    def few(self, parts: Iterable[str]) -> bool:
        """Whether each of ``parts`` is known to have few rows."""
        if self.rows < 0:  # never analyzed
            return False
        least = min(self.parts.values(), default=self.rows)
        return all(self.parts.get(part, least) <= FEW for part in parts)

    def of(self, parts: Iterable[str] | None) -> float:
        """Rows of these parts, at least; of all for None."""
        if parts is None:
            return self.rows
        return sum(self.parts.get(part, 0.0) for part in set(parts))


_seen: WeakKeyDictionary[Database, dict[str, Sizes]] = WeakKeyDictionary()


async def sizes(session: ReadSession, table: str) -> Sizes:
    """Not older than a minute."""
    seen = _seen.setdefault(session.database, {})
    found = seen.get(table)
    if found is None or time.monotonic() - found.asked > FRESH:
        rows, freqs, common = (await session.fetch(_SIZES, [table]))[0]
        each = {part: freq * rows for part, freq in zip(common or (), freqs or (), strict=True)}
        found = seen[table] = Sizes(rows, each, time.monotonic())
    return found
