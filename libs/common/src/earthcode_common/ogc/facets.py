"""Counts of the documents that match a query: in all, by term, by time, by number, by place.

Every count is exact. Where SQL cannot decide whether a row matches, GEOS does so first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from earthcode_common.db import ReadSession
from earthcode_common.ogc import filters, geohash, search
from earthcode_common.ogc.datetimes import OPEN_END, OPEN_START
from earthcode_common.ogc.query import Query
from earthcode_common.ogc.shape import asked
from earthcode_common.ogc.tables import Tables, tables
from earthcode_common.problems import BadRequest

MAX_BUCKETS = 1000
MAX_TESTED = 100_000  # rows whose shape has to be looked at
MAX_YEARS = 500
SCALARS = ("string", "number", "boolean")
Unit = Literal["year", "month", "day", "hour"]


@dataclass(frozen=True, slots=True)
class Counts:
    """``counted``: documents that are in at least one of the buckets [(key, number), ...]."""

    buckets: list[tuple[Any, int]]
    counted: int


@dataclass(frozen=True, slots=True)
class Times:
    """First start and last end; None when nothing has any, or where it is open."""

    first: datetime | None
    last: datetime | None


class Facets:
    """``await Facets.of(session, name, query)``, then any of its counts."""

    def __init__(
        self,
        session: ReadSession,
        table: sa.Table,
        where: list[filters.Condition],
        values: Mapping[str, Any],
    ) -> None:
        self.session, self.table, self.where, self.values = session, table, where, values

    @classmethod
    async def of(cls, session: ReadSession, name: str, query: Query) -> "Facets":
        """Raises BadRequest when too many shapes would have to be looked at."""
        there = tables(name)
        return cls(session, there.main, *await _decided(session, there, query))

    async def execute(self, statement: sa.Select[*tuple[Any, ...]]) -> sa.Result[*tuple[Any, ...]]:
        """A statement with ``where`` in it."""
        return await self.session.execute(statement, self.values)

    async def total(self) -> int:
        counted = sa.select(sa.func.count()).select_from(self.table).where(*self.where)
        return int((await self.execute(counted)).scalar_one())

    async def times(self) -> Times:
        c, f = self.table.c, sa.func
        ends = sa.select(
            f.min(c.t0).filter(c.timed, c.t0 > OPEN_START),
            f.max(c.t1).filter(c.timed, c.t1 < OPEN_END),
        ).where(*self.where)
        return Times(*(await self.execute(ends)).one())

    async def parts(self) -> Counts:
        return await self._counts(self.table.c.part)

    async def terms(self, name: str) -> Counts:
        """By the value of a property, or each of the values when it is a list."""
        value = self.table.c.props[name]
        kind = sa.func.jsonb_typeof(value)
        listed = sa.case(
            (kind == "array", value),
            (kind.in_(SCALARS), sa.func.jsonb_build_array(value)),
            else_=sa.cast(sa.literal("[]", sa.Text), JSONB),
        )
        elements = sa.func.jsonb_array_elements(listed)
        each = elements.table_valued(sa.column("one", JSONB)).render_derived()
        text = each.c.one.op("#>>", return_type=sa.Text)(sa.literal_column("'{}'::text[]"))
        return await self._counts(text, sa.func.jsonb_typeof(each.c.one).in_(SCALARS), each)

    async def years(self) -> Counts:
        """Years that their time has a part in; an open end lasts until now."""
        c = self.table.c
        low = sa.case((c.t0 == OPEN_START, _year(c.t1)), else_=_year(c.t0))
        now = sa.func.greatest(_year(sa.func.now()), low)
        high = sa.case((c.t1 == OPEN_END, now), else_=_year(c.t1))
        first = sa.func.greatest(low, high - MAX_YEARS)
        series = sa.func.generate_series(first, high)
        each = series.table_valued(sa.column("one", sa.Integer)).render_derived()
        bounded = sa.or_(c.t0 > OPEN_START, c.t1 < OPEN_END)
        return await self._counts(each.c.one, sa.and_(c.timed, bounded), each)

    async def starts(self, unit: Unit) -> Counts:
        """By when they start; keys are naive instants in UTC."""
        c = self.table.c
        zone = sa.literal_column("'UTC'", sa.Text)
        cut = sa.func.date_trunc(sa.literal_column(f"'{unit}'", sa.Text), c.t0, zone)
        return await self._counts(cut, sa.and_(c.timed, c.t0 > OPEN_START))

    async def steps(self, name: str, width: int, last: int) -> Counts:
        """By number // ``width``, with all above ``last`` (and below 0) in the last (first) one."""
        value = self.table.c.props[name]
        number = sa.case(
            (sa.func.jsonb_typeof(value) == "number", sa.cast(value.astext, sa.Double))
        )
        step = sa.cast(sa.func.floor(number / width), sa.Double)
        kept = sa.cast(sa.func.greatest(0, sa.func.least(last, step)), sa.Integer)
        return await self._counts(kept, number.is_not(None))

    async def cells(self, precision: int) -> Counts:
        """By the geohash of the middle of their boxes."""
        c = self.table.c
        columns, rows = geohash.size(precision)
        x = (c.x0 + c.x1) / 2
        lon = sa.case((x >= 180, x - 360), else_=x)
        column = sa.func.floor((lon + 180) / 360 * columns)
        row = sa.func.least(sa.func.floor((c.y0 / 2 + c.y1 / 2 + 90) / 180 * rows), rows - 1)
        cell = sa.cast(row, sa.Numeric) * columns + sa.cast(column, sa.Numeric)
        counts = await self._counts(cell, c.x0.is_not(None))
        named = [
            (geohash.name(int(key) % columns, int(key) // columns, precision), number)
            for key, number in counts.buckets
        ]
        return Counts(named, counts.counted)

    async def _counts(
        self,
        value: sa.ColumnElement[Any],
        condition: filters.Condition | None = None,
        source: sa.FromClause | None = None,
    ) -> Counts:
        rows = sa.select(self.table.c.seq, value.label("value")).where(*self.where)
        if condition is not None:
            rows = rows.where(condition)
        if source is not None:  # Several values may be the same.
            rows = rows.select_from(self.table.join(source, sa.true())).distinct()
        return await self._grouped(rows.cte("v"))

    async def _grouped(self, values: sa.CTE) -> Counts:
        number = sa.func.count().label("number")
        most = sa.select(values.c.value, number).group_by(values.c.value)
        found = most.order_by(number.desc(), values.c.value).limit(MAX_BUCKETS)
        buckets = [(row.value, row.number) for row in await self.execute(found)]
        counted = sa.select(sa.func.count(values.c.seq.distinct()))
        if len(buckets) == MAX_BUCKETS:
            kept = found.cte("b")
            counted = counted.join_from(values, kept, values.c.value == kept.c.value)
        return Counts(buckets, int((await self.execute(counted)).scalar_one()))


def _year(moment: sa.ColumnElement[Any]) -> sa.ColumnElement[int]:
    zone = sa.literal_column("'UTC'", sa.Text)
    return sa.cast(sa.func.date_part("year", sa.func.timezone(zone, moment)), sa.Integer)


async def _decided(
    session: ReadSession, there: Tables, query: Query
) -> tuple[list[filters.Condition], Mapping[str, Any]]:
    """Conditions that are true for the rows that match, and no others; their parameters' values."""
    table, read = there.main, asked(query)
    space, values = read.space, read.values
    where = filters.every(table, read.shape, query.where)
    rows = sa.select(filters.to_test(table, read.shape), table.c.seq).where(*where).subquery()
    doubtful = sa.select(rows.c.wkb, rows.c.seq)
    if query.refine is None:
        if space is None or space.shape is None:
            return where, values
        doubtful = doubtful.where(rows.c.wkb.is_not(None))
    found = (await session.execute(doubtful.limit(MAX_TESTED + 1), values)).all()
    if len(found) > MAX_TESTED:
        raise BadRequest(
            f"More than {MAX_TESTED} shapes would have to be looked at for that count",
            hint="ask for less: a smaller place, a shorter time, fewer Collections",
        )
    kept = {row.seq for row in await search.kept(session, there, query, space, found)}
    lost = [row.seq for row in found if row.seq not in kept]
    without = [table.c.seq != sa.all_(_numbers(lost))] if lost else []
    return [*where, *without], values


def _numbers(values: Sequence[int]) -> sa.ColumnElement[list[int]]:
    return sa.literal(list(values), ARRAY(sa.BigInteger))
