"""Conditions of a top-level AND that the store has an index for, moved into the query.

The store answers a place and a time, newest first, with one ordered scan; the same condition hidden
in ``where`` would be tested row by row.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from earthcode_common.ogc.cql2.moments import moment
from earthcode_common.ogc.cql2.nodes import (
    And,
    Compare,
    Condition,
    Field,
    In,
    Literal,
    Moment,
    Relation,
    Shape,
    Value,
)
from earthcode_common.ogc.cql2.relations import TEMPORAL
from earthcode_common.ogc.cql2.spatial import sides
from earthcode_common.ogc.datetimes import OPEN_END, OPEN_START, Interval
from earthcode_common.ogc.query import Query

_TURNED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "t_after": "t_before", "t_before": "t_after"}
_UNTIL, _SINCE = ("<", "<=", "t_before"), (">", ">=", "t_after")


def conjuncts(node: Condition) -> list[Condition]:
    if isinstance(node, And):
        return [part for item in node.items for part in conjuncts(item)]
    return [node]


def lifted(query: Query, node: Condition) -> tuple[Query, list[Condition]]:
    """A query that is as narrow as it can say, and the conditions that it does not say fully."""
    if query.match_missing:
        if query.bbox is not None or query.intersects is not None or query.interval is not None:
            return query, conjuncts(node)
        query = replace(query, match_missing=False)  # Without effect, and in the way below.
    rest = []
    for part in conjuncts(node):
        query, said = _narrowed(query, part)
        if not said:
            rest.append(part)
    return query, rest


def _narrowed(query: Query, node: Condition) -> tuple[Query, bool]:
    """The query, narrower if possible, and whether it now says all of the condition."""
    if isinstance(node, Compare | In):
        found = _key(query, node)
        if found is not None:
            return found, True
    if isinstance(node, Relation) and node.op.startswith("s_"):
        return _in_space(query, node)
    if isinstance(node, Compare) or (isinstance(node, Relation) and node.op in TEMPORAL):
        return _in_time(query, node)
    return query, False


def _key(query: Query, node: Compare | In) -> Query | None:
    """Equality with an id or a part."""
    items = node.items if isinstance(node, In) else (node.right,)
    value = node.value if isinstance(node, In) else node.left
    if isinstance(node, Compare) and isinstance(node.left, Literal):
        items, value = (node.left,), node.right
    texts = [i.value for i in items if isinstance(i, Literal) and isinstance(i.value, str)]
    equality = isinstance(node, In) or node.op == "="
    if not equality or len(texts) < len(items) or not isinstance(value, Field):
        return None
    if value.source == "id":
        return replace(query, ids=_both(query.ids, texts))
    return replace(query, parts=_both(query.parts, texts)) if value.source == "part" else None


def _both(one: Any, two: list[str]) -> list[str]:
    kept = two if one is None else [text for text in two if text in one]
    return list(dict.fromkeys(kept))


def _in_space(query: Query, node: Relation) -> tuple[Query, bool]:
    """All predicates but "disjoint" need shapes that meet."""
    shape = sides(node)[2]
    taken = query.bbox is not None or query.intersects is not None
    if taken or node.op == "s_disjoint" or not isinstance(shape, Shape):
        return query, False
    said = node.op == "s_intersects"
    if shape.bbox is not None:
        return replace(query, bbox=shape.bbox), said
    return replace(query, intersects=shape.geometry), said


def _in_time(query: Query, node: Compare | Relation) -> tuple[Query, bool]:
    op, left, right = node.op, node.left, node.right
    if _is_time(right):
        op, left, right = _TURNED.get(op, op), right, left
    asked = _constant(right) if _is_time(left) else None
    if asked is None or op in ("<>", "t_disjoint"):
        return query, False
    interval = _needed(op, asked)
    assert isinstance(left, Field)
    said = left.source == "time" and op in ("=", "<=", ">=", "t_intersects")
    both = interval if query.interval is None else _overlap(query.interval, interval)
    if both is None:
        return query, False
    return replace(query, interval=both), said


def _needed(op: str, asked: Moment) -> Interval:
    """What a row's time has to meet."""
    start = None if op in _UNTIL else _closed(asked.start, OPEN_START)
    end = None if op in _SINCE else _closed(asked.end, OPEN_END)
    if op in _UNTIL:
        end = _closed(asked.start if op != "<=" else asked.end, OPEN_END)
    if op in _SINCE:
        start = _closed(asked.end if op != ">=" else asked.start, OPEN_START)
    return Interval(start, end)


def _closed(moment: datetime, open_end: datetime) -> datetime | None:
    return None if moment == open_end else moment


def _overlap(one: Interval, two: Interval) -> Interval | None:
    """Not when they are apart: a row may meet both all the same."""
    starts = [i.start for i in (one, two) if i.start is not None]
    ends = [i.end for i in (one, two) if i.end is not None]
    start, end = max(starts, default=None), min(ends, default=None)
    return None if start and end and start > end else Interval(start, end)


def _constant(node: Value) -> Moment | None:
    if isinstance(node, Literal) and isinstance(node.value, str):
        return moment(node.value)
    return node if isinstance(node, Moment) else None


def _is_time(node: Value) -> bool:
    return isinstance(node, Field) and node.source in ("time", "start", "end")
