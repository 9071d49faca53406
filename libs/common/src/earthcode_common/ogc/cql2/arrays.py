"""Array predicates (OGC 21-065r2): arrays are sets here, order and repetition do not matter."""

import json
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from earthcode_common.ogc.cql2.guard import Refused
from earthcode_common.ogc.cql2.nodes import Array, Field, Relation, Value
from earthcode_common.ogc.cql2.numbers import decimal
from earthcode_common.ogc.cql2.sql_values import Sql, Values


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
        mirror = {"a_contains": "a_containedby", "a_containedby": "a_contains"}
        op, left, right = mirror.get(op, op), right, left
    one = _array(values, left)
    if isinstance(right, Array) and not any(isinstance(i, list) for i in right.items):
        return sa.case((_is_array(values, left), _with_scalars(op, one, right.items)))
    both = sa.and_(_is_array(values, left), _is_array(values, right))
    return sa.case((both, _with_any(op, one, _array(values, right))))


def _is_array(values: Values, node: Value) -> Sql:
    if isinstance(node, Array):
        return sa.true()
    assert isinstance(node, Field)
    return sa.func.jsonb_typeof(values.json(node)) == sa.literal_column("'array'")


def _array(values: Values, node: Value) -> Sql:
    if isinstance(node, Array):
        return _jsonb(node.items)
    assert isinstance(node, Field)
    return values.json(node)


def _jsonb(items: Any) -> Sql:
    return sa.cast(sa.literal(json.dumps(items, ensure_ascii=False), sa.Text), JSONB)


def _with_scalars(op: str, one: Sql, items: tuple[Any, ...]) -> Sql:
    """Containment in jsonb is equality of elements as long as the literal has none that nest."""
    other = _jsonb(items)
    contains, contained = one.bool_op("@>")(other), other.bool_op("@>")(one)
    if op == "a_overlaps":
        return _overlap(one, items)
    return _chosen(op, contains, contained)


def _overlap(one: Sql, items: tuple[Any, ...]) -> Sql:
    texts = [item for item in items if isinstance(item, str)]
    ways = [one.bool_op("@>")(_jsonb([item])) for item in items if not isinstance(item, str)]
    if texts:
        ways.append(one.bool_op("?|")(sa.literal(texts, ARRAY(sa.Text))))
    return sa.or_(*ways) if ways else sa.false()


def _with_any(op: str, one: Sql, other: Sql) -> Sql:
    if op == "a_overlaps":
        return _Overlaps(one, other)
    contains, contained = _Covers(one, other), _Covers(other, one)
    return _chosen(op, contains, contained)


def _chosen(op: str, contains: Sql, contained: Sql) -> Sql:
    if op == "a_equals":
        return sa.and_(contains, contained)
    return contains if op == "a_contains" else contained


class _Sets(FunctionElement[Any]):
    type = sa.Boolean()
    template: str


class _Covers(_Sets):
    name, inherit_cache = "covers", True
    template = (
        "(not exists (select e from jsonb_array_elements({1}) as e"
        " except select e from jsonb_array_elements({0}) as e))"
    )


class _Overlaps(_Sets):
    name, inherit_cache = "overlaps", True
    template = (
        "(exists (select e from jsonb_array_elements({0}) as e"
        " intersect select e from jsonb_array_elements({1}) as e))"
    )


@compiles(_Sets)
def _compile(element: _Sets, compiler: Any, **keywords: Any) -> str:
    return element.template.format(*(compiler.process(c, **keywords) for c in element.clauses))
