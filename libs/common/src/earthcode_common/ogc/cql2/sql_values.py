"""Values as SQL: every function gives null for what is not of its kind, and no cast can fail."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from earthcode_common.ogc.cql2 import moments
from earthcode_common.ogc.cql2.fold import sql_folded
from earthcode_common.ogc.cql2.nodes import (
    Arithmetic,
    Field,
    Fold,
    Literal,
    Moment,
    Span,
    Value,
)
from earthcode_common.ogc.cql2.numbers import decimal, double, sql_calculated
from earthcode_common.ogc.datetimes import OPEN_END, OPEN_START

Sql = sa.ColumnElement[Any]
MOMENT = sa.DateTime(timezone=True)
_LEAST, _GREATEST = (sa.literal_column(text, sa.Numeric) for text in ("1e-150", "1e150"))


class Values:
    """Of the rows of one table."""

    def __init__(self, table: sa.Table) -> None:
        self.c = table.c

    def json(self, field: Field) -> Sql:
        """The jsonb value; SQL null when there is none."""
        if isinstance(field.source, str):
            return sa.cast(sa.null(), JSONB)
        ways = [self._at(path) for path in field.source]
        return ways[0] if len(ways) == 1 else sa.func.coalesce(*ways, type_=JSONB)

    def _at(self, path: tuple[str, ...]) -> Sql:
        found: Sql = self.c.props
        for key in path:
            found = found.op("->", return_type=JSONB())(sa.literal(key, sa.Text))
        return found

    def _typed(self, field: Field, name: str, change: Callable[[Sql], Sql]) -> Sql:
        found = self.json(field)
        return sa.case(
            (sa.func.jsonb_typeof(found) == sa.literal_column(f"'{name}'"), change(found))
        )

    def text(self, node: Value) -> Sql:
        if isinstance(node, Fold):
            return sql_folded(self.text(node.value), node.case, node.accent)
        if isinstance(node, Literal):
            return _literal(node, str, sa.Text)
        if isinstance(node, Field):
            if node.source in ("id", "part"):
                return self.c[node.source]
            return self._typed(node, "string", _unquoted)
        return sa.cast(sa.null(), sa.Text)

    def boolean(self, node: Value) -> Sql:
        if isinstance(node, Literal):
            return _literal(node, bool, sa.Boolean)
        if isinstance(node, Field):
            return self._typed(node, "boolean", lambda found: sa.cast(found, sa.Boolean))
        return sa.cast(sa.null(), sa.Boolean)

    def number(self, node: Value) -> Sql:
        if isinstance(node, Literal) and _is_number(node.value):
            return sa.literal(decimal(node.value), sa.Numeric)  # type: ignore[arg-type]
        if isinstance(node, Field):
            return self._typed(node, "number", lambda found: sa.cast(found, sa.Numeric))
        return sa.cast(sa.null(), sa.Numeric)

    def double(self, node: Value) -> Sql:
        if isinstance(node, Arithmetic):
            return sql_calculated(node.op, self.double(node.left), self.double(node.right))
        if isinstance(node, Literal) and _is_number(node.value):
            return sa.literal(double(node.value), sa.Double)
        if isinstance(node, Field):
            found = self.number(node)
            size = sa.func.abs(found)
            good = sa.or_(found == 0, sa.between(size, _LEAST, _GREATEST))
            return sa.case((good, sa.cast(found, sa.Double)))
        return sa.cast(sa.null(), sa.Double)

    def time(self, node: Value, *, raw: bool = False) -> tuple[Sql, Sql]:
        """First and last instant. ``raw``: open ends of columns are instants too, not null."""
        if isinstance(node, Moment):
            return _instant(node.start), _instant(node.end)
        if isinstance(node, Span):
            start, end = self.time(node.start, raw=True)[0], self.time(node.end, raw=True)[1]
            return sa.case((end.is_not(None), start)), sa.case((start.is_not(None), end))
        if isinstance(node, Literal) and isinstance(node.value, str):
            return self.time(moments.moment(node.value))
        if isinstance(node, Field):
            return self._time_of(node, raw)
        return _instant(None), _instant(None)

    def _time_of(self, field: Field, raw: bool) -> tuple[Sql, Sql]:
        c = self.c
        if field.source == "time":
            return sa.case((c.timed, c.t0)), sa.case((c.timed, c.t1))
        if field.source in ("start", "end"):
            end, open_end = (c.t0, OPEN_START) if field.source == "start" else (c.t1, OPEN_END)
            is_there = c.timed if raw else sa.and_(c.timed, end != _instant(open_end))
            found = sa.case((is_there, end))
            return found, found
        if isinstance(field.source, str):
            return _instant(None), _instant(None)
        text = self._typed(field, "string", _unquoted)
        return _parsed(text, moments.DAY_START), _parsed(text, moments.DAY_END)


def _unquoted(found: Sql) -> Sql:
    return found.op("#>>", return_type=sa.Text())(sa.literal_column("'{}'"))


def _parsed(text: Sql, of_day: str) -> Sql:
    """Only what the patterns let through is cast; fractions are cut after microseconds."""
    cut = sa.func.regexp_replace(text, r"(\.[0-9]{6})[0-9]+", r"\1")
    instant = sa.cast(cut, MOMENT)
    clamped = sa.func.least(sa.func.greatest(instant, _instant(OPEN_START)), _instant(OPEN_END))
    whole = sa.cast(text.concat(of_day), MOMENT)
    is_instant = text.bool_op("~")(moments.INSTANT)
    return sa.case((is_instant, clamped), (text.bool_op("~")(moments.DATE), whole))


def _instant(moment: datetime | None) -> Sql:
    return sa.cast(sa.null(), MOMENT) if moment is None else sa.literal(moment, MOMENT)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _literal(node: Literal, type_: type, sql_type: Any) -> Sql:
    if isinstance(node.value, type_):
        return sa.literal(node.value, sql_type)
    return sa.cast(sa.null(), sql_type)
