"""Values as SQL: each is null for what is not of the kind that is asked, and no cast can fail."""

import sqlalchemy as sa

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
from earthcode_common.ogc.cql2.numbers import decimal, double, is_number, sql_calculated
from earthcode_common.ogc.cql2.template import Sql, moment_value, sql, text_value
from earthcode_common.ogc.datetimes import OPEN_END, OPEN_START

_TEXT = "(case when jsonb_typeof({0}) = 'string' then {0} #>> '{{}}' end)"
_NUMBER = "(case when jsonb_typeof({0}) = 'number' then {0}::numeric end)"
_BOOLEAN = "(case when jsonb_typeof({0}) = 'boolean' then {0}::boolean end)"
_DOUBLE = "(case when {0} = 0 or abs({0}) between 1e-150 and 1e150 then {0}::float8 end)"
# Only what the patterns let through is cast; fractions are cut after microseconds.
_TIME = (
    "(case when {0} ~ {1} then least(greatest("
    r"regexp_replace({0}, '(\.[0-9]{{6}})[0-9]+', '\1')::timestamptz, {2}), {3})"
    " when {0} ~ {4} then ({0} || {5})::timestamptz end)"
)
NO_TEXT, NO_JSON, NO_NUMBER = sql("null::text"), sql("null::jsonb"), sql("null::numeric")
NO_DOUBLE, NO_BOOLEAN, NO_TIME = (
    sql("null::float8"),
    sql("null::boolean"),
    sql("null::timestamptz"),
)


class Values:
    """Of the rows of one table."""

    def __init__(self, table: sa.Table) -> None:
        self.c = table.c

    def json(self, field: Field) -> Sql:
        """The jsonb value; SQL null when there is none."""
        if isinstance(field.source, str):
            return NO_JSON
        ways = [self._at(path) for path in field.source]
        return ways[0] if len(ways) == 1 else sql("coalesce({0}, {1})", *ways)

    def _at(self, path: tuple[str, ...]) -> Sql:
        steps = "".join(f" -> {{{number}}}" for number in range(1, len(path) + 1))
        return sql(f"({{0}}{steps})", self.c.props, *map(text_value, path))

    def text(self, node: Value) -> Sql:
        if isinstance(node, Fold):
            return sql_folded(self.text(node.value), node.case, node.accent)
        if isinstance(node, Literal):
            return text_value(node.value) if isinstance(node.value, str) else NO_TEXT
        if not isinstance(node, Field):
            return NO_TEXT
        if node.source in ("id", "part"):
            found: Sql = self.c[node.source]
            return found
        return sql(_TEXT, self.json(node))

    def boolean(self, node: Value) -> Sql:
        if isinstance(node, Literal) and isinstance(node.value, bool):
            return sa.literal(node.value, sa.Boolean)
        return sql(_BOOLEAN, self.json(node)) if isinstance(node, Field) else NO_BOOLEAN

    def number(self, node: Value) -> Sql:
        if isinstance(node, Literal) and is_number(node.value):
            return sa.literal(decimal(node.value), sa.Numeric)
        return sql(_NUMBER, self.json(node)) if isinstance(node, Field) else NO_NUMBER

    def double(self, node: Value) -> Sql:
        if isinstance(node, Arithmetic):
            return sql_calculated(node.op, self.double(node.left), self.double(node.right))
        if isinstance(node, Literal) and is_number(node.value):
            return sa.literal(double(node.value), sa.Double)
        return sql(_DOUBLE, self.number(node)) if isinstance(node, Field) else NO_DOUBLE

    def time(self, node: Value, *, raw: bool = False) -> tuple[Sql, Sql]:
        """First and last instant. ``raw``: open ends of columns are instants too, not null."""
        if isinstance(node, Moment):
            return moment_value(node.start), moment_value(node.end)
        if isinstance(node, Span):
            start, end = self.time(node.start, raw=True)[0], self.time(node.end, raw=True)[1]
            both = "(case when {0} is not null then {1} end)"
            return sql(both, end, start), sql(both, start, end)
        if isinstance(node, Literal) and isinstance(node.value, str):
            return self.time(moments.moment(node.value))
        return self._time_of(node, raw) if isinstance(node, Field) else (NO_TIME, NO_TIME)

    def _time_of(self, field: Field, raw: bool) -> tuple[Sql, Sql]:
        c, timed = self.c, "(case when {0} then {1} end)"
        if field.source == "time":
            return sql(timed, c.timed, c.t0), sql(timed, c.timed, c.t1)
        if field.source in ("start", "end"):
            end, open_end = (c.t0, OPEN_START) if field.source == "start" else (c.t1, OPEN_END)
            closed = "(case when {0} and {1} <> {2} then {1} end)"
            parts = (c.timed, end) if raw else (c.timed, end, moment_value(open_end))
            found = sql(timed if raw else closed, *parts)
            return found, found
        if isinstance(field.source, str):
            return NO_TIME, NO_TIME
        text = self.text(field)
        return _time_in(text, moments.DAY_START), _time_in(text, moments.DAY_END)


def _time_in(text: Sql, of_day: str) -> Sql:
    ends = moment_value(OPEN_START), moment_value(OPEN_END)
    instant, day = text_value(moments.INSTANT), text_value(moments.DATE)
    return sql(_TIME, text, instant, *ends, day, text_value(of_day))
