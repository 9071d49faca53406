"""Sort keys, and what comes after a row (keyset paging), nulls last in both directions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from earthcode_common.ogc import words
from earthcode_common.ogc.filters import matches, storable, tsquery
from earthcode_common.ogc.query import Query
from earthcode_common.problems import BadRequest

MOMENT = sa.DateTime(timezone=True)


@dataclass(frozen=True)
class Key:
    """``expression`` is over the table. JSON values travel as text: numbers stay as they are."""

    name: str
    expression: sa.ColumnElement[Any]
    descending: bool
    type: Any

    def selected(self) -> sa.ColumnElement[Any]:
        kind = sa.Text if self.type is JSONB else self.type
        return sa.cast(self.expression, kind).label(self.name)

    def column(self, row: sa.FromClause) -> sa.ColumnElement[Any]:
        """The key of a subquery's row, comparable."""
        found = row.c[self.name]
        return sa.cast(found, JSONB) if self.type is JSONB else found

    def value(self, value: Any) -> sa.ColumnElement[Any]:
        if self.type is JSONB:
            return sa.cast(sa.literal(value, sa.Text), JSONB)
        return sa.cast(sa.literal(value, self.type), self.type)


def sort_keys(table: sa.Table, query: Query) -> list[Key]:
    """The keys of an order other than by time alone, the row's own number last.

    Names: id, part, collection, datetime, start_datetime, end_datetime, updated, relevance (needs
    ``q``); every other one is a property, and with ``properties.`` before it certainly is. Raises
    BadRequest for one that no property can have.
    """
    asked = list(query.sort) or [("relevance", "desc"), ("datetime", "desc")]
    named = [(_expression(table, query, name), direction) for name, direction in asked]
    keys = [
        Key(f"k{index}", expression, direction == "desc", kind)
        for index, ((expression, kind), direction) in enumerate(named)
    ]
    return [*keys, Key("seq", table.c.seq, True, sa.BigInteger)]


def _expression(table: sa.Table, query: Query, name: str) -> tuple[sa.ColumnElement[Any], Any]:
    c = table.c
    timed = sa.case((c.timed, c.t0), else_=None)
    known: dict[str, tuple[sa.ColumnElement[Any], Any]] = {
        "id": (c.id, sa.Text),
        "part": (c.part, sa.Text),
        "collection": (c.part, sa.Text),
        "datetime": (timed, MOMENT),
        "start_datetime": (timed, MOMENT),
        "end_datetime": (sa.case((c.timed, c.t1), else_=None), MOMENT),
        "updated": (c.updated, MOMENT),
    }
    if name == "relevance":
        return _relevance(table, query), sa.Double
    if name in known:
        return known[name]
    name = name.removeprefix("properties.")  # A property, whatever columns there are.
    if not storable([name]):
        raise BadRequest("sortby names a property that no record can have", parameter="sortby")
    return sa.func.search_key(c.props, sa.literal(name, sa.Text), type_=JSONB), JSONB


def _relevance(table: sa.Table, query: Query) -> sa.ColumnElement[Any]:
    """Whoever has it in the title comes first; a rank is below 1."""
    asked, title = words.query(query.q or ()), words.query(query.q or (), "A")
    if asked is None or title is None:
        return sa.literal(0.0, sa.Double)
    first = sa.case((matches(table, title), 1.0), else_=0.0)
    return first + sa.func.ts_rank(table.c.words, tsquery(asked))


def ordering(keys: Sequence[Key], row: sa.FromClause) -> list[sa.ColumnElement[Any]]:
    columns = [(key.column(row), key.descending) for key in keys]
    return [(c.desc() if down else c.asc()).nulls_last() for c, down in columns]


def after(keys: Sequence[Key], row: sa.FromClause, values: Sequence[Any]) -> sa.ColumnElement[bool]:
    """Rows that come after the one with these values."""
    ways: list[sa.ColumnElement[bool]] = []
    same: list[sa.ColumnElement[bool]] = []
    for key, value in zip(keys, values, strict=True):
        column = key.column(row)
        if value is None:  # Nulls are last: only rows that are alike follow.
            same.append(column.is_(None))
            continue
        bound = key.value(value)
        beyond = column < bound if key.descending else column > bound
        ways.append(sa.and_(*same, sa.or_(beyond, column.is_(None))))
        same.append(column == bound)
    return sa.or_(*ways)


def to_json(values: Sequence[Any]) -> list[Any]:
    return [v.isoformat() if isinstance(v, datetime) else v for v in values]


def from_json(keys: Sequence[Key], values: Sequence[Any]) -> list[Any]:
    return [
        datetime.fromisoformat(value) if key.type is MOMENT and value is not None else value
        for key, value in zip(keys, values, strict=True)
    ]
