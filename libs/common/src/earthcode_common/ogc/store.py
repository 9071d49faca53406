"""The search store: documents with and without geometry and time, on plain PostgreSQL.

The tables come from ``store.sql``; include it in a migration with
``-- include: earthcode_common/ogc/store.sql name=<name>``.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import shapely
import sqlalchemy as sa
from shapely import Geometry
from sqlalchemy.dialects import postgresql

from earthcode_common.db import Database, ReadSession, WriteSession
from earthcode_common.ogc import copying, filters, search, tokens, write
from earthcode_common.ogc.datetimes import OPEN_END, OPEN_START, Interval
from earthcode_common.ogc.query import Candidate, Document, Page, Query, Stored
from earthcode_common.ogc.search import Rows
from earthcode_common.ogc.shape import Asked, asked
from earthcode_common.ogc.sizes import sizes
from earthcode_common.ogc.tables import tables
from earthcode_common.ogc.ways import way

__all__ = ["Candidate", "Document", "Extent", "Page", "Query", "SearchStore", "Stored"]

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]
FORM = 2  # of places in page tokens: those of another form do not go on with a query of this one
_keys: WeakKeyDictionary[Database, bytes] = WeakKeyDictionary()


class Extent(NamedTuple):
    """West, south, east, north (whole longitudes when a row crosses the antimeridian), and time."""

    bbox: tuple[float, float, float, float] | None
    interval: Interval | None


class SearchStore:
    """``name`` is the table's; ``table`` may be used in ``Query.where``."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.tables = tables(name)
        self.table = self.tables.main

    async def put(self, session: WriteSession, documents: Iterable[Document]) -> None:
        """Insert or replace; a version older than the stored one changes nothing.

        Raises BadRequest for a geometry or text that cannot be stored.
        """
        await write.put(session, self.name, documents)

    async def insert(self, session: WriteSession, documents: Sequence[Document]) -> None:
        """What is not there yet, much faster than ``put``; each key once.

        Raises what ``put`` raises, and asyncpg's UniqueViolationError.
        """
        await copying.insert(session, self.name, documents)

    async def delete(self, session: WriteSession, part: str, ids: Sequence[str]) -> int:
        """How many there were."""
        c = self.table.c
        wanted = sa.literal(filters.storable(ids), postgresql.ARRAY(sa.Text))
        gone = sa.delete(self.table).where(c.part == part, c.id == sa.any_(wanted))
        return (await session.execute(gone)).rowcount

    async def clear(self, session: WriteSession) -> None:
        """Delete all documents; readers see the old ones until the transaction commits."""
        await session.execute(sa.delete(self.table))

    async def get(self, session: ReadSession, part: str, id: str) -> Stored | None:
        return await search.get(session, self.tables, part, id)

    async def search(self, session: ReadSession, query: Query) -> Page:
        """One page; raises BadRequest for a token, geometry or text that makes no sense."""
        read = asked(query)
        if read.many_ways:
            read = read.by(way(read, await sizes(session, self.name)))
        start = None
        if query.token is not None:
            start = tokens.read(await _key(session), _digest(query), query.token)
        rows = await search.rows(session, self.tables, read, start)
        items = await search.items(session, self.tables, rows, with_props=query.with_props)
        token = None
        if rows.more and rows.found:
            token = tokens.sign(await _key(session), _digest(query), rows.place())
        matched, exact = await self._matched(session, read, rows)
        return Page(items, token, matched, exact, rows.numbers, rows.stamp)

    async def _matched(
        self, session: ReadSession, read: Asked, rows: Rows
    ) -> tuple[int | None, bool]:
        query, found = read.query, len(rows.found)
        if not query.count:
            return None, True
        if not rows.more and query.token is None and (found or not query.offset):
            return query.offset + found, True
        if rows.total is not None:
            return min(rows.total, query.count_cap), rows.total <= query.count_cap
        known = await sizes(session, self.name)
        if not query.count_large and known.rows > query.count_cap:
            return None, True
        # All of a large part: counting would only say that it is more than the cap.
        if read.shape.plain and query.limit > 1 and known.of(query.parts) > 2 * query.count_cap:
            return None, True
        return await search.count(session, self.tables, read)

    async def count(self, session: ReadSession, query: Query) -> tuple[int, bool]:
        """How many match, and whether that is exact (up to ``query.count_cap`` it is)."""
        return await search.count(session, self.tables, asked(query))

    async def extent(self, session: ReadSession, parts: Sequence[str] | None = None) -> Extent:
        """What encloses the boxes and times of all documents (of these parts)."""
        c, f = self.table.c, sa.func
        box = (f.min(c.x0), f.min(c.y0), f.max(c.x1), f.max(c.y1))
        time = (f.min(c.t0).filter(c.timed), f.max(c.t1).filter(c.timed))
        wanted = sa.select(*box, *time)
        if parts is not None:
            wanted = wanted.where(filters.of_parts(self.table, filters.storable(parts)))
        return _extent(*(await session.execute(wanted)).one())

    async def parts(self, session: ReadSession) -> dict[str, int]:
        """Which parts there are, and how many documents each has."""
        c = self.table.c
        rows = await session.execute(sa.select(c.part, sa.func.count()).group_by(c.part))
        return {row[0]: row[1] for row in rows}


def _extent(x0: Any, y0: Any, x1: Any, y1: Any, t0: Any, t1: Any) -> Extent:
    bbox = None
    if x0 is not None:
        bbox = (x0, y0, x1, y1) if x1 <= 180 else (-180.0, y0, 180.0, y1)
    if t0 is None:
        return Extent(bbox, None)
    start, end = None if t0 == OPEN_START else t0, None if t1 == OPEN_END else t1
    return Extent(bbox, Interval(start, end))


async def _key(session: ReadSession) -> bytes:
    if session.database not in _keys:
        rows = await session.fetch("select key from search_secret")
        _keys[session.database] = rows[0]["key"].encode()
    return _keys[session.database]


def _digest(query: Query) -> bytes:
    """Names what is asked for, apart from how much of it and how it is shown."""
    shape = query.intersects
    if isinstance(shape, Geometry):
        shape = {"wkb": shapely.to_wkb(shape)}
    where: Any = None
    if query.where is not None:
        compiled = query.where.compile(dialect=_DIALECT)
        where = (str(compiled), list(compiled.params.values()))
    place, text = (query.bbox, shape, query.interval), (query.q, query.tag)
    return tokens.query_digest(
        FORM, query.parts, query.ids, place, text, query.sort, query.match_missing, where
    )
