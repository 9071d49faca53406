"""Spatial predicates: exact with GEOS; as SQL on boxes, what may be true and what may be false."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import shapely
import sqlalchemy as sa

from earthcode_common.ogc.cql2.guard import Refused
from earthcode_common.ogc.cql2.nodes import Field, Relation, Shape, Value
from earthcode_common.ogc.cql2.template import Sql, sql
from earthcode_common.ogc.query import Query
from earthcode_common.ogc.space import Space, asked_space

EXACT: dict[str, Callable[..., Any]] = {
    "s_intersects": shapely.intersects,
    "s_equals": shapely.equals,
    "s_disjoint": shapely.disjoint,
    "s_touches": shapely.touches,
    "s_within": shapely.within,
    "s_overlaps": shapely.overlaps,
    "s_crosses": shapely.crosses,
    "s_contains": shapely.contains,
}
_MIRRORED = {"s_within": "s_contains", "s_contains": "s_within"}


def related(op: str, left: Sequence[Any], right: Sequence[Any] | Any) -> Any:
    """Of arrays of geometries, of which the second may be one (prepared) geometry."""
    one = np.asarray(left, dtype=object)
    if isinstance(right, shapely.Geometry):  # The prepared one has to come first.
        return EXACT[_MIRRORED.get(op, op)](right, one)
    return EXACT[op](one, np.asarray(right, dtype=object))


def sides(relation: Relation) -> tuple[str, Field, Value]:
    """The predicate with a property on the left. Raises Refused for what has no shape."""
    for side in (relation.left, relation.right):
        if not isinstance(side, Shape) and not _is_place(side):
            raise Refused(f"{relation.op.upper()} compares geometries, one of which is a property")
    if isinstance(relation.left, Field):
        return relation.op, relation.left, relation.right
    assert isinstance(relation.right, Field)
    return _MIRRORED.get(relation.op, relation.op), relation.right, relation.left


def _is_place(node: Value) -> bool:
    return isinstance(node, Field) and node.kind == "geometry" and node.source == "geometry"


def asked(shape: Shape) -> Space:
    """Where the shape is, and, when its box says everything, that it does."""
    query = Query(bbox=shape.bbox) if shape.bbox else Query(intersects=shape.geometry)
    space = asked_space(query)
    assert space is not None
    return space


def maybe(c: Any, relation: Relation, wanted: bool) -> Sql:
    """All rows for which the predicate is ``wanted``, and perhaps more."""
    op, _, other = sides(relation)
    if not isinstance(other, Shape):
        return _has_shape(c)
    if op == "s_disjoint":
        op, wanted = "s_intersects", not wanted
    if wanted:
        return _box_test(c, asked(other), _MEETS)
    if op == "s_intersects" and other.bbox:
        return _box_test(c, asked(other), _NOT_INSIDE)
    return _has_shape(c)


_MEETS = "({0} <= {6} and {2} >= {4} and {1} <= {7} and {3} >= {5})"
_NOT_INSIDE = "(not ({0} >= {4} and {2} <= {6} and {1} >= {5} and {3} <= {7}))"


def _has_shape(c: Any) -> Sql:
    return sql("({0} is not null)", c.x0)


def _box_test(c: Any, space: Space, test: str) -> Sql:
    """Of the row's box against each of the asked ones; null without a box."""
    if not space.boxes:  # The whole world.
        return _has_shape(c) if test == _MEETS else sa.false()
    ways = [
        sql(test, c.x0, c.y0, c.x1, c.y1, *(sa.literal(number, sa.Double) for number in box))
        for box in space.boxes
    ]
    return sa.or_(*ways) if test == _MEETS else sa.and_(*ways)
