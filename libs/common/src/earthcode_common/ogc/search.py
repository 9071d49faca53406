"""Pages and counts: SQL narrows and orders, GEOS decides."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import fields
from typing import Any, NamedTuple

import asyncpg
import shapely

from earthcode_common.db import ReadSession
from earthcode_common.ogc import filters, order, scan, titles
from earthcode_common.ogc.datetimes import OPEN_END, OPEN_START
from earthcode_common.ogc.query import Candidate, Query, Refine, Stored
from earthcode_common.ogc.shape import Asked
from earthcode_common.ogc.space import Space
from earthcode_common.ogc.tables import Tables

MANY = 500  # Tests of shapes beyond which the event loop should not wait.
MAX_CANDIDATES = 2000
SHOWN = len(fields(Stored))
FEW = 60  # Texts that may be fetched in vain to save a statement.


class Found(NamedTuple):
    """``row``: wkb, the keys with the row's number last and, if ``whole``, what the page shows."""

    step: str
    row: asyncpg.Record
    whole: bool


class Rows(NamedTuple):
    """``told``: the first row found, with what was told on the way."""

    found: list[Found]
    width: int  # of the keys
    more: bool
    told: asyncpg.Record | None = None

    @property
    def numbers(self) -> bytes | None:
        return self._told(scan.NUMBERS)

    @property
    def total(self) -> int | None:
        """How many match."""
        numbers = self.numbers
        found: int | None = self._told(scan.TOTAL) if numbers is None else len(numbers) // 8
        return found

    @property
    def stamp(self) -> Any:
        return self._told("stamp")

    def _told(self, name: str) -> Any:
        return None if self.told is None else self.told.get(name)

    def place(self) -> list[Any]:
        """Where to go on after the last row."""
        step, row, _ = self.found[-1]
        return [step, *order.to_json(row[1 : self.width + 1])]


async def rows(
    session: ReadSession,
    tables: Tables,
    asked: Asked,
    start: list[Any] | None,
    *,
    whole: bool = True,
) -> Rows:
    """The rows of a page; ``start`` is a row's place, to go on after it.

    ``whole``: with what the page shows of them, where that saves a statement.
    """
    query, plan = asked.query, scan.steps(asked.shape)
    need = query.offset + query.limit + 1
    first, after = _resumed(asked, start) if start else (0, None)
    got: list[Found] = []
    told = None
    for step in plan[first:]:
        found, top = await _walk(session, tables, asked, step, after, need - len(got), whole)
        got += found
        told = told or top
        if len(got) >= need:
            break
        after = None
    return Rows(got[query.offset : need - 1], order.width(asked.shape), len(got) >= need, told)


def _resumed(asked: Asked, place: list[Any]) -> tuple[int, list[Any]]:
    """The step that goes on, and the keys of the row after which it does."""
    step, *keys = place
    after = order.from_json(asked.shape, keys)
    start = asked.query.interval.start if asked.query.interval else None
    began = asked.shape.by_time is not None and start is not None and after[0] < start
    return scan.resumed(asked.shape, step, began), after


async def _walk(
    session: ReadSession,
    tables: Tables,
    asked: Asked,
    step: str,
    after: Sequence[Any] | None,
    need: int,
    whole: bool,
) -> tuple[list[Found], asyncpg.Record | None]:
    """With the first of all candidates."""
    got: list[Found] = []
    told = None
    query, end = asked.query, order.width(asked.shape) + 1
    n = need + _reserve(asked, need)
    whole = whole and query.refine is None and query.offset == 0 and n - need <= FEW
    if whole and step == scan.SORTED:
        found = await _newest(session, tables, asked, after, n)
        if found:
            return [Found(step, row, True) for row in found], found[0]
    while True:
        tell = _tells(asked, step)
        sql, values = scan.candidates(tables, asked, step, after, n, whole=whole, tell=tell)
        found = await session.fetch(sql, values)
        told = told or next(iter(found), None)
        hits = await kept(session, tables, query, asked.space, found, end - 1)
        got += [Found(step, row, whole) for row in hits]
        if len(got) >= need or len(found) < n:
            return got[:need], told
        # Few of the candidates match: their texts wait until it is known which ones.
        after, n, whole = found[-1][1:end], max(n, min(MAX_CANDIDATES, n * 3)), False


async def _newest(
    session: ReadSession, tables: Tables, asked: Asked, after: Sequence[Any] | None, n: int
) -> list[asyncpg.Record]:
    """The ``n`` hits in titles that are next, where the newest rows hold that many."""
    depth = await titles.depth(session, tables.main.name, asked, after, n)
    if not depth:
        return []
    last, tell = titles.going_on(after), _tells(asked, scan.SORTED)
    sql, values = scan.candidates(
        tables, asked, scan.SORTED, last, n, whole=True, tell=tell, depth=depth
    )
    found = await session.fetch(sql, values)
    return found if len(found) == n else []


def _tells(asked: Asked, step: str) -> str:
    """Where all that match are found in one statement, it may as well tell how many, or which."""
    query = asked.query
    if step != scan.SORTED or query.refine is not None or asked.shape.boxes:
        return ""
    return scan.NUMBERS if query.numbers else scan.TOTAL if query.count else ""


def _reserve(asked: Asked, need: int) -> int:
    """Candidates to ask for beyond the need, as some will not match."""
    if asked.query.refine is not None:
        return need + 6
    if asked.space is None or not asked.shape.boxes:
        return 0
    return need // 4 + 4 if asked.shape.exact_box else int(need / asked.space.fill) - need + 6


async def kept(
    session: ReadSession,
    tables: Tables,
    query: Query,
    space: Space | None,
    rows: Sequence[Any],
    number: int = -1,
) -> Sequence[Any]:
    """Those of the rows (WKB or None first, their number at ``number``) that really match."""
    if space is not None and space.shape is not None:
        hits = await matching([row[0] for row in rows], space)
        rows = [row for row, hit in zip(rows, hits, strict=True) if hit]
    if query.refine is None or not rows:
        return rows
    keep = await _refined(session, tables, query.refine, [row[number] for row in rows])
    return [row for row in rows if row[number] in keep]


async def matching(shapes: Sequence[bytes | None], space: Space) -> Sequence[bool]:
    """Whether each WKB intersects the asked shape; None stands for "needs no test"."""
    tested = [index for index, wkb in enumerate(shapes) if wkb is not None]
    keep = [True] * len(shapes)
    if tested:
        hits = await _aside(_intersects, len(tested), space.shape, [shapes[i] for i in tested])
        for index, hit in zip(tested, hits.tolist(), strict=True):
            keep[index] = hit
    return keep


def _intersects(shape: Any, wkbs: Sequence[bytes]) -> Any:
    return shapely.intersects(shape, shapely.from_wkb(wkbs))


async def _aside(function: Any, size: int, *arguments: Any) -> Any:
    if size > MANY:
        return await asyncio.to_thread(function, *arguments)
    return function(*arguments)


async def _refined(
    session: ReadSession, tables: Tables, refine: Refine, numbers: list[int]
) -> set[int]:
    sql = (
        "select seq, part, id, wkb, timed, t0, t1, props::text as props"
        f" from {tables.main.name} where seq = any($1::bigint[])"
    )
    rows = await session.fetch(sql, [numbers])
    keep = await _aside(_refine, len(rows), refine, rows)
    return {row["seq"] for row, hit in zip(rows, keep, strict=True) if hit}


def _refine(refine: Refine, rows: Sequence[asyncpg.Record]) -> Sequence[bool]:
    return refine([_candidate(row) for row in rows])


def _candidate(row: asyncpg.Record) -> Candidate:
    timed, t0, t1 = row["timed"], row["t0"], row["t1"]
    start = t0 if timed and t0 != OPEN_START else None
    end = t1 if timed and t1 != OPEN_END else None
    geometry = None if row["wkb"] is None else shapely.from_wkb(row["wkb"])
    props = json.loads(row["props"])  # Not orjson: integers of any size stay what they are.
    return Candidate(row["part"], row["id"], geometry, start, end, props, timed)


async def count(session: ReadSession, tables: Tables, asked: Asked) -> tuple[int, bool]:
    """How many rows match, and whether that is exact (it is up to ``query.count_cap``)."""
    cap = asked.query.count_cap
    if asked.query.refine is not None:
        sql, values = scan.unordered(tables, asked, cap + 1)
        found = await session.fetch(sql, values)
        hits = await kept(session, tables, asked.query, asked.space, found)
        return min(len(hits), cap), len(found) <= cap
    sql, values = scan.totals(tables, asked, cap + 1)
    total, doubtful = (await session.fetch(sql, values))[0]
    certain = total - len(doubtful or ())
    if doubtful and asked.space:
        certain += sum(await matching(doubtful, asked.space))
    return min(certain, cap), total <= cap


async def texts(
    session: ReadSession, tables: Tables, numbers: list[int], *, with_props: bool
) -> dict[int, Stored]:
    """By the row's number; rows deleted meanwhile are left out."""
    sql = f"{_stored(tables, with_props)} where m.seq = any($1::bigint[])"
    return {row[0]: Stored(*row[1:]) for row in await session.fetch(sql, [numbers])}


async def get(session: ReadSession, tables: Tables, part: str, id: str) -> Stored | None:
    if len(filters.storable((part, id))) < 2:
        return None
    sql = f"{_stored(tables, True)} where m.part = $1::text and m.id = $2::text"
    rows = await session.fetch(sql, [part, id])
    return Stored(*rows[0][1:]) if rows else None


def _stored(tables: Tables, with_props: bool) -> str:
    main, doc, props = tables.main.name, tables.doc.name, "m.props::text" if with_props else "''"
    return (
        f"select m.seq, m.part, m.id, d.doc, m.etag, m.updated, m.version, {props}"
        f" from {main} m join {doc} d using (seq)"
    )


async def items(
    session: ReadSession, tables: Tables, found: Rows, *, with_props: bool
) -> list[Stored]:
    """What the page shows of the rows; those without their texts are asked for at once."""
    end = found.width + 1
    missing = [row[found.width] for _, row, whole in found.found if not whole]
    more = await texts(session, tables, missing, with_props=with_props) if missing else {}
    each = (
        Stored(*row[end : end + SHOWN]) if whole else more.get(row[found.width])
        for _, row, whole in found.found
    )
    return [one for one in each if one is not None]
