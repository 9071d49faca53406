"""Sort keys, and what comes after a row (keyset paging), nulls last in both directions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from earthcode_common.ogc.filters import TITLE, WORDS, matches, tsquery
from earthcode_common.ogc.shape import Shape, storable
from earthcode_common.ogc.statements import parameter, quoted
from earthcode_common.problems import BadRequest

MOMENT = sa.DateTime(timezone=True)
IN_TITLE = 1.0  # what a row is ranked with the phrase in its title


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

    def value(self, name: str) -> sa.ColumnElement[Any]:
        """A parameter to compare the key with."""
        if self.type is JSONB:
            return sa.cast(parameter(name, sa.Text), JSONB)
        return sa.cast(parameter(name, self.type), self.type)


def sort_keys(table: sa.Table, shape: Shape) -> list[Key]:
    """The keys of an order other than by time alone, the row's own number last.

    Names: id, part, collection, datetime, start_datetime, end_datetime, updated, relevance (needs
    ``q``); every other one is a property, and with ``properties.`` before it certainly is. Raises
    BadRequest for one that no property can have.
    """
    asked = shape.sort or [("relevance", "desc"), ("datetime", "desc")]
    named = [(_expression(table, shape, name), direction) for name, direction in asked]
    keys = [
        Key(f"k{index}", expression, direction == "desc", kind)
        for index, ((expression, kind), direction) in enumerate(named)
    ]
    return [*keys, Key("seq", table.c.seq, not _oldest_first(asked), sa.BigInteger)]


def _oldest_first(asked: Sequence[tuple[str, str]]) -> bool:
    """Then ties are too, as in the scans by time: whichever way the rows are found."""
    return tuple(asked) in ((("datetime", "asc"),), (("start_datetime", "asc"),))


def _expression(table: sa.Table, shape: Shape, name: str) -> tuple[sa.ColumnElement[Any], Any]:
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
        return _relevance(table, shape), sa.Double
    if name in known:
        return known[name]
    name = name.removeprefix("properties.")  # A property, whatever columns there are.
    if not storable([name]):
        raise BadRequest("sortby names a property that no record can have", parameter="sortby")
    # In the statement's text, so that an index on the same expression is used.
    return sa.func.search_key(c.props, sa.literal_column(quoted(name)), type_=JSONB), JSONB


def _relevance(table: sa.Table, shape: Shape) -> sa.ColumnElement[Any]:
    """Whoever has it in the title comes first; a rank is below 1.

    One phrase is in a title or it is not: such rows are alike. Of several it may be more than one.
    """
    if not shape.words:
        return sa.literal_column("0.0", sa.Double)
    rank = sa.cast(sa.func.ts_rank(table.c.words, tsquery(WORDS)), sa.Double)
    if shape.one_phrase:
        return sa.case((matches(table, TITLE), first()), else_=rank)
    return sa.case((matches(table, TITLE), first() + rank), else_=rank)


def first() -> sa.ColumnElement[float]:
    return sa.cast(sa.literal_column(str(IN_TITLE)), sa.Double)


def ordering(keys: Sequence[Key], row: sa.FromClause) -> list[sa.ColumnElement[Any]]:
    columns = [(key.column(row), key.descending) for key in keys]
    return [(c.desc() if down else c.asc()).nulls_last() for c, down in columns]


def after(keys: Sequence[Key], row: sa.FromClause, nulls: Sequence[bool]) -> sa.ColumnElement[bool]:
    """Rows that come after the one with the values "after0", "after1", ..., null or not."""
    ways: list[sa.ColumnElement[bool]] = []
    same: list[sa.ColumnElement[bool]] = []
    for number, (key, null) in enumerate(zip(keys, nulls, strict=True)):
        column = key.column(row)
        if null:  # Nulls are last: only rows that are alike follow.
            same.append(column.is_(None))
            continue
        bound = key.value(f"after{number}")
        beyond = column < bound if key.descending else column > bound
        ways.append(sa.and_(*same, sa.or_(beyond, column.is_(None))))
        same.append(column == bound)
    return sa.or_(*ways)


MOMENTS = ("datetime", "start_datetime", "end_datetime", "updated")


def to_json(values: Sequence[Any]) -> list[Any]:
    return [v.isoformat() if isinstance(v, datetime) else v for v in values]


def from_json(shape: Shape, values: Sequence[Any]) -> list[Any]:
    """The keys of a row as ``to_json`` gave them."""
    if shape.by_time is not None:
        return [datetime.fromisoformat(values[0]), values[1]]
    names = [name for name, _ in shape.sort] or ["relevance", "datetime"]
    return [
        datetime.fromisoformat(value) if name in MOMENTS and value is not None else value
        for name, value in zip([*names, "seq"], values, strict=True)
    ]


def width(shape: Shape) -> int:
    """How many keys a row has, its number included."""
    return 2 if shape.by_time is not None else (len(shape.sort) or 2) + 1
