"""Array predicates (OGC 21-065r2): arrays are sets here, order and repetition do not matter."""

import json
from typing import Any

from earthcode_common.ogc.cql2.guard import Refused
from earthcode_common.ogc.cql2.nodes import Array, Field, Relation, Value
from earthcode_common.ogc.cql2.numbers import decimal
from earthcode_common.ogc.cql2.sql_values import Values
from earthcode_common.ogc.cql2.template import Sql, sql, text_value, texts_value


def related(op: str, left: Any, right: Any) -> bool | None:
    """Of two JSON values; None when one of them is no array."""
    if not isinstance(left, list | tuple) or not isinstance(right, list | tuple):
        return None
    one, two = ({_key(item) for item in side} for side in (left, right))
    if op == "a_overlaps":
        return not one.isdisjoint(two)
    contained = one <= two
    if op == "a_containedby":
        return contained
    return one >= two if op == "a_contains" else one == two


def _key(item: Any) -> Any:
    """Equal for what jsonb takes for equal."""
    if isinstance(item, bool) or item is None or isinstance(item, str):
        return (type(item), item)
    if isinstance(item, int | float):
        return ("number", decimal(item))
    if isinstance(item, dict):
        return ("object", frozenset((name, _key(inner)) for name, inner in item.items()))
    return ("array", tuple(map(_key, item)))


def condition(values: Values, relation: Relation) -> Sql:
    op, left, right = relation.op, relation.left, relation.right
    for side in (left, right):
        if not isinstance(side, Array | Field):
            raise Refused(f"{op.upper()} compares arrays")
    if isinstance(left, Array):
        op, left, right = _MIRRORED.get(op, op), right, left
    one, two = _array(values, left), _array(values, right)
    if isinstance(right, Array) and not any(isinstance(item, list) for item in right.items):
        return _with_scalars(op, one, two, right.items)
    there = "jsonb_typeof({0}) = 'array'"
    if isinstance(right, Field):
        there += " and jsonb_typeof({1}) = 'array'"
    return sql(f"(case when {there} then {_SETS[op]} end)", one, two)


def _array(values: Values, node: Value) -> Sql:
    if isinstance(node, Array):
        return _jsonb(node.items)
    assert isinstance(node, Field)
    return values.json(node)


def _jsonb(items: Any) -> Sql:
    return sql("{0}::jsonb", text_value(json.dumps(items, ensure_ascii=False)))


def _with_scalars(op: str, one: Sql, two: Sql, items: tuple[Any, ...]) -> Sql:
    """Containment in jsonb is equality of elements as long as the literal has none that nest."""
    test, parts = _CONTAINMENT[op], [one, two]
    if op == "a_overlaps":
        texts = [item for item in items if isinstance(item, str)]
        others = [item for item in items if not isinstance(item, str)]
        test = " or ".join(["{0} ?| {1}", *(f"{{0}} @> {{{n + 2}}}" for n in range(len(others)))])
        parts = [one, texts_value(texts), *(_jsonb([item]) for item in others)]
    return sql(f"(case when jsonb_typeof({{0}}) = 'array' then {test} end)", *parts)


_MIRRORED = {"a_contains": "a_containedby", "a_containedby": "a_contains"}
_CONTAINMENT = {
    "a_contains": "{0} @> {1}",
    "a_containedby": "{1} @> {0}",
    "a_equals": "{0} @> {1} and {1} @> {0}",
    "a_overlaps": "",
}
_COVERS = (
    "not exists (select e from jsonb_array_elements({1}) as e"
    " except select e from jsonb_array_elements({0}) as e)"
)
_COVERED = _COVERS.format("{1}", "{0}")
_SETS = {
    "a_contains": _COVERS,
    "a_containedby": _COVERED,
    "a_equals": f"{_COVERS} and {_COVERED}",
    "a_overlaps": (
        "exists (select e from jsonb_array_elements({0}) as e"
        " intersect select e from jsonb_array_elements({1}) as e)"
    ),
}
