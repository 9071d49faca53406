"""Conditions decided in Python, over many rows at once: what is true and what is false of each."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import shapely

from earthcode_common.ogc.cql2 import arrays, spatial
from earthcode_common.ogc.cql2.kinds import common
from earthcode_common.ogc.cql2.nodes import (
    CONDITIONS,
    And,
    Array,
    Compare,
    Condition,
    Constant,
    Flag,
    In,
    IsNull,
    Like,
    Not,
    Or,
    Relation,
    Shape,
    Value,
)
from earthcode_common.ogc.cql2.relations import TEMPORAL, temporal
from earthcode_common.ogc.cql2.row_values import Rows

Truth = tuple[Any, Any]  # Two arrays of booleans: true, false. Unknown is neither.
_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
}


def decide(rows: Rows, node: Condition) -> Truth:
    if isinstance(node, And | Or):
        yes, no = zip(*(decide(rows, item) for item in node.items), strict=True)
        if isinstance(node, And):
            return np.all(yes, axis=0), np.any(no, axis=0)
        return np.any(yes, axis=0), np.all(no, axis=0)
    if isinstance(node, Not):
        yes, no = decide(rows, node.item)
        return no, yes
    if isinstance(node, In):
        return decide(rows, Or(tuple(Compare("=", node.value, item) for item in node.items)))
    if isinstance(node, Relation) and node.op.startswith("s_"):
        return _spatial(rows, node)
    return _truth(_leaf(rows, node))


def _truth(found: Sequence[bool | None]) -> Truth:
    return np.array([f is True for f in found], bool), np.array([f is False for f in found], bool)


def _leaf(rows: Rows, node: Condition) -> Sequence[bool | None]:
    if isinstance(node, Constant):
        return [node.value] * len(rows)
    if isinstance(node, Flag):
        return rows.boolean(node.value)
    if isinstance(node, Compare):
        return _compare(rows, node)
    if isinstance(node, Like):
        matches = node.pattern.matcher()
        return [None if text is None else matches(text) for text in rows.text(node.value)]
    if isinstance(node, IsNull):
        return _is_null(rows, node.operand)
    assert isinstance(node, Relation)
    if node.op in TEMPORAL:
        return _temporal(rows, node.op, node.left, node.right)
    pairs = zip(_arrays(rows, node.left), _arrays(rows, node.right), strict=True)
    return [arrays.related(node.op, one, two) for one, two in pairs]


def _compare(rows: Rows, node: Compare) -> Sequence[bool | None]:
    how = common(node.left, node.right)
    if how == "time":
        return _temporal(rows, node.op, node.left, node.right)
    if how == "any":
        ways = [_compared(rows, k, node) for k in ("text", "number", "boolean")]
        return [next((f for f in row if f is not None), None) for row in zip(*ways, strict=True)]
    return [None] * len(rows) if how is None else _compared(rows, how, node)


def _compared(rows: Rows, how: str, node: Compare) -> list[bool | None]:
    compare, view = _OPERATORS[node.op], getattr(rows, how)
    pairs = zip(view(node.left), view(node.right), strict=True)
    return [None if a is None or b is None else compare(a, b) for a, b in pairs]


def _temporal(rows: Rows, op: str, left: Value, right: Value) -> list[bool | None]:
    comparisons, negated = temporal(op)
    pairs = zip(rows.time(left), rows.time(right), strict=True)
    return [
        None
        if one is None or two is None
        else all(compare(one[a], two[b]) for a, compare, b in comparisons) != negated
        for one, two in pairs
    ]


def _is_null(rows: Rows, operand: Any) -> list[bool | None]:
    if isinstance(operand, CONDITIONS):
        yes, no = decide(rows, operand)
        found: list[bool | None] = (~(yes | no)).tolist()
        return found
    return [value is None for value in rows.any(operand)]


def _arrays(rows: Rows, node: Value) -> Sequence[Any]:
    return [list(node.items)] * len(rows) if isinstance(node, Array) else rows.json(node)


def _spatial(rows: Rows, node: Relation) -> Truth:
    if isinstance(node.left, Shape) and isinstance(node.right, Shape):
        found = spatial.related(node.op, [node.left.geometry], node.right.geometry)
        return np.repeat(found, len(rows)), np.repeat(~found, len(rows))
    op, _, other = spatial.sides(node)
    shapes = rows.geometry()
    there = shapely.is_geometry(shapes)
    right = other.geometry if isinstance(other, Shape) else shapes[there]
    yes = np.zeros(len(rows), dtype=bool)
    yes[there] = spatial.related(op, shapes[there], right)
    return yes, there & ~yes
