"""The conditions of a query as SQL."""

import sqlalchemy as sa

from earthcode_common.ogc import words
from earthcode_common.ogc.datetimes import OPEN_END, OPEN_START, Interval
from earthcode_common.ogc.query import Query
from earthcode_common.ogc.space import Space, overlaps

Condition = sa.ColumnElement[bool]


def plain(table: sa.Table, query: Query) -> list[Condition]:
    """What neither part, place nor time decides: ids, free text, the caller's own condition."""
    found: list[Condition] = []
    if query.ids is not None:
        found.append(table.c.id == sa.any_(_texts(storable(query.ids))))
    if query.q is not None:
        asked = words.query(query.q)
        found.append(sa.false() if asked is None else matches(table, asked))
    if query.where is not None:
        found.append(query.where)
    return found


def matches(table: sa.Table, asked: str) -> Condition:
    return table.c.words.bool_op("@@")(tsquery(asked))


def tsquery(asked: str) -> sa.ColumnElement[str]:
    return sa.cast(sa.literal(asked, sa.Text), sa.dialects.postgresql.TSQUERY)


def storable(texts: object) -> list[str]:
    """Those that can be in the database at all (no NUL, no lone surrogates)."""
    return [t for t in texts if isinstance(t, str) and "\0" not in t and _encodes(t)]  # type: ignore[attr-defined]


def _encodes(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _texts(values: list[str]) -> sa.ColumnElement[list[str]]:
    return sa.literal(values, sa.dialects.postgresql.ARRAY(sa.Text))


def hidden(condition: Condition) -> Condition:
    """The same condition where no index can be used for it and the planner takes it for true.

    It takes every box condition for 0.5 % of the rows. If it believed that few of these are left,
    it would combine two indexes and sort, and that is slow when there are many after all.
    """
    return sa.func.nullif(condition, sa.false()).is_not(None)


def of_parts(table: sa.Table, parts: list[str]) -> Condition:
    return table.c.part == sa.any_(_texts(parts))


def limits(interval: Interval) -> tuple[sa.ColumnElement[object], sa.ColumnElement[object]]:
    """Both ends as bound instants."""
    moment = sa.DateTime(timezone=True)
    return (
        sa.literal(interval.start or OPEN_START, moment),
        sa.literal(interval.end or OPEN_END, moment),
    )


def meets(table: sa.Table, interval: Interval) -> Condition:
    """The row's time meets the interval; for rows that another index has narrowed already."""
    low, high = limits(interval)
    return hidden(sa.and_(table.c.timed, table.c.t0 <= high, table.c.t1 >= low))


def begins_within(table: sa.Table, interval: Interval) -> Condition:
    low, high = limits(interval)
    return sa.and_(table.c.timed, table.c.t0 >= low, table.c.t0 <= high)


def reaches_into(table: sa.Table, interval: Interval) -> Condition:
    """Began before the interval and lasts into it: few rows, through their own partial index."""
    low, high = limits(interval)
    c, kind = table.c, sa.literal_column("'[]'", sa.Text)
    span, asked = sa.func.tstzrange(c.t0, c.t1, kind), sa.func.tstzrange(low, high, kind)
    return sa.and_(c.t1 > c.t0, hidden(c.t0 < low), span.bool_op("&&")(asked))


def unordered(table: sa.Table, query: Query, space: Space | None) -> list[Condition]:
    """All conditions at once, for counting and for orders other than by time."""
    found = plain(table, query)
    if query.parts is not None:
        found.append(of_parts(table, storable(query.parts)))
    if query.interval is not None:
        found.append(_any_time(table, query, query.interval))
    if space is not None:
        found += in_space(table, space, query.match_missing)
    return found


def _any_time(table: sa.Table, query: Query, interval: Interval) -> Condition:
    ways = [begins_within(table, interval)]
    if interval.start is not None:
        ways.append(reaches_into(table, interval))
    if query.match_missing:
        ways.append(sa.not_(table.c.timed))
    return sa.or_(*ways)


def in_space(table: sa.Table, space: Space, match_missing: bool) -> list[Condition]:
    """By boxes only: a superset of the rows whose shape matches."""
    if not space.boxes:
        return [] if match_missing else [table.c.box.is_not(None)]
    ways = [overlaps(table, box) for box in space.boxes]
    return [sa.or_(*ways, table.c.box.is_(None)) if match_missing else sa.or_(*ways)]
