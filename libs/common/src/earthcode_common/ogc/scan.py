"""The statements that yield candidates in order.

By time (the default): with a place, one ordered scan of the GiST index over (longitude, latitude,
time) that emits newest first while it prunes by all three, so the planner has no estimate to get
wrong. ``with ties`` inside and the tie-break outside: with the tie-break inside, PostgreSQL before
17 would sort everything. Never order by a time column beside a box condition. Without a place, the
time index; rows that began before the asked interval come from their own index, in a step of their
own. Rows without time come last, in a step of their own where they are not last by themselves.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from earthcode_common.ogc import filters, order
from earthcode_common.ogc.datetimes import OPEN_END, OPEN_START
from earthcode_common.ogc.query import Query
from earthcode_common.ogc.space import MAX_TIME, MIN_TIME, Space, index_time, overlaps, to_test
from earthcode_common.ogc.tables import part_key

MAX_SCANS = 24
Build = Callable[[Sequence[Any] | None, int], sa.Select[Any]]


@dataclass(frozen=True)
class Step:
    """``build(after, n)`` gives the statement for the next ``n`` candidates: wkb, then the keys."""

    keys: list[order.Key]
    build: Build


@dataclass(frozen=True)
class Source:
    """One scan: its conditions without the part, and the box when it is the ordered kind.

    ``narrow``: the conditions leave few rows through an index of their own; sort afterwards.
    """

    where: list[filters.Condition]
    box: tuple[float, float, float, float] | None = None
    narrow: bool = False


def steps(table: sa.Table, query: Query, space: Space | None) -> list[Step]:
    """To be walked one after the other until the page is full."""
    descending = _by_time(query)
    if descending is None:
        return [_sorted_step(table, query, space)]
    found = _time_steps(table, query, space, descending)
    return [_time_step(table, query, space, descending, sources) for sources in found]


def _by_time(query: Query) -> bool | None:
    """Whether newest (True) or oldest (False) first; None for any other order."""
    if query.ids is not None:
        return None
    if not query.sort:
        return None if query.q is not None else True
    if len(query.sort) == 1 and query.sort[0][0] in ("datetime", "start_datetime"):
        return query.sort[0][1] == "desc"
    return None


def _time_steps(
    table: sa.Table, query: Query, space: Space | None, descending: bool
) -> list[list[Source]]:
    timeless = [Source([*_timeless(table, query, space)])]
    if query.interval is not None:
        dated = _dated(table, query, space, descending)
        return [*dated, timeless] if query.match_missing else dated
    if descending:  # Rows without time are in the year 1: last, without a step of their own.
        return [_anytime(table, query, space, [])]
    return [_anytime(table, query, space, [table.c.timed]), timeless]


def _timeless(table: sa.Table, query: Query, space: Space | None) -> list[filters.Condition]:
    where = [sa.not_(table.c.timed), *filters.plain(table, query)]
    return where + (filters.in_space(table, space, query.match_missing) if space else [])


def _anytime(
    table: sa.Table, query: Query, space: Space | None, where: list[filters.Condition]
) -> list[Source]:
    where = [*where, *filters.plain(table, query)]
    if space is None or not space.boxes:
        world = filters.in_space(table, space, query.match_missing) if space else []
        return [Source([*where, *world])]
    found = [Source(where, box) for box in space.boxes]
    return [*found, Source([*where, table.c.box.is_(None)])] if query.match_missing else found


def _dated(
    table: sa.Table, query: Query, space: Space | None, descending: bool
) -> list[list[Source]]:
    assert query.interval is not None
    if space is not None and space.boxes:
        return [_anytime(table, query, space, [filters.meets(table, query.interval)])]
    within = _anytime(table, query, space, [filters.begins_within(table, query.interval)])
    if query.interval.start is None:
        return [within]
    reaching = _anytime(table, query, space, [filters.reaches_into(table, query.interval)])
    before = [replace(source, narrow=True) for source in reaching]
    return [within, before] if descending else [before, within]


def _time_step(
    table: sa.Table, query: Query, space: Space | None, descending: bool, sources: list[Source]
) -> Step:
    moment = order.Key("t0", table.c.t0, descending, order.MOMENT)
    number = order.Key("seq", table.c.seq, descending, sa.BigInteger)

    def build(after: Sequence[Any] | None, n: int) -> sa.Select[Any]:
        parts = _parts(query, len(sources))
        wanted = [to_test(table, space), table.c.t0, table.c.seq]
        scans = [
            _scan(table, wanted, query, source, part, descending, after, n)
            for source in sources
            for part in parts
        ]
        if len(scans) == 1 and sources[0].box is None:
            return scans[0]
        rows = scans[0].subquery("u") if len(scans) == 1 else _merged(scans)
        ends = [c.desc() if descending else c.asc() for c in (rows.c.t0, rows.c.seq)]
        return sa.select(rows).order_by(*ends).limit(literal(n))

    return Step([moment, number], build)


def _parts(query: Query, sources: int) -> list[list[str] | None]:
    """One scan for each part while they are few: a rare one is not looked for among others."""
    if query.parts is None:
        return [None]
    parts = list(dict.fromkeys(filters.storable(query.parts)))
    if not parts or len(parts) * sources > MAX_SCANS:
        return [parts]
    return [[part] for part in parts]


def _merged(scans: list[sa.Select[Any]]) -> sa.Subquery:
    # Not "union all": a row may be found both here and beyond the antimeridian.
    return sa.union(*(sa.select(scan.subquery()) for scan in scans)).subquery("u")


def _scan(
    table: sa.Table,
    wanted: list[sa.ColumnElement[Any]],
    query: Query,
    source: Source,
    parts: list[str] | None,
    descending: bool,
    after: Sequence[Any] | None,
    n: int,
) -> sa.Select[Any]:
    c = table.c
    rows = sa.select(*wanted).where(*source.where)
    limits = _limits(table, parts, descending, after)
    if source.narrow:
        fenced = rows.where(*limits).offset(literal(0)).subquery()
        ends = [k.desc() if descending else k.asc() for k in (fenced.c.t0, fenced.c.seq)]
        return sa.select(fenced).order_by(*ends).limit(literal(n))
    if source.box is None:
        ends = [k.desc() if descending else k.asc() for k in (c.t0, c.seq)]
        return rows.where(*limits).order_by(*ends).limit(literal(n))
    if parts is not None and len(parts) == 1:
        rows = rows.where(c.part_key == part_key(parts[0]))
    low, high = _time_range(query, descending, after)
    first = c.box.op("~>", return_type=sa.Double)(literal(-5 if descending else 5))
    found = rows.where(overlaps(table, source.box, low, high), *map(filters.hidden, limits))
    return found.order_by(first).fetch(literal(n), with_ties=True)


def _limits(
    table: sa.Table, parts: list[str] | None, descending: bool, after: Sequence[Any] | None
) -> list[filters.Condition]:
    found: list[filters.Condition] = []
    if parts is not None:
        one = len(parts) == 1
        found.append(table.c.part == parts[0] if one else filters.of_parts(table, parts))
    if after is not None:
        found.append(_beyond(table, descending, after))
    return found


def _beyond(table: sa.Table, descending: bool, after: Sequence[Any]) -> filters.Condition:
    row = sa.tuple_(table.c.t0, table.c.seq)
    last = sa.tuple_(sa.literal(after[0], order.MOMENT), sa.literal(after[1], sa.BigInteger))
    return row < last if descending else row > last


def _time_range(query: Query, descending: bool, after: Sequence[Any] | None) -> tuple[float, float]:
    low, high = MIN_TIME, MAX_TIME
    if query.interval is not None:
        start, end = query.interval
        low, high = index_time(start or OPEN_START), index_time(end or OPEN_END)
    if after is None:
        return low, high
    last = index_time(after[0])
    return (low, min(high, last)) if descending else (max(low, last), high)


def _sorted_step(table: sa.Table, query: Query, space: Space | None) -> Step:
    keys = order.sort_keys(table, query)

    def build(after: Sequence[Any] | None, n: int) -> sa.Select[Any]:
        wanted = [to_test(table, space), *(key.selected() for key in keys)]
        found = sa.select(*wanted).where(*filters.unordered(table, query, space))
        rows = found.offset(literal(0)).subquery("u")  # A fence: narrow first, then sort.
        page = sa.select(rows).order_by(*order.ordering(keys, rows)).limit(literal(n))
        return page.where(order.after(keys, rows, after)) if after is not None else page

    return Step(keys, build)


def literal(number: int) -> sa.ColumnElement[int]:
    """In the statement's text: the planner must see limits and coordinates of the operator."""
    return sa.literal_column(str(int(number)), sa.Integer)
