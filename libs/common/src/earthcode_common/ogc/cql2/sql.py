"""Conditions as SQL.

A spatial predicate cannot be decided by boxes, so for every condition there are two renderings: all
rows for which it is true, and all rows for which it is false, each perhaps with some more. NOT asks
for the other one, AND and OR keep the direction, and unknown is in neither. Where nothing spatial
is inside, both are exact.
"""

import operator
from typing import Any

import sqlalchemy as sa

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
from earthcode_common.ogc.cql2.sql_values import NO_BOOLEAN, Values
from earthcode_common.ogc.cql2.template import Sql, negated, sql, text_value, texts_value

_SIGNS = {operator.lt: "<", operator.gt: ">", operator.eq: "="}
_SIGNS |= {operator.le: "<=", operator.ge: ">="}
_CONSTANTS: dict[bool | None, Sql] = {True: sa.true(), False: sa.false(), None: NO_BOOLEAN}


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
        assert isinstance(node.operand, CONDITIONS)  # nothing spatial is in a value
        maybe(values, node.operand)  # only to refuse what makes no sense in it
        return sa.true()
    found = _leaf(values, node)
    return found if wanted else negated(found)


def _leaf(values: Values, node: Condition) -> Sql:
    if isinstance(node, Constant):
        return _CONSTANTS[node.value]
    if isinstance(node, Flag):
        return values.boolean(node.value)
    if isinstance(node, Compare):
        return _compare(values, node.op, node.left, node.right)
    if isinstance(node, In):
        return _in(values, node)
    if isinstance(node, Like):
        pattern = text_value(node.pattern.sql())
        return sql("({0} like {1})", values.text(node.value), pattern)
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
        return sql("coalesce({0}, {1}, {2})", *ways)
    return NO_BOOLEAN if how is None else _compared(values, how, op, left, right)


def _compared(values: Values, how: str, op: str, left: Value, right: Value) -> Sql:
    one, two = (getattr(values, how)(side) for side in (left, right))
    # Order of texts is by code point, whatever the database's own is.
    collation = ' collate "C"' if how == "text" and op not in ("=", "<>") else ""
    return sql(f"({{0}} {op} {{1}}{collation})", one, two)


def _temporal(values: Values, op: str, left: Value, right: Value) -> Sql:
    comparisons, turned = temporal(op)
    one, two = values.time(left), values.time(right)
    ways = [sql(f"({{0}} {_SIGNS[sign]} {{1}})", one[a], two[b]) for a, sign, b in comparisons]
    found = ways[0] if len(ways) == 1 else _joined("and", ways)
    return negated(found) if turned else found


def _joined(word: str, ways: list[Sql]) -> Sql:
    return sql("(" + f" {word} ".join(f"{{{n}}}" for n in range(len(ways))) + ")", *ways)


def _in(values: Values, node: In) -> Sql:
    texts = [i.value for i in node.items if isinstance(i, Literal) and isinstance(i.value, str)]
    if len(texts) == len(node.items) and kind(node.value) in ("text", "any"):
        return sql("({0} = any ({1}))", values.text(node.value), texts_value(texts))
    return _joined("or", [_compare(values, "=", node.value, item) for item in node.items])


def _is_null(values: Values, operand: Any) -> Sql:
    if isinstance(operand, CONDITIONS):
        found = maybe(values, operand)
    elif isinstance(operand, Field):
        return _field_is_null(values, operand)
    elif isinstance(operand, Span):
        found = values.time(operand)[0]
    else:
        found = getattr(values, kind(operand))(operand)
    return sql("(({0}) is null)", found)


def _field_is_null(values: Values, field: Field) -> Sql:
    if field.source == "geometry":
        return sql("({0} is null)", values.c.x0)
    if field.source in ("id", "part"):
        return sa.false()
    if isinstance(field.source, str):
        return sql("({0} is null)", values.time(field)[0])
    return sql("(coalesce(jsonb_typeof({0}), 'null') = 'null')", values.json(field))
