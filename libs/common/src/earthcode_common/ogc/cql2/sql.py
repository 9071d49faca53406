"""Conditions as SQL.

A spatial predicate cannot be decided by boxes, so for every condition there are two renderings: all
rows for which it is true, and all rows for which it is false, each perhaps with some more. NOT asks
for the other one, AND and OR keep the direction, and unknown is in neither. Where nothing spatial
is inside, both are exact.
"""

import operator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from earthcode_common.ogc.cql2 import arrays, spatial
from earthcode_common.ogc.cql2.kinds import common, kind
from earthcode_common.ogc.cql2.nodes import (
    CONDITIONS,
    And,
    Compare,
    Condition,
    Constant,
    Field,
    Flag,
    In,
    IsNull,
    Like,
    Literal,
    Not,
    Or,
    Relation,
    Span,
    Value,
    children,
)
from earthcode_common.ogc.cql2.relations import TEMPORAL, temporal
from earthcode_common.ogc.cql2.sql_values import Sql, Values

_OPERATORS = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
_UNKNOWN = sa.cast(sa.null(), sa.Boolean)


def exact(node: Any) -> bool:
    """Whether SQL decides it."""
    if isinstance(node, Relation) and node.op.startswith("s_"):
        return False
    return all(map(exact, children(node)))


def maybe(values: Values, node: Condition, wanted: bool = True) -> Sql:
    """All rows for which the condition is ``wanted``, and, unless it is exact, perhaps more.

    Raises Refused for operands that make no sense together.
    """
    if isinstance(node, And | Or):
        parts = [maybe(values, item, wanted) for item in node.items]
        return sa.and_(*parts) if isinstance(node, And) == wanted else sa.or_(*parts)
    if isinstance(node, Not):
        return maybe(values, node.item, not wanted)
    if isinstance(node, Relation) and node.op.startswith("s_"):
        return spatial.maybe(values.c, node, wanted)
    if isinstance(node, IsNull) and not exact(node):
        return sa.true()
    found = _leaf(values, node)
    return found if wanted else sa.not_(found)


def _leaf(values: Values, node: Condition) -> Sql:
    if isinstance(node, Constant):
        return {True: sa.true(), False: sa.false(), None: _UNKNOWN}[node.value]
    if isinstance(node, Flag):
        return values.boolean(node.value)
    if isinstance(node, Compare):
        return _compare(values, node.op, node.left, node.right)
    if isinstance(node, In):
        return _in(values, node)
    if isinstance(node, Like):
        return values.text(node.value).like(sa.literal(node.pattern.sql(), sa.Text))
    if isinstance(node, IsNull):
        return _is_null(values, node.operand)
    assert isinstance(node, Relation)
    if node.op in TEMPORAL:
        return _temporal(values, node.op, node.left, node.right)
    return arrays.condition(values, node)


def _compare(values: Values, op: str, left: Value, right: Value) -> Sql:
    how = common(left, right)
    if how == "time":
        return _temporal(values, op, left, right)
    if how == "any":
        # Of each kind that both have; at most one of these is not null.
        ways = [_compared(values, k, op, left, right) for k in ("text", "number", "boolean")]
        return sa.func.coalesce(*ways, type_=sa.Boolean())
    return _UNKNOWN if how is None else _compared(values, how, op, left, right)


def _compared(values: Values, how: str, op: str, left: Value, right: Value) -> Sql:
    one, two = (getattr(values, how)(side) for side in (left, right))
    if how == "text" and op not in ("=", "<>"):
        one = sa.collate(one, "C")  # By code point, whatever the database's own order is.
    found: Sql = _OPERATORS[op](one, two)
    return found


def _temporal(values: Values, op: str, left: Value, right: Value) -> Sql:
    comparisons, negated = temporal(op)
    one, two = values.time(left), values.time(right)
    found = sa.and_(*(compare(one[a], two[b]) for a, compare, b in comparisons))
    return sa.not_(found) if negated else found


def _in(values: Values, node: In) -> Sql:
    kinds = {kind(item) for item in node.items}
    literals = all(isinstance(item, Literal) for item in node.items)
    if literals and kinds <= {"text"} and kind(node.value) in ("text", "any"):
        texts = [item.value for item in node.items if isinstance(item, Literal)]
        return values.text(node.value) == sa.any_(sa.literal(texts, ARRAY(sa.Text)))
    return sa.or_(*(_compare(values, "=", node.value, item) for item in node.items))


def _is_null(values: Values, operand: Any) -> Sql:
    if isinstance(operand, CONDITIONS):
        return maybe(values, operand).is_(None)
    if isinstance(operand, Field):
        return _field_is_null(values, operand)
    if isinstance(operand, Span):
        return values.time(operand)[0].is_(None)
    return getattr(values, kind(operand))(operand).is_(None)


def _field_is_null(values: Values, field: Field) -> Sql:
    if field.source == "geometry":
        return values.c.x0.is_(None)
    if field.source in ("id", "part"):
        return sa.false()
    if isinstance(field.source, str):
        return values.time(field)[0].is_(None)
    found = sa.func.jsonb_typeof(values.json(field), type_=sa.Text)
    return sa.func.coalesce(found, "null") == "null"
