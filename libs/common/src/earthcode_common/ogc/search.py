"""Pages and counts: SQL narrows and orders, GEOS decides."""

import asyncio
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
import sqlalchemy as sa

from earthcode_common.db import ReadSession
from earthcode_common.ogc import filters, order
from earthcode_common.ogc.datetimes import OPEN_END, OPEN_START
from earthcode_common.ogc.query import Candidate, Query, Stored
from earthcode_common.ogc.scan import Step, literal, steps
from earthcode_common.ogc.space import Space, asked_space, to_test
from earthcode_common.ogc.tables import Tables

MANY = 500  # Tests of shapes beyond which the event loop should not wait.
MAX_CANDIDATES = 2000


async def find(
    session: ReadSession, tables: Tables, query: Query, start: list[Any] | None
) -> tuple[list[list[Any]], bool]:
    """Rows of the page as [step, *key values] with the row's number last, and whether more follow.

    ``start`` is such a row, to go on after it.
    """
    table, space = tables.main, asked_space(query)
    plan = steps(table, query, space)
    need = query.offset + query.limit + 1
    first, after = (start[0], start[1:]) if start else (0, None)
    got: list[list[Any]] = []
    for number, step in enumerate(plan[first:], first):
        values = order.from_json(step.keys, after) if after is not None else None
        rows = await _walk(session, tables, query, space, step, values, need - len(got))
        got += [[number, *row] for row in rows]
        if len(got) >= need:
            break
        after = None
    return got[query.offset : need - 1], len(got) >= need


async def _walk(
    session: ReadSession,
    tables: Tables,
    query: Query,
    space: Space | None,
    step: Step,
    after: Sequence[Any] | None,
    need: int,
) -> list[list[Any]]:
    got: list[list[Any]] = []
    n = need + _reserve(query, space, need)
    while True:
        rows = (await session.execute(step.build(after, n))).all()
        got += [list(row[1:]) for row in await kept(session, tables, query, space, rows)]
        if len(got) >= need or len(rows) < n:
            return got[:need]
        after, n = rows[-1][1:], max(n, min(MAX_CANDIDATES, n * 3))


def _reserve(query: Query, space: Space | None, need: int) -> int:
    """Candidates to ask for beyond the need, as some will not match."""
    if query.refine is not None:
        return need + 6
    if space is None or not space.boxes:
        return 0
    return need // 4 + 4 if space.exact_box else 6


async def kept(
    session: ReadSession, tables: Tables, query: Query, space: Space | None, rows: Sequence[Any]
) -> Sequence[Any]:
    """Those of the rows (WKB or None first, number last) that really match."""
    if space is not None and space.shape is not None:
        hits = await matching([row[0] for row in rows], space)
        rows = [row for row, hit in zip(rows, hits, strict=True) if hit]
    if query.refine is None or not rows:
        return rows
    keep = await _refined(session, tables, query, [row[-1] for row in rows])
    return [row for row in rows if row[-1] in keep]


async def matching(shapes: Sequence[bytes | None], space: Space) -> Sequence[bool]:
    """Whether each WKB intersects the asked shape; None stands for "needs no test"."""
    tested = [index for index, wkb in enumerate(shapes) if wkb is not None]
    keep = np.ones(len(shapes), dtype=bool)
    if tested:
        wkbs = [shapes[index] for index in tested]
        keep[tested] = await _aside(_intersects, len(wkbs), space.shape, wkbs)
    found: Sequence[bool] = keep.tolist()
    return found


def _intersects(shape: Any, wkbs: Sequence[bytes]) -> Any:
    return shapely.intersects(shape, shapely.from_wkb(wkbs))


async def _aside(function: Any, size: int, *arguments: Any) -> Any:
    if size > MANY:
        return await asyncio.to_thread(function, *arguments)
    return function(*arguments)


async def _refined(
    session: ReadSession, tables: Tables, query: Query, numbers: list[int]
) -> set[int]:
    assert query.refine is not None
    c = tables.main.c
    wanted = sa.select(c.seq, c.part, c.id, c.wkb, c.timed, c.t0, c.t1, c.props)
    rows = (await session.execute(wanted.where(c.seq == sa.any_(_numbers(numbers))))).all()
    candidates = [_candidate(row) for row in rows]
    keep = await _aside(query.refine, len(rows), candidates)
    return {row.seq for row, hit in zip(rows, keep, strict=True) if hit}


def _candidate(row: Any) -> Candidate:
    start = row.t0 if row.timed and row.t0 != OPEN_START else None
    end = row.t1 if row.timed and row.t1 != OPEN_END else None
    geometry = None if row.wkb is None else shapely.from_wkb(row.wkb)
    return Candidate(row.part, row.id, geometry, start, end, row.props, row.timed)


async def count(session: ReadSession, tables: Tables, query: Query) -> tuple[int, bool]:
    """How many rows match, and whether that is exact (it is up to ``query.count_cap``)."""
    table, space = tables.main, asked_space(query)
    cap = query.count_cap
    found = sa.select(table.c.seq, to_test(table, space))
    some = found.where(*filters.unordered(table, query, space)).limit(literal(cap + 1)).subquery()
    if query.refine is not None:
        rows: Any = (await session.execute(sa.select(some.c.wkb, some.c.seq))).all()
        return min(len(await kept(session, tables, query, space, rows)), cap), len(rows) <= cap
    totals = sa.select(
        sa.func.count(), sa.func.array_agg(some.c.wkb).filter(some.c.wkb.is_not(None))
    )
    total, doubtful = (await session.execute(totals.select_from(some))).one()
    hits = sum(await matching(doubtful, space)) if doubtful and space else 0
    return min(total - len(doubtful or ()) + hits, cap), total <= cap


async def load(
    session: ReadSession, tables: Tables, numbers: list[int], *, with_props: bool
) -> list[Stored]:
    """The documents in this order; rows deleted meanwhile are left out."""
    if not numbers:
        return []
    wanted = _stored(tables, with_props).where(tables.main.c.seq == sa.any_(_numbers(numbers)))
    rows = {row[0]: Stored(*row[1:]) for row in (await session.execute(wanted)).all()}
    return [rows[number] for number in numbers if number in rows]


async def get(session: ReadSession, tables: Tables, part: str, id: str) -> Stored | None:
    if len(filters.storable((part, id))) < 2:
        return None
    c = tables.main.c
    wanted = _stored(tables, True).where(c.part == part, c.id == id)
    row = (await session.execute(wanted)).one_or_none()
    return Stored(*row[1:]) if row else None


def _stored(tables: Tables, with_props: bool) -> sa.Select[Any]:
    c, doc = tables.main.c, tables.doc.c
    props = sa.cast(c.props, sa.Text) if with_props else sa.literal_column("''")
    wanted = sa.select(c.seq, c.part, c.id, doc.doc, c.etag, c.updated, c.version, props)
    return wanted.join_from(tables.main, tables.doc, c.seq == doc.seq)


def _numbers(values: list[int]) -> sa.ColumnElement[list[int]]:
    return sa.literal(values, sa.dialects.postgresql.ARRAY(sa.BigInteger))
